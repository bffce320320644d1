// SPDX-License-Identifier: GPL-2.0
// perf_event_open(2) with the software event cpu-clock on CPU 0: QEMU's TCG has no
// PMU, but its clock counts instructions, so that samples are spread by instructions.
#include "profile.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <vector>

#include "bracket.hpp"

namespace gauge {

namespace {

// 32 MiB: about 100 000 samples with chains of 30 frames.
constexpr std::size_t kRingPages = 8192;

struct Symbol {
  std::uint64_t at;
  std::string name;
};

std::vector<Symbol> kernel_symbols() {
  std::vector<Symbol> symbols;
  std::ifstream in("/proc/kallsyms");
  std::string line;
  while (std::getline(in, line)) {
    // "ffffffff81000000 T name [module]"; not "t" alone, "w" and "W" are code too.
    const auto name_end = line.find_first_of("\t ", 19);
    const char kind = line.size() > 19 ? line[17] : ' ';
    if (std::strchr("tTwW", kind) == nullptr) continue;
    symbols.push_back({std::stoull(line.substr(0, 16), nullptr, 16),
                       line.substr(19, name_end == std::string::npos ? name_end : name_end - 19)});
  }
  std::stable_sort(symbols.begin(), symbols.end(),
                   [](const Symbol& a, const Symbol& b) { return a.at < b.at; });
  return symbols;
}

std::string name_of(const std::vector<Symbol>& symbols, std::uint64_t at) {
  auto after = std::upper_bound(symbols.begin(), symbols.end(), at,
                                [](std::uint64_t v, const Symbol& s) { return v < s.at; });
  return after == symbols.begin() ? "?" : std::prev(after)->name;
}

void write_sysctl(const char* path, const char* value) {
  std::ofstream file(path);
  file << value << std::flush;
  if (!file) die(std::string("cannot set ") + path);
}

}  // namespace

Profile::Profile(std::uint64_t period_ns) {
  // The rate is counted per tick, of which an idle CPU has none; and it can only be
  // set before its slowing down by load is switched off.
  write_sysctl("/proc/sys/kernel/perf_cpu_time_max_percent", "25");
  write_sysctl("/proc/sys/kernel/perf_event_max_sample_rate", "100000000");
  write_sysctl("/proc/sys/kernel/perf_cpu_time_max_percent", "0");

  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_CPU_CLOCK;
  attr.sample_period = period_ns;
  attr.sample_type = PERF_SAMPLE_CALLCHAIN;
  attr.disabled = 1;
  attr.exclude_callchain_user = 1;
  fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  if (fd_ < 0) die("perf_event_open");
  map_len_ = (kRingPages + 1) * static_cast<std::size_t>(getpagesize());
  map_ = mmap(nullptr, map_len_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (map_ == MAP_FAILED) die("mmap of perf's ring");
}

Profile::~Profile() {
  if (map_ != nullptr && map_ != MAP_FAILED) munmap(map_, map_len_);
  if (fd_ >= 0) close(fd_);
}

void Profile::start() {
  ioctl(fd_, PERF_EVENT_IOC_ENABLE, 0);
}
void Profile::stop() {
  ioctl(fd_, PERF_EVENT_IOC_DISABLE, 0);
}

void Profile::write(const std::string& path) const {
  const auto* page = static_cast<const perf_event_mmap_page*>(map_);
  const auto* data = static_cast<const std::uint8_t*>(map_) + page->data_offset;
  const std::uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
  const auto symbols = kernel_symbols();
  std::map<std::string, std::uint64_t> chains;

  // The ring is never read before: it stops when it is full, and never wraps.
  std::uint64_t at = 0;
  while (at + sizeof(perf_event_header) <= head && at < page->data_size) {
    perf_event_header header{};
    std::memcpy(&header, data + at, sizeof(header));
    if (header.type == PERF_RECORD_LOST || header.type == PERF_RECORD_THROTTLE) {
      errno = 0;
      die("profile: samples were lost or throttled");
    }
    if (header.type == PERF_RECORD_SAMPLE) {
      std::uint64_t count = 0;
      std::memcpy(&count, data + at + sizeof(header), sizeof(count));
      std::vector<std::uint64_t> ips(count);
      std::memcpy(ips.data(), data + at + sizeof(header) + sizeof(count), count * sizeof(ips[0]));
      std::string chain;
      if ((header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER) {
        chain = "[user]";
      } else {
        bool innermost = true;
        for (const auto ip : ips) {
          if (ip >= PERF_CONTEXT_MAX) continue;  // a marker, not an address
          if (!chain.empty()) chain += ';';
          // A return address stands behind its call.
          chain += name_of(symbols, innermost ? ip : ip - 1);
          innermost = false;
        }
      }
      ++chains[chain];
    }
    at += header.size;
  }

  std::ofstream out(path);
  for (const auto& [chain, count] : chains)
    out << count << ' ' << chain << '\n';
  if (!out) die("cannot write " + path);
}

}  // namespace gauge

// SPDX-License-Identifier: GPL-2.0
// /proc/stat and /proc/uptime have the idle time in hundredths of a second, too coarse for runs
// of half a second. Up to Linux 6.x /proc/timer_list has it in nanoseconds; later kernels keep
// it in kernel_cpustat, which is read from /proc/kcore, its layout taken from BTF. There an
// idle time shorter than a tick is counted by the tick, so in the mean only.
#include "idle.hpp"

#include <bpf/btf.h>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bracket.hpp"

namespace gauge {

namespace {

std::optional<std::int64_t> from_timer_list() {
  std::ifstream list("/proc/timer_list");
  std::string word;
  std::optional<std::int64_t> sum;
  while (list >> word) {
    if (word != ".idle_sleeptime") continue;
    std::int64_t ns = 0;
    if (list >> word >> ns) sum = sum.value_or(0) + ns;
  }
  return sum;
}

std::uint64_t symbol(const std::string& wanted) {
  std::ifstream in("/proc/kallsyms");
  std::string address, kind, name, rest;
  while (in >> address >> kind >> name && std::getline(in, rest))
    if (name == wanted) return std::stoull(address, nullptr, 16);
  die("the kernel has no " + wanted);
}

// Where kernel_cpustat.cpustat[CPUTIME_IDLE] is in its structure.
std::uint64_t idle_offset() {
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__load_vmlinux_btf(), btf__free);
  if (!types) die("the kernel has no BTF");
  const auto type = [&types](const char* name, std::uint32_t kind) {
    const int id = btf__find_by_name_kind(types.get(), name, kind);
    if (id < 0) die(std::string("the kernel's BTF has no ") + name);
    return btf__type_by_id(types.get(), static_cast<std::uint32_t>(id));
  };
  const auto is = [&types](std::uint32_t offset, const char* name) {
    return std::string(btf__name_by_offset(types.get(), offset)) == name;
  };
  const btf_type* times = type("cpu_usage_stat", BTF_KIND_ENUM);
  const btf_type* stat = type("kernel_cpustat", BTF_KIND_STRUCT);
  std::optional<std::uint64_t> index, start;
  for (std::uint32_t i = 0; i < btf_vlen(times); i++)
    if (is(btf_enum(times)[i].name_off, "CPUTIME_IDLE"))
      index = static_cast<std::uint64_t>(btf_enum(times)[i].val);
  for (std::uint32_t i = 0; i < btf_vlen(stat); i++)
    if (is(btf_members(stat)[i].name_off, "cpustat")) start = btf_member_bit_offset(stat, i) / 8;
  if (!index || !start) die("the kernel's BTF does not tell where the idle time is");
  return *start + *index * sizeof(std::uint64_t);
}

// The kernel's memory, as an ELF core file.
class Kcore {
 public:
  Kcore() : fd_(open("/proc/kcore", O_RDONLY | O_CLOEXEC)) {
    Elf64_Ehdr header{};
    if (fd_ < 0 || pread(fd_, &header, sizeof(header), 0) != sizeof(header)) die("/proc/kcore");
    parts_.resize(header.e_phnum);
    const auto len = static_cast<ssize_t>(parts_.size() * sizeof(Elf64_Phdr));
    if (pread(fd_, parts_.data(), static_cast<std::size_t>(len),
              static_cast<off_t>(header.e_phoff)) != len)
      die("/proc/kcore's headers");
  }
  Kcore(const Kcore&) = delete;
  Kcore& operator=(const Kcore&) = delete;
  ~Kcore() { close(fd_); }

  [[nodiscard]] std::uint64_t word(std::uint64_t address) const {
    for (const Elf64_Phdr& part : parts_) {
      if (part.p_type != PT_LOAD || address - part.p_vaddr >= part.p_memsz) continue;
      std::uint64_t value = 0;
      const auto at = static_cast<off_t>(part.p_offset + (address - part.p_vaddr));
      if (pread(fd_, &value, sizeof(value), at) != sizeof(value)) break;
      return value;
    }
    die("/proc/kcore does not have what it should");
  }

 private:
  int fd_;
  std::vector<Elf64_Phdr> parts_;
};

// Of CPU 0, which is the only one.
std::int64_t from_cpustat() {
  static const Kcore kcore;
  static const std::uint64_t address =
      symbol("kernel_cpustat") + kcore.word(symbol("__per_cpu_offset")) + idle_offset();
  return static_cast<std::int64_t>(kcore.word(address));
}

}  // namespace

std::int64_t idle_ns() {
  if (const auto ns = from_timer_list()) return *ns;
  return from_cpustat();
}

}  // namespace gauge

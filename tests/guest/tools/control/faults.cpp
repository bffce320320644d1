// SPDX-License-Identifier: GPL-2.0
// plait-faults: does everything that one can ask of the module while memory fails. First each
// call site of an allocator in plait.ko fails (failsite.ko), then, by the kernel's own fault
// injection (/proc/thread-self/fail-nth), each allocation below them, one at a time. What is
// asked must then succeed or be refused, and succeed when it is asked again.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "deeds.hpp"

namespace {

using control::Deed;

constexpr const char* kUsage =
    R"(plait-faults FILE [DEED]

FILE has a line for each call site that can fail on a control path: the number that
failsite.ko knows it by, and its name. Runs in the namespace a of topology.sh. DEED: only
that one.
)";
constexpr unsigned kNthMax = 2000;

// --- failsite.ko -------------------------------------------------------------------

std::string parameter(const std::string& name) {
  return "/sys/module/failsite/parameters/" + name;
}

void set_parameter(const std::string& name, const std::string& value) {
  std::ofstream file(parameter(name));
  if (!(file << value << std::flush)) throw std::runtime_error("cannot set " + name);
}

std::vector<unsigned> calls() {
  std::ifstream file(parameter("calls"));
  std::vector<unsigned> counts;
  for (unsigned count = 0; file >> count;) {
    counts.push_back(count);
  }
  return counts;
}

unsigned failed() {
  unsigned count = 0;
  std::ifstream(parameter("failed")) >> count;
  return count;
}

/// The nth call of a site fails, 0: each.
void arm(unsigned site, unsigned nth) {
  set_parameter("calls", "0");
  set_parameter("nth", std::to_string(nth));
  set_parameter("fail", std::to_string(1ULL << site));
}

void disarm() {
  set_parameter("fail", "0");
}

struct Site {
  unsigned number = 0;
  std::string name{};
  unsigned failures = 0;
};

// --- what must be so after a failure -------------------------------------------------

void must_succeed(const Deed& deed, const std::string& when) {
  const int error = deed.run();
  if (error != 0) {
    throw std::runtime_error(std::string(deed.name) + " " + when + ": " + std::strerror(error));
  }
}

/// After an attempt that met a failure and returned `error`.
void recover(const Deed& deed, int error, const std::string& what) {
  if (error != 0) {
    if (error != ENOMEM && error != ENOBUFS) {
      std::printf("  %s: %s said: %s\n", what.c_str(), deed.name, std::strerror(error));
    }
    must_succeed(deed, "after " + what + " had failed");
  }
  deed.undo();
}

// --- the two ways to fail --------------------------------------------------------------

class Faults {
 public:
  explicit Faults(const std::string& file) : fail_nth_(open("/proc/thread-self/fail-nth", O_RDWR)) {
    std::ifstream lines(file);
    Site site;
    while (lines >> site.number >> site.name) {
      sites_.push_back(site);
    }
    if (sites_.empty()) throw std::runtime_error("no sites in " + file);
    if (fail_nth_.get() < 0) throw std::runtime_error("this kernel has no fail-nth");
  }

  void try_deed(const Deed& deed) {
    deed.prepare();
    const auto start = std::chrono::steady_clock::now();
    const unsigned at_sites = fail_sites(deed);
    const unsigned below = fail_below(deed);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::printf("%-32s %3u failed call sites, %3u failed allocations, %.1f s\n", deed.name,
                at_sites, below, time.count());
    std::fflush(stdout);
    deed.finish();
  }

  /// Prints what was never reached. Returns whether all was.
  [[nodiscard]] bool report() const {
    unsigned reached = 0;
    for (const Site& site : sites_) {
      reached += site.failures > 0 ? 1 : 0;
      if (site.failures == 0) std::printf("never failed: %s\n", site.name.c_str());
    }
    std::printf("%u of %zu allocator call sites of plait.ko on control paths failed\n", reached,
                sites_.size());
    return reached == sites_.size();
  }

 private:
  /// Each call of each site that the deed comes by, then all of a site's. Returns how many
  /// times it was done.
  unsigned fail_sites(const Deed& deed) {
    set_parameter("calls", "0");
    must_succeed(deed, "with memory");
    const std::vector<unsigned> reached = calls();
    deed.undo();
    unsigned count = 0;
    for (Site& site : sites_) {
      const unsigned times = reached.at(site.number);
      for (unsigned nth = times > 1 ? 0 : 1; nth <= times; nth++) {
        arm(site.number, nth);
        const int error = deed.run();
        disarm();
        if (failed() == 0) continue;  // it did not come by again
        site.failures += failed();
        count++;
        recover(deed, error, site.name);
      }
    }
    return count;
  }

  /// The first, second... allocation made anywhere below plait.ko.
  unsigned fail_below(const Deed& deed) {
    for (unsigned nth = 1; nth <= kNthMax; nth++) {
      write_nth(nth);
      const int error = deed.run();
      const bool met = read_nth() == 0;
      write_nth(0);
      if (!met) {
        if (error != 0) {
          throw std::runtime_error(std::string(deed.name) + " fails by itself, at " +
                                   std::to_string(nth) + ": " + std::strerror(error));
        }
        deed.undo();
        return nth - 1;
      }
      recover(deed, error, "allocation " + std::to_string(nth));
    }
    throw std::runtime_error(std::string(deed.name) + " allocates without end");
  }

  void write_nth(unsigned nth) const {
    const std::string text = std::to_string(nth);
    if (pwrite(fail_nth_.get(), text.data(), text.size(), 0) < 0) {
      throw std::system_error(errno, std::generic_category(), "fail-nth");
    }
  }
  [[nodiscard]] unsigned read_nth() const {
    char text[16] = {};
    if (pread(fail_nth_.get(), text, sizeof text - 1, 0) < 0) {
      throw std::system_error(errno, std::generic_category(), "fail-nth");
    }
    return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
  }

  std::vector<Site> sites_{};
  control::Fd fail_nth_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw std::invalid_argument(kUsage);
    Faults faults(argv[1]);
    const control::Bench bench;
    for (const Deed& deed : bench.deeds()) {
      if (argc < 3 || std::string(argv[2]) == deed.name) faults.try_deed(deed);
    }
    return faults.report() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "plait-faults: %s\n", error.what());
  }
  return EXIT_FAILURE;
}

// SPDX-License-Identifier: GPL-2.0
// /proc/timer_list has it in nanoseconds, on kernels before 7.x. On later ones /proc/stat has
// it in hundredths of a second, as the tick finds the CPU: good enough to see that there was
// none, which is so of all that goes by system calls.
#include "idle.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

#include "bracket.hpp"

namespace gauge {

namespace {

// ".idle_sleeptime : NUMBER nsecs", or -1 if the kernel has no such line.
std::int64_t from_timer_list() {
  std::ifstream in("/proc/timer_list");
  std::string word;
  while (in >> word) {
    std::int64_t ns = 0;
    if (word == ".idle_sleeptime" && in >> word >> ns) return ns;
  }
  return -1;
}

std::int64_t from_stat() {
  std::ifstream in("/proc/stat");
  std::string cpu;
  std::int64_t user = 0, nice = 0, system = 0, idle = 0;
  if (!(in >> cpu >> user >> nice >> system >> idle)) die("/proc/stat tells no idle time");
  return idle * (1'000'000'000 / sysconf(_SC_CLK_TCK));
}

}  // namespace

std::int64_t idle_ns() {
  const std::int64_t ns = from_timer_list();
  return ns >= 0 ? ns : from_stat();
}

}  // namespace gauge

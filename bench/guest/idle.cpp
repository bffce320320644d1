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

// The number behind a word, or -1.
std::int64_t number_behind(const char* path, const std::string& wanted) {
  std::ifstream in(path);
  std::string word;
  std::int64_t number = -1;
  while (in >> word)
    if (word == wanted && in >> number) return number;
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
  const std::int64_t ns = number_behind("/proc/timer_list", ".idle_sleeptime");
  return ns >= 0 ? ns : from_stat();
}

}  // namespace gauge

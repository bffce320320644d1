// SPDX-License-Identifier: GPL-2.0
// /proc/timer_list has the idle time in nanoseconds; /proc/stat and /proc/uptime
// have it in hundredths of a second, too coarse for runs of half a second.
#include "bracket.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>

namespace gauge {

namespace {

std::int64_t idle_ns() {
  std::ifstream list("/proc/timer_list");
  std::string word;
  std::int64_t sum = 0;
  bool found = false;
  while (list >> word) {
    if (word != ".idle_sleeptime") continue;
    std::int64_t ns = 0;
    if (list >> word >> ns) {
      sum += ns;
      found = true;
    }
  }
  if (!found) die("/proc/timer_list tells no idle_sleeptime");
  return sum;
}

}  // namespace

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

Bracket::Bracket() : idle_ns_(idle_ns()), start_ns_(now_ns()) {}

Span Bracket::end() const {
  const std::int64_t stop = now_ns();
  return {stop - start_ns_, idle_ns() - idle_ns_};
}

void enter_netns(const std::string& name) {
  const int fd = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) die("cannot enter network namespace " + name);
  close(fd);
}

void die(const std::string& what) {
  std::cerr << "gauge: " << what;
  if (errno != 0) std::cerr << ": " << std::strerror(errno);
  std::cerr << '\n';
  std::exit(1);
}

}  // namespace gauge

// SPDX-License-Identifier: GPL-2.0
// The idle time is read outside of the stretch, on either side.
#include "bracket.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>

#include "idle.hpp"

namespace gauge {

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

// SPDX-License-Identifier: GPL-2.0
// A handler may do little: it sets a flag.
#include "stop.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "clock.hpp"

namespace plaitbench {
namespace {

std::atomic<bool> asked_by_signal{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void ask(int) {
  asked_by_signal = true;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "sigaction");
  }
}

}  // namespace

void watch_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    handle(signal, ask, static_cast<int>(SA_RESETHAND));
  }
  handle(SIGPIPE, SIG_IGN, 0);
}

bool signalled() {
  return asked_by_signal;
}

void sleep_until_ns(std::uint64_t time_ns) {
  constexpr std::uint64_t second = 1'000'000'000;
  const timespec until{.tv_sec = static_cast<time_t>(time_ns / second),
                       .tv_nsec = static_cast<long>(time_ns % second)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR &&
         !signalled()) {
  }
}

}  // namespace plaitbench

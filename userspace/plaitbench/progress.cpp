// SPDX-License-Identifier: GPL-2.0
// Standard error, so that the output can go into a file.
#include "progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace plaitbench {
namespace {

std::size_t columns_now() {
  constexpr std::size_t usual = 80;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t all, const std::string& what,
                          std::size_t columns) {
  constexpr std::size_t width = 20;
  const std::size_t of = std::max<std::size_t>(all, 1);
  const std::size_t now = std::min(done, of);
  const std::string bar(width * now / of, '#');
  return fmt::format("[{:-<{}}] {:3} %  {}", bar, width, 100 * now / of, what).substr(0, columns);
}

Progress::Progress(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) == 1) {}

void Progress::show(const std::string& what) {
  if (!shown_) return;
  // The last column stays free, or some terminals begin a new line.
  fmt::print(stderr, "\r{}\x1b[K", progress_line(done_, all_, what, columns_now() - 1));
  (void)std::fflush(stderr);
}

void Progress::clear() {
  if (!shown_) return;
  (void)std::fputs("\r\x1b[K", stderr);
  (void)std::fflush(stderr);
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// Raw input, the alternate screen, and signals as something to poll.
#include "terminal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include "commands.hpp"

namespace plaitctl {
namespace {

constexpr auto enter = "\x1b[?1049h\x1b[?25l";  // alternate screen, no cursor
constexpr auto leave = "\x1b[?25h\x1b[?1049l";

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH}) {
    sigaddset(&set, signal);
  }
  return set;
}

Size size_now() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.columns = size.ws_col, .rows = size.ws_row};
}

}  // namespace

std::string screen(const std::string& text, Size size) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, std::min(end, size.columns)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::string more;
  if (lines.size() > size.rows && size.rows > 0) {
    more = fmt::format("... {} lines more", lines.size() - size.rows + 1);
    lines.resize(size.rows);
    lines.back() = std::string_view(more).substr(0, size.columns);
  }
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); i++) {
    out += i == 0 ? "" : "\r\n";
    out += fmt::format("{}\x1b[K", lines[i]);
  }
  return out + "\x1b[J";
}

bool Terminal::is_there() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

Terminal::Terminal() {
  const sigset_t set = handled();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  if (signals_ < 0 || tcgetattr(STDIN_FILENO, &before_) != 0) {
    throw std::system_error(errno, std::generic_category(), "terminal");
  }
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  print(enter);
}

Terminal::~Terminal() {
  // Not print(): the terminal may be gone, and that must not throw here.
  (void)std::fputs(leave, stdout);
  (void)std::fflush(stdout);
  tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  close(signals_);
  const sigset_t set = handled();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Terminal::show(const std::string& text) const {
  print(screen(text, size_now()));
}

Terminal::Event Terminal::wait(std::chrono::milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    std::array<pollfd, 2> waiting{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                   {.fd = signals_, .events = POLLIN, .revents = 0}}};
    const int ready = left.count() <= 0
                          ? 0
                          : poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    if (ready == 0) {
      return Event::time;
    }
    if (ready < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (waiting[1].revents != 0) {
      signalfd_siginfo signal{};
      if (read(signals_, &signal, sizeof(signal)) == sizeof(signal)) {
        if (signal.ssi_signo == SIGWINCH) return Event::resize;
        if (signal.ssi_signo != SIGTSTP) return Event::quit;
      }
    }
    if (waiting[0].revents != 0) {
      constexpr char end_of_transmission = 4;
      char key = 0;
      const ssize_t got = read(STDIN_FILENO, &key, 1);
      if (got <= 0 || key == 'q' || key == 'Q' || key == end_of_transmission) {
        return Event::quit;
      }
    }
  }
}

}  // namespace plaitctl

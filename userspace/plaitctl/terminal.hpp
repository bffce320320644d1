// SPDX-License-Identifier: GPL-2.0
// A terminal taken over for a live view, and given back as it was.
#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace plaitctl {

struct Size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// What a screen of that size shows of a text: lines cut to its width, and when there are too
/// many, the first ones and how many follow. Plain ANSI: it overwrites what stood there.
std::string screen(const std::string& text, Size size);

/// Standard input and output as a screen. Signals that would end the process come as Event::quit
/// while it lives, so that the terminal is always given back.
class Terminal {
 public:
  enum class Event { time, resize, quit };

  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  /// Standard input and output are one.
  static bool is_there();

  void show(const std::string& text) const;

  /// Until the time is over, the size changes, or q is pressed.
  [[nodiscard]] Event wait(std::chrono::milliseconds time) const;

 private:
  termios before_{};
  int signals_ = -1;
};

}  // namespace plaitctl

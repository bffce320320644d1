// SPDX-License-Identifier: GPL-2.0
// A line on a terminal that says how far the run is; nothing elsewhere.
#pragma once

#include <cstddef>
#include <string>

namespace plaitbench {

/// "[#####-----]  50 %  what", no wider than that.
std::string progress_line(std::size_t done, std::size_t all, const std::string& what,
                          std::size_t columns);

class Progress {
 public:
  /// Shown if standard error is a terminal and it is wanted.
  explicit Progress(bool wanted);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void plan(std::size_t steps) { all_ = steps; }
  void step_done() { done_++; }
  /// Searches may end before their time: the steps that are left are done.
  void skip_to(std::size_t done) { done_ = done; }
  void show(const std::string& what);
  /// Takes the line away, so that something else can be written.
  void clear();

 private:
  bool shown_;
  std::size_t done_ = 0;
  std::size_t all_ = 0;
};

}  // namespace plaitbench

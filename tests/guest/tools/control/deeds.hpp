// SPDX-License-Identifier: GPL-2.0
// Everything that one can ask of plait.ko, each as a deed that can be undone and done again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "requests.hpp"

namespace control {

struct Deed {
  const char* name;
  /// 0 or errno.
  std::function<int()> run;
  /// Puts back what run() changed, as if it had not been.
  std::function<void()> undo = [] {};
  /// Before the first run() and after the last undo().
  std::function<void()> prepare = [] {}, finish = [] {};
};

/// Two devices in this namespace, one with a lane and one with four, both with strand and
/// key, and a listener to events: what the deeds are done to.
class Bench {
 public:
  Bench();
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  [[nodiscard]] const std::vector<Deed>& deeds() const { return deeds_; }

 private:
  void set_up();
  void find_devices();
  int plait(const std::function<Request(const Plait&)>& make);
  int dump(std::uint8_t command);
  void must(int error, const char* what);

  void links();
  void devices();
  void strands();
  void keys();
  void prefixes();
  void module();

  Socket route_, generic_, events_;
  Plait plait_{0};
  std::uint32_t one_ = 0, four_ = 0;
  std::vector<Deed> deeds_{};
};

}  // namespace control

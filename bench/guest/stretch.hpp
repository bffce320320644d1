// SPDX-License-Identifier: GPL-2.0
// A stretch of work: its instructions, and if wanted where they went.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bracket.hpp"
#include "profile.hpp"

namespace gauge {

// Where the profile goes, and how often to sample; no file: no profile.
struct Sampling {
  std::string file;
  std::uint64_t period_ns = 0;
};

class Stretch {
 public:
  // Made before the work, as a profile's memory takes time to come.
  explicit Stretch(Sampling sampling);

  void begin();
  void end();
  // Once ended: prints "WORDS total=NS idle=NS", and writes the profile.
  void report(const std::string& words) const;

 private:
  Sampling sampling_;
  std::unique_ptr<Profile> profile_;
  std::optional<Bracket> bracket_;
  Span span_;
};

}  // namespace gauge

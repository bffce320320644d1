// SPDX-License-Identifier: GPL-2.0
// What came out, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "json.hpp"
#include "suite.hpp"

namespace plaitbench {

/// Who measured what, between whom.
struct About {
  std::string command;  ///< as it was given
  std::string time;     ///< of the beginning, UTC
  bool reverse = false;
  std::uint32_t mtu = 0;  ///< of the path, 0: not looked at
  Json client;
  Json server;
  std::string error;  ///< what ended it too early
};

/// Two lines of who and what, then.
std::string view_about(const About& about);

/// A table of the outcomes of one test, and what limited each, in sentences.
std::string view_outcomes(const std::vector<Outcome>& outcomes);

/// Everything, each trial's raw figures included: plaitbench(8) has the names.
Json report_json(const About& about, const std::vector<Outcome>& outcomes);

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// What limited a trial: read from what both ends have counted, most telling first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"
#include "trial.hpp"

namespace plaitbench {

enum class Limit {
  rate_reached,     ///< nothing: what was asked for was sent, and came
  sender_cpu,       ///< the sending thread, or a CPU of its host, had no time left
  sender_queue,     ///< the send buffer, or the device behind it, took no more
  sender_late,      ///< pauses that nobody is known to have caused
  sender_drops,     ///< packets died on the sending host
  receiver_socket,  ///< the receiving program did not read fast enough
  receiver_drops,   ///< packets died on the receiving host
  receiver_cpu,     ///< lost without a trace, while a CPU there had no time left
  path,             ///< lost, or slow, without a trace at either end
  round_trip,       ///< one request at a time waits for its answer
};

/// "rate-reached", "sender-cpu" …
std::string_view to_string(Limit limit);

struct Verdict {
  Limit limit = Limit::rate_reached;
  std::vector<std::string> evidence;  ///< sentences, each with its figures
};

/// tolerance: the share of loss that is none.
Verdict verdict_of(const Trial& trial, double tolerance);

Json to_json(const Verdict& verdict);

}  // namespace plaitbench

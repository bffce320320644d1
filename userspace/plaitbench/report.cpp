// SPDX-License-Identifier: GPL-2.0
// Tables and JSON of outcomes.
#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "table.hpp"

namespace plaitbench {
namespace {

using tools::Table;
using Align = Table::Align;
using Cells = std::vector<std::string>;

std::string count(double number) {
  return tools::human_count(static_cast<std::uint64_t>(number));
}

// Bits of IP packets a second.
std::string bits(double packets_per_second, const Size& size) {
  constexpr double octet = 8;
  return tools::human_rate(packets_per_second * octet * size.mean());
}

std::string percent(double share) {
  constexpr double fine = 0.01;
  return share > 0 && share < fine ? fmt::format("{:.3f} %", 100 * share)
                                   : fmt::format("{:.0f} %", 100 * share);
}

std::string us(std::uint64_t ns) {
  return fmt::format("{:.1f} us", static_cast<double>(ns) / 1000);
}

std::string name_of(const Size& size) {
  return size.name == "imix" ? size.name : size.name + " B";
}

// The trial whose rate is the result; the slowest if none passed.
const Trial& best_trial(const Outcome& outcome) {
  const auto distance = [&](const Trial& trial) {
    return std::abs(trial.sent_rate() - outcome.best);
  };
  return *std::ranges::min_element(outcome.trials, {}, distance);
}

Table throughput_table(const std::vector<Outcome>& outcomes) {
  Table table({{"THROUGHPUT"},
               {"RATE", Align::right},
               {"PACKETS/S", Align::right},
               {"TRIALS", Align::right},
               {"SENDER CPU", Align::right},
               {"RECEIVER CPU", Align::right},
               {"LIMITED BY"}});
  for (const auto& outcome : outcomes) {
    const auto& trial = best_trial(outcome);
    const auto* more = outcome.at_least ? "at least " : "";
    table.add({name_of(*outcome.size), more + bits(outcome.best, *outcome.size),
               count(outcome.best), std::to_string(outcome.trials.size()),
               percent(trial.sender.cpu.all), percent(trial.receiver.cpu.all),
               std::string(to_string(outcome.verdict.limit))});
  }
  return table;
}

// The trials that count: one during which a host paused may have been made again.
std::vector<Trial> counted(const Outcome& outcome) {
  std::vector<Trial> trials;
  for (const auto& trial : outcome.trials) {
    if (!trials.empty() && trials.back().paused() && trials.back().spec.rate == trial.spec.rate) {
      trials.pop_back();
    }
    trials.push_back(trial);
  }
  return trials;
}

Table loss_table(const std::vector<Outcome>& outcomes) {
  Table table({{"LOSS"},
               {"SENT", Align::right},
               {"PACKETS/S", Align::right},
               {"LOST", Align::right},
               {"REORDERED", Align::right},
               {"TWICE", Align::right},
               {"SENDER CPU", Align::right},
               {"RECEIVER CPU", Align::right}});
  for (const auto& outcome : outcomes) {
    for (const auto& trial : counted(outcome)) {
      table.add(
          {name_of(*outcome.size), bits(trial.sent_rate(), *outcome.size), count(trial.sent_rate()),
           percent(trial.loss()) + (trial.offered() ? "" : " (not offered)"),
           std::to_string(trial.received.reordered), std::to_string(trial.received.duplicates),
           percent(trial.sender.cpu.all), percent(trial.receiver.cpu.all)});
    }
  }
  return table;
}

// Columns, and behind them those of add_times().
Table with_times(std::vector<Table::Column> columns) {
  for (const auto* title : {"50 %", "90 %", "99 %", "99.9 %", "MAX"}) {
    columns.push_back({title, Align::right});
  }
  return Table(std::move(columns));
}

void add_times(Cells& cells, const Histogram& times) {
  constexpr std::array percents{50.0, 90.0, 99.0, 99.9};
  for (const double one : percents)
    cells.push_back(us(times.percentile(one)));
  cells.push_back(us(times.max()));
}

Table latency_table(const std::vector<Outcome>& outcomes) {
  Table table = with_times({{"ROUND TRIP"},
                            {"LOAD", Align::right},
                            {"PACKETS/S", Align::right},
                            {"PROBES", Align::right},
                            {"LOST", Align::right}});
  for (const auto& outcome : outcomes) {
    for (const auto& trial : counted(outcome)) {
      Cells cells{name_of(*outcome.size), bits(trial.sent_rate(), *outcome.size),
                  count(trial.sent_rate()), std::to_string(trial.sent.round_trips.count()),
                  percent(trial.loss()) + (trial.offered() ? "" : " (not offered)")};
      add_times(cells, trial.sent.round_trips);
      table.add(std::move(cells));
    }
  }
  return table;
}

Table bursts_table(const std::vector<Outcome>& outcomes) {
  Table table({{"BURSTS"},
               {"LONGEST", Align::right},
               {"REPEATED", Align::right},
               {"SENT AT", Align::right},
               {"LIMITED BY"}});
  for (const auto& outcome : outcomes) {
    const auto& last = outcome.trials.back();
    table.add({name_of(*outcome.size),
               fmt::format("{}{:.0f}", outcome.at_least ? "at least " : "", outcome.best),
               std::to_string(last.spec.repeat), bits(last.sent_rate(), *outcome.size),
               outcome.at_least ? "" : std::string(to_string(outcome.verdict.limit))});
  }
  return table;
}

Table tcp_table(const std::vector<Outcome>& outcomes) {
  constexpr double octet = 8;
  Table table({{"TCP"},
               {"STREAMS", Align::right},
               {"RATE", Align::right},
               {"SENT AGAIN", Align::right},
               {"SENDER CPU", Align::right},
               {"RECEIVER CPU", Align::right},
               {"LIMITED BY"}});
  for (const auto& outcome : outcomes) {
    const auto& trial = outcome.trials.back();
    const double seconds = trial.received.seconds;
    table.add({"bulk", std::to_string(trial.spec.streams),
               tools::human_rate(
                   seconds > 0 ? octet * static_cast<double>(trial.received.octets) / seconds : 0),
               std::to_string(trial.sent.retransmitted), percent(trial.sender.cpu.all),
               percent(trial.receiver.cpu.all), std::string(to_string(outcome.verdict.limit))});
  }
  return table;
}

Table rr_table(const std::vector<Outcome>& outcomes) {
  Table table = with_times({{"REQUESTS"}, {"A SECOND", Align::right}});
  for (const auto& outcome : outcomes) {
    const auto& trial = outcome.trials.back();
    Cells cells{"1 octet, TCP", count(trial.sent_rate())};
    add_times(cells, trial.sent.round_trips);
    table.add(std::move(cells));
  }
  return table;
}

Table table_of(const std::vector<Outcome>& outcomes) {
  switch (outcomes.front().test) {
    case Test::throughput:
      return throughput_table(outcomes);
    case Test::loss:
      return loss_table(outcomes);
    case Test::latency:
      return latency_table(outcomes);
    case Test::bursts:
      return bursts_table(outcomes);
    case Test::tcp:
      return tcp_table(outcomes);
    case Test::rr:
      break;
  }
  return rr_table(outcomes);
}

std::string text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "unknown";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string view_host(const char* role, const Json& host) {
  const auto device = host.value("device", Json::object());
  auto text = fmt::format("{}: {}, Linux {}, {} CPUs, {} (MTU {}", role, text_at(host, "name"),
                          text_at(host, "release"), text_at(host, "cpus"), text_at(device, "name"),
                          text_at(device, "mtu"));
  if (text_at(device, "kind") == "plait") {
    text +=
        fmt::format(", plait, {}, lanes: {}", text_at(device, "cipher"), text_at(device, "lanes"));
  }
  return text + ")\n";
}

Json trial_json(const Trial& trial) {
  return {{"spec", to_json(trial.spec)},
          {"sent", to_json(trial.sent)},
          {"received", to_json(trial.received)},
          {"sent_rate", trial.sent_rate()},
          {"received_rate", trial.received_rate()},
          {"loss", trial.spec.traffic == Spec::Traffic::udp ? Json(trial.loss()) : Json()},
          {"offered", trial.offered()},
          {"round_trip", percentiles_json(trial.sent.round_trips)},
          {"sender", to_json(trial.sender)},
          {"receiver", to_json(trial.receiver)}};
}

Json outcome_json(const Outcome& outcome) {
  constexpr double octet = 8;
  Json json{{"test", to_string(outcome.test)}};
  json["size"] = outcome.size ? Json(outcome.size->name) : Json();
  json["octets"] = outcome.size ? Json(outcome.size->octets) : Json();
  if (outcome.test == Test::throughput) {
    json["packets_per_second"] = outcome.best;
    json["bits_per_second"] = outcome.best * octet * outcome.size->mean();
    json["at_least"] = outcome.at_least;
  } else if (outcome.test == Test::bursts) {
    json["packets"] = static_cast<std::uint64_t>(outcome.best);
    json["at_least"] = outcome.at_least;
  } else if (outcome.test == Test::tcp) {
    const auto& received = outcome.trials.back().received;
    json["bits_per_second"] =
        received.seconds > 0 ? octet * static_cast<double>(received.octets) / received.seconds : 0;
  } else if (outcome.test == Test::rr) {
    json["requests_per_second"] = outcome.trials.back().sent_rate();
  }
  json["limited_by"] = to_json(outcome.verdict);
  json["trials"] = Json::array();
  for (const auto& trial : outcome.trials)
    json["trials"].push_back(trial_json(trial));
  return json;
}

}  // namespace

std::string view_about(const About& about) {
  return view_host("client", about.client) + view_host("server", about.server) +
         fmt::format("the {} sends{}\n", about.reverse ? "server" : "client",
                     about.mtu == 0 ? "" : fmt::format("; the path takes {} octets", about.mtu));
}

std::string view_outcomes(const std::vector<Outcome>& outcomes) {
  if (outcomes.empty()) return {};
  auto text = table_of(outcomes).to_string();
  std::set<std::string> said;
  for (const auto& outcome : outcomes) {
    for (const auto& sentence : outcome.verdict.evidence) {
      const auto line =
          fmt::format("  {}{}\n", outcome.size ? name_of(*outcome.size) + ": " : "", sentence);
      if (said.insert(line).second) text += line;
    }
  }
  return text;
}

Json report_json(const About& about, const std::vector<Outcome>& outcomes) {
  Json json{{"format", 1},
            {"plaitbench", PLAIT_VERSION},
            {"time", about.time},
            {"command", about.command},
            {"direction", about.reverse ? "server-to-client" : "client-to-server"},
            {"path_mtu", about.mtu == 0 ? Json() : Json(about.mtu)},
            {"client", about.client},
            {"server", about.server}};
  if (!about.error.empty()) json["error"] = about.error;
  json["results"] = Json::array();
  for (const auto& outcome : outcomes)
    json["results"].push_back(outcome_json(outcome));
  return json;
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// The table of counters, made from the kernel's own list.
#include "plait/counters.hpp"

#include <algorithm>
#include <array>

#include "plait.h"
#include "verdict.h"

namespace plait {
namespace {

#define PLAIT_X_PORT(NAME, name, meaning) \
  Counter{PLAIT_A_STATS_##NAME, CounterKind::port_drop, #name, meaning},
#define PLAIT_X_RX(NAME, name, meaning) \
  Counter{PLAIT_A_STATS_##NAME, CounterKind::receive_drop, #name, meaning},
#define PLAIT_X_TX(NAME, name, meaning) \
  Counter{PLAIT_A_STATS_##NAME, CounterKind::transmit_drop, #name, meaning},
#define PLAIT_X_EVENT(NAME, name, meaning) \
  Counter{PLAIT_A_STATS_##NAME, CounterKind::event, #name, meaning},

constexpr std::array table{PLAIT_PORT_DROPS(PLAIT_X_PORT) PLAIT_RX_DROPS(PLAIT_X_RX)
                               PLAIT_TX_DROPS(PLAIT_X_TX) PLAIT_EVENTS(PLAIT_X_EVENT)};

static_assert(table.size() == PLAIT_VERDICTS - 1 + PLAIT_EVENT_COUNT);

}  // namespace

std::string_view to_string(CounterKind kind) {
  switch (kind) {
    case CounterKind::port_drop:
      return "port drop";
    case CounterKind::receive_drop:
      return "receive drop";
    case CounterKind::transmit_drop:
      return "transmit drop";
    case CounterKind::event:
      return "event";
    case CounterKind::unknown:
      break;
  }
  return "unknown";
}

std::span<const Counter> counters() {
  return table;
}

std::uint64_t Stats::operator[](std::string_view name) const {
  const auto* counter = std::ranges::find(table, name, &Counter::name);
  if (counter == table.end()) {
    return 0;
  }
  const auto value = values_.find(counter->attribute);
  return value == values_.end() ? 0 : value->second;
}

std::vector<Stats::Entry> Stats::entries() const {
  auto values = values_;
  std::vector<Entry> entries;
  for (const Counter& counter : table) {
    const auto value = values.extract(counter.attribute);
    entries.push_back({.name = std::string(counter.name),
                       .kind = counter.kind,
                       .meaning = std::string(counter.meaning),
                       .value = value ? value.mapped() : 0});
  }
  for (const auto& [attribute, value] : values) {
    entries.push_back({.name = "attribute_" + std::to_string(attribute),
                       .kind = CounterKind::unknown,
                       .meaning = "a counter of a newer kernel module",
                       .value = value});
  }
  return entries;
}

}  // namespace plait

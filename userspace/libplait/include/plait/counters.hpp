// SPDX-License-Identifier: GPL-2.0
// A device's counters: their names and meanings (from netdrv/core/verdict.h) and a set of
// their values.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plait/export.hpp"

namespace plait {

enum class CounterKind {
  port_drop,      ///< datagrams dropped before a device was known, counted for its UDP port
  receive_drop,   ///< datagrams dropped on receive
  transmit_drop,  ///< packets dropped on transmit
  event,          ///< what else is counted
  unknown,        ///< a counter of a kernel newer than this library
};

/// One counter. Text has static storage.
struct Counter {
  std::uint16_t attribute;  ///< its netlink attribute within PLAIT_A_DEVICE_STATS
  CounterKind kind;
  std::string_view name;     ///< "rx_tag"
  std::string_view meaning;  ///< "wrong header tag"
};

/// "port drop", "receive drop", "transmit drop", "event", "unknown".
PLAIT_API std::string_view to_string(CounterKind kind);

/// Every counter that this library knows, drops in the order of the checks, then events.
PLAIT_API std::span<const Counter> counters();

/// The values of a device's counters.
class PLAIT_API Stats {
 public:
  struct Entry {
    std::string name;
    CounterKind kind = CounterKind::unknown;
    std::string meaning;
    std::uint64_t value = 0;
  };

  void set(std::uint16_t attribute, std::uint64_t value) { values_[attribute] = value; }

  /// The value of the counter of that name; 0 if the kernel did not tell.
  std::uint64_t operator[](std::string_view name) const;

  /// Every known counter, zero if the kernel did not tell, in the order of counters(); then
  /// what only the kernel knows, as "attribute_N".
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  std::map<std::uint16_t, std::uint64_t> values_;
};

}  // namespace plait

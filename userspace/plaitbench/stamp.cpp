// SPDX-License-Identifier: GPL-2.0
// Octets in network order, whatever the machine's.
#include "stamp.hpp"

namespace plaitbench {
namespace {

constexpr std::uint16_t magic = 0x7062;  // "pb"
constexpr std::size_t trial_at = 2;
constexpr std::size_t sequence_at = 4;
constexpr std::size_t kind_at = 8;
constexpr std::size_t time_at = 10;
constexpr std::size_t time_length = 6;

void put(std::span<std::byte> octets, std::uint64_t value) {
  for (std::size_t i = octets.size(); i-- > 0;) {
    octets[i] = static_cast<std::byte>(value);
    value >>= 8;
  }
}

std::uint64_t get(std::span<const std::byte> octets) {
  std::uint64_t value = 0;
  for (const std::byte octet : octets) {
    value = value << 8 | std::to_integer<std::uint64_t>(octet);
  }
  return value;
}

}  // namespace

void write_stamp(std::span<std::byte, stamp_size> octets, const Stamp& stamp) {
  put(octets.subspan<0, sizeof(magic)>(), magic);
  put(octets.subspan<trial_at, 2>(), stamp.trial);
  put(octets.subspan<sequence_at, 4>(), stamp.sequence);
  put(octets.subspan<kind_at, 2>(), static_cast<std::uint64_t>(stamp.kind) << 8);
  put(octets.subspan<time_at, time_length>(), stamp.time_ns);
}

std::optional<Stamp> read_stamp(std::span<const std::byte> octets) {
  if (octets.size() < stamp_size || get(octets.first(sizeof(magic))) != magic) return {};
  const auto kind = std::to_integer<std::uint8_t>(octets[kind_at]);
  if (kind < static_cast<std::uint8_t>(Kind::load) ||
      kind > static_cast<std::uint8_t>(Kind::challenge)) {
    return {};
  }
  return Stamp{.trial = static_cast<std::uint16_t>(get(octets.subspan(trial_at, 2))),
               .sequence = static_cast<std::uint32_t>(get(octets.subspan(sequence_at, 4))),
               .kind = static_cast<Kind>(kind),
               .time_ns = get(octets.subspan(time_at, time_length))};
}

}  // namespace plaitbench

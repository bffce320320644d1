// SPDX-License-Identifier: GPL-2.0
// The head of each test datagram: sixteen octets, so that an IPv6 packet of 64 has room for it.
//
//    0       2       4               8      9      10                    16
//   ┌───────┬───────┬───────────────┬──────┬──────┬─────────────────────┐
//   │ magic │ trial │ sequence      │ kind │ zero │ time sent, ns       │
//   └───────┴───────┴───────────────┴──────┴──────┴─────────────────────┘
//
// Network byte order. The time is the sender's CLOCK_MONOTONIC modulo 2^48 (78 hours), and comes
// back in the echo: only the sender reads it. Hello and challenge carry a secret behind the head.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plaitbench {

enum class Kind : std::uint8_t {
  load = 1,
  probe = 2,      ///< load whose receiver answers with an echo
  echo = 3,       ///< a probe's sequence and time, as they came
  hello = 4,      ///< the client's, with the cookie that the control connection told
  challenge = 5,  ///< the server's, with a nonce that the control connection wants to hear
};

struct Stamp {
  std::uint16_t trial = 0;
  std::uint32_t sequence = 0;
  Kind kind = Kind::load;
  std::uint64_t time_ns = 0;  ///< modulo 2^48

  bool operator==(const Stamp&) const = default;
};

constexpr std::size_t stamp_size = 16;
constexpr std::uint64_t stamp_time_mask = (std::uint64_t{1} << 48) - 1;

void write_stamp(std::span<std::byte, stamp_size> octets, const Stamp& stamp);

/// Nothing if that is no datagram of ours.
std::optional<Stamp> read_stamp(std::span<const std::byte> octets);

/// From a stamp's time to now.
constexpr std::uint64_t since_stamp(std::uint64_t stamp_ns, std::uint64_t now_ns) {
  return (now_ns - stamp_ns) & stamp_time_mask;
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// The inner packets of a generator: UDP, or echo requests that the peer's stack answers.
#pragma once

#include <plait/address.hpp>

#include "engine.hpp"

namespace load {

/// Where inner UDP packets go: seqflow listens there too.
constexpr u16 kInnerPort = 5301;

struct Inner {
  plait::Address from, to;  ///< of one family
  bool echo = false;        ///< ICMP or ICMPv6, not UDP

  /// The shortest packet that there is.
  [[nodiscard]] u32 least() const;

  /// Writes packet @number, @len octets; says the inner header's flags for it.
  u8 write(u8* at, u32 len, u32 number) const;
};

}  // namespace load

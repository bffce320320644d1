// SPDX-License-Identifier: GPL-2.0
// The two ends of the data path: a TUN that takes and gives super-packets, and a
// connected UDP socket that segments and gathers.
#pragma once

#include <string>

#include "engine.hpp"

namespace userdp {

/// What stands in front of each packet of the TUN: struct virtio_net_hdr of
/// linux/virtio_net.h, which is no C++.
struct Vnet {
  static constexpr u8 needs_csum = 1;
  static constexpr u8 tcpv4 = 1, tcpv6 = 4, ecn = 0x80;

  u8 flags = 0;
  u8 gso_type = 0;  ///< 0: an ordinary packet
  u16 hdr_len = 0, gso_size = 0;
  u16 csum_start = 0, csum_offset = 0;
};

struct Link {
  /// A TUN of that name with every offload that this kernel has, and of the MTU that the
  /// path allows; a UDP socket between two addresses (not names). Throws std::system_error.
  Link(const std::string& name, const std::string& local, const std::string& remote,
       const std::string& port);

  void set_ecn(int ecn) const;

  int tun = -1, udp = -1;
  bool ipv6 = false;  ///< the underlay
};

}  // namespace userdp

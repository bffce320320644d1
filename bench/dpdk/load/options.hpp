// SPDX-License-Identifier: GPL-2.0
// plait-load's command line.
#pragma once

#include <array>
#include <optional>
#include <plait/key_material.hpp>
#include <string>
#include <vector>

#include "aead.hpp"
#include "inner.hpp"
#include "mix.hpp"

namespace load {

/// Keys of one direction, by what the receiver calls them.
struct Session {
  u32 index = 0;
  u16 epoch = 0;
  plait::KeyMaterial material;
};

struct Options {
  // Where.
  std::string interface, driver = "af_packet";
  std::string xdp_program;  ///< for af_xdp, in place of libxdp's
  plait::Address from, to;
  std::optional<std::array<u8, 6>> to_hardware;
  u16 port = 0, source_port = 40000;
  unsigned source_ports = 1;

  // What.
  userdp::Cipher cipher = userdp::Cipher::chacha20_poly1305;
  std::optional<Session> session;  ///< to seal for: without one nothing is sent
  Weights mix{1};
  unsigned loss_percent = 0;
  u64 counter = 0;
  Inner inner;
  std::vector<u32> sizes{64};  ///< of inner packets, by turns
  u32 forged_size = 0;         ///< a forged datagram's; 0: as a valid one's

  // When.
  u64 count = 0;       ///< 0: until the seconds are over
  double seconds = 0;  ///< 0: until the count is reached
  double rate = 1000;  ///< a second
  unsigned train = 1;  ///< sent at once

  // What comes back.
  std::optional<Session> sink;
  double linger = 0.2;  ///< seconds
};

/// Throws CLI::ParseError (help is one), std::invalid_argument or std::system_error.
Options parse(int argc, const char* const* argv);

}  // namespace load

// SPDX-License-Identifier: GPL-2.0
// Asks a remote host whether anybody listens on a UDP port: a datagram that nobody takes is
// answered by ICMP, which the kernel tells the sender of as an error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plait/objects.hpp"

namespace plaitctl {

/// Errors are errno values, 0 if there was none.
struct Probe {
  unsigned sent = 0;
  std::uint16_t port = 0;  ///< this end's
  int error = 0;           ///< the first answer: ECONNREFUSED, EHOSTUNREACH …
  int setup_error = 0;     ///< why this host could not even begin: EMFILE, EADDRNOTAVAIL …
  int send_error = 0;      ///< why this host did not send: EPERM by its own firewall, ENOBUFS …
};

/// Sends three datagrams of one octet to the remote of each strand, from where the strand sends
/// but from a port of their own, and waits 300 ms for answers to the last. The peer counts them
/// as port_short. links: the names of the strands' interfaces, empty for any.
std::vector<Probe> probe(std::span<const plait::Strand> strands,
                         std::span<const std::string> links);

}  // namespace plaitctl

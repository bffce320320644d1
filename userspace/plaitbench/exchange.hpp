// SPDX-License-Identifier: GPL-2.0
// The talk of one trial, the same whichever end is the client:
//
//   receiver  ── ready ──▶  sender      the receiver has looked at its counters, and listens
//             ◀─ traffic ─
//             ◀── sent ───              what the sender has done
//             ── received ▶             what came, and what the host counted
//             ◀── done ───              what the sender's host counted
//
// and "alive" from both each second.
#pragma once

#include <vector>

#include "control.hpp"
#include "host.hpp"
#include "net.hpp"
#include "trial.hpp"

namespace plaitbench {

/// What carries a trial's traffic: a connected UDP socket, or TCP connections.
struct Carrier {
  int udp = -1;
  std::vector<Fd> streams;
};

Trial run_as_sender(Control& control, Carrier& carrier, Host& host, const Spec& spec);
Trial run_as_receiver(Control& control, Carrier& carrier, Host& host, const Spec& spec);

}  // namespace plaitbench

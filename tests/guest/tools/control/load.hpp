// SPDX-License-Identifier: GPL-2.0
// What goes on while the churn changes things: datagrams between all ends, and readers of all
// that can be read. Each run*() is a thread's, until `stop`.
#pragma once

#include <atomic>

#include "world.hpp"

namespace control {

/// Sends datagrams from where each end is to the other's inner address.
void run_senders(const World& world, std::uint64_t seed, std::atomic<bool>& stop,
                 std::atomic<std::uint64_t>& progress);

/// Counts what arrives in a host that stays.
void run_receiver(const char* space, std::atomic<bool>& stop, std::atomic<std::uint64_t>& received);

/// Dumps, statistics, files; joins the events and does not read them.
void run_readers(std::atomic<bool>& stop, std::atomic<std::uint64_t>& progress);

}  // namespace control

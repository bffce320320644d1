// SPDX-License-Identifier: GPL-2.0
// What gauge measures, a file each: tcp.cpp, udp.cpp, rr.cpp, pktgen.cpp, command.cpp. Each
// prints one line of name=number, and ends the program if anything is amiss.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stretch.hpp"

namespace gauge {

// From one network namespace to an address of another.
struct Path {
  std::string from_ns, to_ns, address;
};

// `streams` streams side by side carry `bytes` together, after `warm_bytes` that nobody counts.
void tcp(const Path& path, std::size_t streams, std::uint64_t warm_bytes, std::uint64_t bytes,
         const Sampling& sampling);

// `count` datagrams whose IPv4 packets have `size` octets, in trains: sendmmsg, then recvmmsg.
void udp(const Path& path, std::size_t size, std::uint64_t count, const Sampling& sampling);

// `count` times one octet there and one back, by "udp" or "tcp".
void round_trips(const Path& path, const std::string& protocol, std::uint64_t count,
                 const Sampling& sampling);

// Runs what /proc/net/pktgen has been told to do in `ns`. `how` its thread stands beside
// others: "fifo" sends when it is due, as a wire does; a nice value gives it that share of
// the CPU, and so a rate.
void pktgen(const std::string& ns, const std::string& how, const Sampling& sampling);

// Runs a command in `ns`, SCHED_FIFO as pktgen's thread under "fifo", from its start to its end.
void command(const std::string& ns, const std::vector<std::string>& words);

}  // namespace gauge

// SPDX-License-Identifier: GPL-2.0
// Sockets as both ends want them. What cannot be had is a std::system_error that says which.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fd.hpp"
#include "socket_name.hpp"
#include "stop.hpp"

namespace plaitbench {

using tools::Fd;
using tools::SocketName;

/// The addresses of a host by name or number; throws std::runtime_error if it has none.
std::vector<SocketName> resolve(const std::string& host, std::uint16_t port);

SocketName own_name(int fd);
SocketName peer_name(int fd);

/// A TCP socket that listens there.
Fd listen_at(const SocketName& name);

/// The first of them that takes a TCP connection within that time each.
Fd connect_to(const std::vector<SocketName>& names, std::chrono::milliseconds patience,
              const Stop& stop);

/// A UDP socket bound there, which never has its datagrams fragmented, takes aggregates (UDP_GRO),
/// and has buffers as large as it may.
Fd udp_at(const SocketName& name);

void connect_udp(int fd, const SocketName& peer);

/// The largest packet that the way to a connected socket's peer takes.
std::uint32_t path_mtu(int fd);

/// Octets of the receive buffer; packets that found it full since the socket was made.
std::uint64_t receive_buffer(int fd);
std::uint64_t receive_drops(int fd);

/// How long a call waits at the most.
void set_patience(int fd, std::chrono::milliseconds send, std::chrono::milliseconds receive);

/// Waits until there is something to read; false: not within that time.
bool readable(int fd, std::chrono::milliseconds patience);

/// Throws std::system_error of errno.
[[noreturn]] void fail(const std::string& what);

}  // namespace plaitbench

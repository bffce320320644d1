// SPDX-License-Identifier: GPL-2.0
// The options of each socket, in one place.
#include "net.hpp"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace plaitbench {
namespace {

void set(int fd, int level, int option, int value, const char* what) {
  if (setsockopt(fd, level, option, &value, sizeof(value)) != 0) fail(what);
}

Fd socket_for(const SocketName& name, int type) {
  Fd fd(socket(name.octets.ss_family, type | SOCK_CLOEXEC, 0));
  if (!fd) fail("socket");
  if (name.is_ipv6()) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  return fd;
}

// As much as asked for if we may have it; else as much as net.core.rmem_max and wmem_max allow.
void grow(int fd, int force, int option, int size) {
  if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)) != 0) {
    set(fd, SOL_SOCKET, option, size, "socket buffer");
  }
}

timeval time_of(std::chrono::milliseconds time) {
  constexpr auto ms_in_second = 1000;
  constexpr auto us_in_ms = 1000;
  return {.tv_sec = time.count() / ms_in_second, .tv_usec = time.count() % ms_in_second * us_in_ms};
}

// Waits for a connection that was begun; 0 or an errno value.
int finish_connect(int fd, std::chrono::milliseconds patience, const Stop& stop) {
  const auto end = std::chrono::steady_clock::now() + patience;
  constexpr int step_ms = 100;
  for (pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
       poll(&waiting, 1, step_ms) <= 0;) {
    stop.check();
    if (std::chrono::steady_clock::now() >= end) return ETIMEDOUT;
  }
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) fail("SO_ERROR");
  return error;
}

}  // namespace

void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::vector<SocketName> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    throw std::runtime_error("no address of \"" + host + "\": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<SocketName> names;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    SocketName name;
    std::memcpy(&name.octets, one->ai_addr, one->ai_addrlen);
    name.length = one->ai_addrlen;
    names.push_back(name);
  }
  return names;
}

SocketName own_name(int fd) {
  SocketName name;
  if (getsockname(fd, name.get(), &name.length) != 0) fail("getsockname");
  return name;
}

SocketName peer_name(int fd) {
  SocketName name;
  if (getpeername(fd, name.get(), &name.length) != 0) fail("getpeername");
  return name;
}

Fd listen_at(const SocketName& name) {
  constexpr int backlog = 16;
  Fd fd = socket_for(name, SOCK_STREAM);
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (bind(fd.get(), name.get(), name.length) != 0 || listen(fd.get(), backlog) != 0) {
    fail("listen at " + name.to_string());
  }
  return fd;
}

Fd connect_to(const std::vector<SocketName>& names, std::chrono::milliseconds patience,
              const Stop& stop) {
  int error = EHOSTUNREACH;
  std::string to;
  for (const auto& name : names) {
    Fd fd = socket_for(name, SOCK_STREAM | SOCK_NONBLOCK);
    to += (to.empty() ? "" : ", ") + name.to_string();
    error = connect(fd.get(), name.get(), name.length) == 0 ? 0 : errno;
    if (error == EINPROGRESS) error = finish_connect(fd.get(), patience, stop);
    if (error == 0) {
      if (fcntl(fd.get(), F_SETFL, 0) != 0) fail("fcntl");
      return fd;
    }
  }
  throw std::system_error(error, std::generic_category(), "connect to " + to);
}

Fd udp_at(const SocketName& name) {
  constexpr int buffer = 8 << 20;
  Fd fd = socket_for(name, SOCK_DGRAM);
  if (name.is_ipv6()) {
    set(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO, "IPV6_MTU_DISCOVER");
  } else {
    set(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO, "IP_MTU_DISCOVER");
  }
  set(fd.get(), SOL_UDP, UDP_GRO, 1, "UDP_GRO");
  grow(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, buffer);
  grow(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF, buffer);
  if (bind(fd.get(), name.get(), name.length) != 0) fail("bind UDP to " + name.to_string());
  return fd;
}

void connect_udp(int fd, const SocketName& peer) {
  if (connect(fd, peer.get(), peer.length) != 0) fail("connect UDP to " + peer.to_string());
}

std::uint32_t path_mtu(int fd) {
  int mtu = 0;
  socklen_t length = sizeof(mtu);
  const bool ipv6 = own_name(fd).is_ipv6();
  if (getsockopt(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_MTU : IP_MTU, &mtu, &length) !=
      0) {
    fail("path MTU");
  }
  return static_cast<std::uint32_t>(mtu);
}

std::uint64_t receive_buffer(int fd) {
  int size = 0;
  socklen_t length = sizeof(size);
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &length) != 0) fail("SO_RCVBUF");
  return static_cast<std::uint64_t>(size);
}

std::uint64_t receive_drops(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) fail("SO_MEMINFO");
  return info[SK_MEMINFO_DROPS];
}

void set_patience(int fd, std::chrono::milliseconds send, std::chrono::milliseconds receive) {
  const timeval sending = time_of(send);
  const timeval receiving = time_of(receive);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &sending, sizeof(sending)) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receiving, sizeof(receiving)) != 0) {
    fail("socket timeout");
  }
}

bool readable(int fd, std::chrono::milliseconds patience) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(patience.count()));
  if (ready < 0 && errno != EINTR) fail("poll");
  return ready > 0;
}

}  // namespace plaitbench

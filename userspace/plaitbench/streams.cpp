// SPDX-License-Identifier: GPL-2.0
// Loops over poll: one thread serves all connections of a trial.
#include "streams.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "clock.hpp"

namespace plaitbench {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;
constexpr int step_ms = 50;
constexpr std::uint64_t pulse_every_ns = 50 * ms_in_ns;
constexpr std::uint64_t grace_ns = 10'000 * ms_in_ns;  // for what is under way at the end

class Beat {
 public:
  explicit Beat(const Pulse& pulse) : pulse_(pulse) {}

  void at(std::uint64_t now) {
    if (now < next_ns_) return;
    pulse_();
    next_ns_ = now + pulse_every_ns;
  }

 private:
  const Pulse& pulse_;
  std::uint64_t next_ns_ = 0;
};

std::vector<pollfd> waiting_for(std::span<const Fd> connections, short events) {
  std::vector<pollfd> waiting;
  for (const auto& connection : connections) {
    waiting.push_back({.fd = connection.get(), .events = events, .revents = 0});
  }
  return waiting;
}

std::uint64_t end_of(const Spec& spec) {
  return now_ns() + static_cast<std::uint64_t>(spec.seconds * 1e9);
}

std::uint64_t retransmitted(int fd) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) fail("TCP_INFO");
  return info.tcpi_total_retrans;
}

void at_once(int fd) {
  const int on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) fail("TCP_NODELAY");
}

// Whether an octet came; false: the connection has ended, or the time is over.
bool receive_octet(int fd, std::uint64_t end, Beat& beat) {
  for (;;) {
    char octet = 0;
    const ssize_t got = recv(fd, &octet, 1, 0);
    if (got == 1) return true;
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    const std::uint64_t now = now_ns();
    beat.at(now);
    if (now >= end) return false;
  }
}

}  // namespace

Sent send_streams(std::span<const Fd> connections, const Spec& spec, const Pulse& pulse) {
  const std::vector<std::byte> octets(buffer_size, std::byte{0x5a});
  auto waiting = waiting_for(connections, POLLOUT);
  Beat beat(pulse);
  Sent sent;
  const ThreadUse use;
  for (const std::uint64_t end = end_of(spec); now_ns() < end; beat.at(now_ns())) {
    if (poll(waiting.data(), waiting.size(), step_ms) <= 0) continue;
    for (const auto& one : waiting) {
      if (one.revents == 0) continue;
      const ssize_t took = send(one.fd, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (took > 0) {
        sent.octets += static_cast<std::uint64_t>(took);
      } else if (errno != EAGAIN && errno != EINTR) {
        fail("sending by TCP");
      }
    }
  }
  sent.seconds = use.seconds();
  sent.thread = use.share();
  for (const auto& connection : connections) {
    sent.retransmitted += retransmitted(connection.get());
    shutdown(connection.get(), SHUT_WR);
  }
  return sent;
}

Received receive_streams(std::span<const Fd> connections, const Spec& spec, const Pulse& pulse) {
  std::vector<std::byte> octets(buffer_size);
  auto waiting = waiting_for(connections, POLLIN);
  Beat beat(pulse);
  Received received;
  const ThreadUse use;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const std::uint64_t end = end_of(spec) + grace_ns;
  for (std::size_t open = waiting.size(); open > 0 && now_ns() < end; beat.at(now_ns())) {
    if (poll(waiting.data(), waiting.size(), step_ms) <= 0) continue;
    for (auto& one : waiting) {
      if (one.revents == 0) continue;
      const ssize_t got = recv(one.fd, octets.data(), octets.size(), MSG_DONTWAIT);
      if (got > 0) {
        last = now_ns();
        first = first == 0 ? last : first;
        received.octets += static_cast<std::uint64_t>(got);
      } else if (got == 0) {
        one.fd = -1;  // poll passes it over
        open--;
      } else if (errno != EAGAIN && errno != EINTR) {
        fail("receiving by TCP");
      }
    }
  }
  received.seconds = to_seconds(last - first);
  received.thread = use.share();
  return received;
}

Sent send_requests(const Fd& connection, const Spec& spec, const Pulse& pulse) {
  const int fd = connection.get();
  const char octet = 'p';
  at_once(fd);
  set_patience(fd, std::chrono::milliseconds(step_ms), std::chrono::milliseconds(step_ms));
  Beat beat(pulse);
  Sent sent;
  const ThreadUse use;
  for (const std::uint64_t end = end_of(spec);;) {
    const std::uint64_t asked = now_ns();
    if (asked >= end) break;
    beat.at(asked);
    if (send(fd, &octet, 1, MSG_NOSIGNAL) != 1 || !receive_octet(fd, end + grace_ns, beat)) {
      fail("a request by TCP");
    }
    sent.round_trips.add(now_ns() - asked);
    sent.packets++;
  }
  sent.octets = sent.packets;
  sent.seconds = use.seconds();
  sent.thread = use.share();
  sent.retransmitted = retransmitted(fd);
  shutdown(fd, SHUT_WR);
  return sent;
}

Received answer_requests(const Fd& connection, const Spec& spec, const Pulse& pulse) {
  const int fd = connection.get();
  const char octet = 'p';
  at_once(fd);
  set_patience(fd, std::chrono::milliseconds(step_ms), std::chrono::milliseconds(step_ms));
  Beat beat(pulse);
  Received received;
  const ThreadUse use;
  const std::uint64_t end = end_of(spec) + grace_ns;
  while (now_ns() < end && receive_octet(fd, end, beat) && send(fd, &octet, 1, MSG_NOSIGNAL) == 1) {
    received.packets++;
    beat.at(now_ns());
  }
  received.octets = received.packets;
  received.seconds = use.seconds();
  received.thread = use.share();
  return received;
}

}  // namespace plaitbench

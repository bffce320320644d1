// SPDX-License-Identifier: GPL-2.0
// Probes of this machine's loopback: a port where somebody listens, and one where nobody does.
#include "probe.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace {

// A UDP socket on 127.0.0.1, on a port that the kernel chose.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(own);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &length), 0);
    port_ = ntohs(own.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(fd_); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // How many datagrams of one octet wait.
  [[nodiscard]] unsigned take() const {
    std::array<std::byte, 16> octets{};
    unsigned count = 0;
    while (recv(fd_, octets.data(), octets.size(), MSG_DONTWAIT) == 1)
      count++;
    return count;
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

plait::Strand strand_to(std::uint16_t port) {
  plait::Strand strand;
  strand.local = strand.remote = plait::Address::parse("127.0.0.1");
  strand.remote_port = port;
  return strand;
}

TEST(Probe, is_refused_where_nobody_listens_and_by_nobody_else) {
  const Listener listener;
  std::uint16_t closed = 0;
  {
    const Listener passing;
    closed = passing.port();
  }
  const std::array strands{strand_to(listener.port()), strand_to(closed)};
  const std::array<std::string, 2> links{};
  const auto probes = plaitctl::probe(strands, links);
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_EQ(probes[0].error, 0);
  EXPECT_EQ(probes[0].sent, 3U);
  EXPECT_EQ(listener.take(), 3U);
  EXPECT_EQ(probes[1].error, ECONNREFUSED);
  EXPECT_EQ(probes[1].sent, 1U);
  EXPECT_NE(probes[0].port, probes[1].port);
  EXPECT_EQ(probes[1].setup_error, 0);
  EXPECT_EQ(probes[1].send_error, 0);
}

TEST(Probe, does_not_tell_its_own_errors_as_the_peers) {
  auto strand = strand_to(9);
  strand.local = plait::Address::parse("192.0.2.77");
  const std::array<std::string, 1> links{};
  const auto probes = plaitctl::probe(std::span(&strand, 1), links);
  EXPECT_EQ(probes.at(0).sent, 0U);
  EXPECT_EQ(probes.at(0).setup_error, EADDRNOTAVAIL);
  EXPECT_EQ(probes.at(0).error, 0);
}

}  // namespace

// SPDX-License-Identifier: GPL-2.0
// Packets made by hand: what the parsers make of them, and which the kernel's filter lets through.
#include "overhear.hpp"

#include <gtest/gtest.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "netlink_builder.hpp"
#include "wire.h"

namespace {

using plaitctl::Bounce;
using plaitctl::Endpoint;
using plaitctl::Line;

constexpr std::uint32_t index = 0x5ea1b0a7;

Endpoint endpoint(const char* address, std::uint16_t port) {
  return {.address = plait::Address::parse(address), .port = port};
}

Octets be16(unsigned number) {
  return {static_cast<std::byte>(number >> 8), static_cast<std::byte>(number)};
}

Octets octets(const plait::Address& address) {
  return {address.octets().begin(), address.octets().end()};
}

// An IPv4 or IPv6 packet, as far as anybody reads its header.
Octets ip(const plait::Address& from, const plait::Address& to, std::uint8_t protocol,
          const Octets& payload) {
  if (from.is_ipv6()) {
    return Octets{std::byte{0x60}, {}, {}, {}} + be16(payload.size()) +
           Octets{std::byte{protocol}, std::byte{64}} + octets(from) + octets(to) + payload;
  }
  return Octets{std::byte{0x45}, {}} + be16(20 + payload.size()) + Octets(4) +
         Octets{std::byte{64}, std::byte{protocol}, {}, {}} + octets(from) + octets(to) + payload;
}

// What plait's header begins with: the receiver index is all that matters here.
Octets datagram() {
  Octets header(PLAIT_HDR_LEN);
  plait_put_be32(reinterpret_cast<u8*>(header.data()) + PLAIT_OFF_INDEX, index);
  return header;
}

Octets udp(const Endpoint& from, const Endpoint& to, const Octets& payload = datagram()) {
  return ip(from.address, to.address, IPPROTO_UDP,
            be16(from.port) + be16(to.port) + be16(8 + payload.size()) + Octets(2) + payload);
}

Octets icmp(unsigned type, unsigned code, const Octets& about) {
  return Octets{static_cast<std::byte>(type), static_cast<std::byte>(code)} + Octets(6) + about;
}

const auto own = endpoint("192.0.2.1", 7777);
const auto peer = endpoint("192.0.2.2", 7777);
const auto own6 = endpoint("2001:db8::1", 7777);
const auto peer6 = endpoint("2001:db8::2", 7777);

TEST(Overhear, an_arrival_has_a_source_and_a_receiver_index) {
  for (const auto& [from, to] : {std::pair(peer, own), std::pair(peer6, own6)}) {
    const auto whole = udp(from, to);
    const auto arrival = plaitctl::decode_arrival(whole);
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->from, from);
    EXPECT_EQ(arrival->port, 7777);
    EXPECT_EQ(arrival->index, index);
  }
}

TEST(Overhear, a_bounce_names_who_says_so_where_it_was_for_and_why) {
  const auto router = plait::Address::parse("203.0.113.1");
  const auto about = [&](unsigned type, unsigned code) {
    return plaitctl::decode_bounce(
        ip(router, own.address, IPPROTO_ICMP, icmp(type, code, udp(own, peer))));
  };
  EXPECT_EQ(about(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH),
            (Bounce{.from = router, .port = 7777, .to = peer, .why = Bounce::Why::port}));
  EXPECT_EQ(about(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH)->why, Bounce::Why::host);
  EXPECT_EQ(about(ICMP_DEST_UNREACH, ICMP_NET_UNREACH)->why, Bounce::Why::network);
  EXPECT_EQ(about(ICMP_DEST_UNREACH, ICMP_PKT_FILTERED)->why, Bounce::Why::prohibited);
  EXPECT_EQ(about(ICMP_TIME_EXCEEDED, ICMP_EXC_TTL)->why, Bounce::Why::time);
  EXPECT_FALSE(about(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED));
  EXPECT_FALSE(about(ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME));
  EXPECT_FALSE(about(ICMP_ECHOREPLY, 0));
}

TEST(Overhear, a_bounce_of_ipv6_comes_without_its_header) {
  const auto router = plait::Address::parse("2001:db8:9::1");
  const auto about = [&](unsigned type, unsigned code) {
    return plaitctl::decode_bounce6(icmp(type, code, udp(own6, peer6)), router);
  };
  EXPECT_EQ(about(ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT),
            (Bounce{.from = router, .port = 7777, .to = peer6, .why = Bounce::Why::port}));
  EXPECT_EQ(about(ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR)->why, Bounce::Why::host);
  EXPECT_EQ(about(ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE)->why, Bounce::Why::network);
  EXPECT_EQ(about(ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN)->why, Bounce::Why::prohibited);
  EXPECT_EQ(about(ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_TRANSIT)->why, Bounce::Why::time);
  EXPECT_FALSE(about(ICMP6_PACKET_TOO_BIG, 0));
}

TEST(Overhear, what_is_cut_short_is_nothing) {
  const auto arrival = udp(peer, own, Octets(PLAIT_OFF_INDEX + 4));
  const auto arrival6 = udp(peer6, own6, Octets(PLAIT_OFF_INDEX + 4));
  const auto bounce =
      ip(peer.address, own.address, IPPROTO_ICMP, icmp(3, 3, udp(own, peer, Octets())));
  const auto bounce6 = icmp(1, 4, udp(own6, peer6, Octets()));
  ASSERT_TRUE(plaitctl::decode_arrival(arrival) && plaitctl::decode_arrival(arrival6));
  ASSERT_TRUE(plaitctl::decode_bounce(bounce) && plaitctl::decode_bounce6(bounce6, peer6.address));
  const auto none = [](const Octets& whole, auto decode) {
    for (std::size_t length = 0; length < whole.size(); length++) {
      // A copy of its own, so that a step outside shows.
      const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_FALSE(decode(part)) << length;
    }
  };
  none(arrival, [](const Octets& part) { return plaitctl::decode_arrival(part).has_value(); });
  none(arrival6, [](const Octets& part) { return plaitctl::decode_arrival(part).has_value(); });
  none(bounce, [](const Octets& part) { return plaitctl::decode_bounce(part).has_value(); });
  none(bounce6, [](const Octets& part) {
    return plaitctl::decode_bounce6(part, peer6.address).has_value();
  });
}

// A filter in the kernel, on a socket that needs no rights: it sees what a packet socket's sees.
class Filter {
 public:
  explicit Filter(std::vector<sock_filter> program) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds_.data()), 0);
    const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                            .filter = program.data()};
    EXPECT_EQ(setsockopt(fds_[1], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)), 0)
        << program.size() << " instructions: " << std::strerror(errno);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    close(fds_[0]);
    close(fds_[1]);
  }

  [[nodiscard]] bool passes(const Octets& packet) const {
    EXPECT_EQ(send(fds_[0], packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
    std::array<std::byte, 256> buffer{};
    return recv(fds_[1], buffer.data(), buffer.size(), MSG_DONTWAIT) > 0;
  }

 private:
  std::array<int, 2> fds_{-1, -1};
};

TEST(ArrivalFilter, lets_through_what_comes_from_elsewhere_to_a_port_of_ours) {
  const std::array lines{Line{7777, peer}, Line{7778, endpoint("192.0.2.3", 7778)},
                         Line{7777, peer6}, Line{7777, endpoint("192.0.2.4", 9)}};
  const Filter filter(plaitctl::arrival_filter(lines, false));
  const auto to = [](std::uint16_t port) { return endpoint("192.0.2.1", port); };
  EXPECT_FALSE(filter.passes(udp(peer, own)));
  EXPECT_FALSE(filter.passes(udp(endpoint("192.0.2.4", 9), own)));
  EXPECT_TRUE(filter.passes(udp(endpoint("192.0.2.9", 7777), own)));
  EXPECT_TRUE(filter.passes(udp(endpoint("192.0.2.2", 40000), own)));
  // The remote of another port's strand.
  EXPECT_TRUE(filter.passes(udp(peer, to(7778))));
  EXPECT_FALSE(filter.passes(udp(endpoint("192.0.2.3", 7778), to(7778))));
  EXPECT_FALSE(filter.passes(udp(endpoint("192.0.2.9", 7777), to(53))));
  EXPECT_FALSE(filter.passes(ip(peer.address, own.address, IPPROTO_TCP, Octets(40))));
  auto fragment = udp(endpoint("192.0.2.9", 7777), own);
  fragment[7] = std::byte{1};
  EXPECT_FALSE(filter.passes(fragment));

  const Filter filter6(plaitctl::arrival_filter(lines, true));
  EXPECT_FALSE(filter6.passes(udp(peer6, own6)));
  EXPECT_TRUE(filter6.passes(udp(endpoint("2001:db8::3", 7777), own6)));
  EXPECT_TRUE(filter6.passes(udp(endpoint("2001:db8:0:1::2", 7777), own6)));
  EXPECT_TRUE(filter6.passes(udp(endpoint("2001:db8::2", 7778), own6)));
  EXPECT_FALSE(filter6.passes(udp(endpoint("2001:db8::3", 7777), endpoint("2001:db8::1", 7778))));
}

TEST(ArrivalFilter, of_a_hundred_strands_fits_into_the_kernel_and_of_more_is_none) {
  std::vector<Line> lines;
  for (unsigned i = 0; i < 100; i++) {
    lines.push_back(
        {.port = static_cast<std::uint16_t>(7000 + i),
         .remote =
             endpoint(("ffff:eeee:dddd:cccc:bbbb:aaaa:9999:" + std::to_string(i)).c_str(), 7777)});
  }
  const Filter filter(plaitctl::arrival_filter(lines, true));
  EXPECT_FALSE(filter.passes(udp(lines[99].remote, endpoint("2001:db8:1::1", 7099))));
  EXPECT_TRUE(filter.passes(udp(lines[98].remote, endpoint("2001:db8:1::1", 7099))));
  EXPECT_TRUE(plaitctl::arrival_filter(lines, false).empty());
  lines.push_back(lines.front());
  EXPECT_TRUE(plaitctl::arrival_filter(lines, true).empty());
}

TEST(Ears, hear_nothing_and_complain_of_nothing_where_nothing_is_to_be_heard) {
  const std::array lines{Line{7777, peer}};
  const plaitctl::Ears ears(lines);
  EXPECT_TRUE(ears.collect().arrivals.empty());
}

}  // namespace

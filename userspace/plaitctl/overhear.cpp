// SPDX-License-Identifier: GPL-2.0
// Raw sockets for ICMP, packet sockets with a filter for UDP, and the parsers of both.
#include "overhear.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

extern "C" {
#include "wire.h"
}

namespace plaitctl {
namespace {

using Octets = std::span<const std::byte>;

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t ipv6_header = 40;
constexpr std::size_t udp_header = 8;
constexpr std::size_t icmp_header = 8;

// More would not tell more.
constexpr std::size_t most_messages = 256;
constexpr std::uint32_t snapshot = 128;

std::uint8_t octet(Octets octets, std::size_t at) {
  return static_cast<std::uint8_t>(octets[at]);
}

std::uint16_t be16(Octets octets, std::size_t at) {
  return static_cast<std::uint16_t>(octet(octets, at) << 8 | octet(octets, at + 1));
}

std::uint32_t be32(Octets octets, std::size_t at) {
  return static_cast<std::uint32_t>(be16(octets, at)) << 16 | be16(octets, at + 2);
}

// What an IPv4 header says of its own length.
std::size_t ipv4_header_of(Octets packet) {
  return 4 * static_cast<std::size_t>(octet(packet, 0) & 0xfU);
}

// A UDP datagram behind its IP header.
struct Udp {
  Endpoint from;
  Endpoint to;
  Octets payload;  // as much as there is of it
};

std::optional<Udp> read_udp4(Octets packet) {
  if (packet.size() < ipv4_header) return {};
  const std::size_t header = ipv4_header_of(packet);
  const bool first_fragment = (be16(packet, 6) & 0x1fffU) == 0;
  if (header < ipv4_header || packet.size() < header + udp_header || !first_fragment ||
      octet(packet, 9) != IPPROTO_UDP) {
    return {};
  }
  return Udp{.from = {plait::Address::from_octets(packet.subspan(12, 4)), be16(packet, header)},
             .to = {plait::Address::from_octets(packet.subspan(16, 4)), be16(packet, header + 2)},
             .payload = packet.subspan(header + udp_header)};
}

std::optional<Udp> read_udp6(Octets packet) {
  if (packet.size() < ipv6_header + udp_header || octet(packet, 6) != IPPROTO_UDP) return {};
  return Udp{
      .from = {plait::Address::from_octets(packet.subspan(8, 16)), be16(packet, ipv6_header)},
      .to = {plait::Address::from_octets(packet.subspan(24, 16)), be16(packet, ipv6_header + 2)},
      .payload = packet.subspan(ipv6_header + udp_header)};
}

std::optional<Udp> read_udp(Octets packet) {
  if (packet.empty()) return {};
  switch (octet(packet, 0) >> 4) {
    case 4:
      return read_udp4(packet);
    case 6:
      return read_udp6(packet);
    default:
      return {};
  }
}

std::optional<Bounce> bounce(const std::optional<Udp>& sent, const plait::Address& from,
                             std::optional<Bounce::Why> why) {
  if (!sent || !why) return {};
  return Bounce{.from = from, .port = sent->from.port, .to = sent->to, .why = *why};
}

std::optional<Bounce::Why> why4(unsigned type, unsigned code) {
  using Why = Bounce::Why;
  if (type == ICMP_TIME_EXCEEDED) {
    return code == ICMP_EXC_TTL ? std::optional(Why::time) : std::nullopt;
  }
  if (type != ICMP_DEST_UNREACH) return {};
  switch (code) {
    case ICMP_PORT_UNREACH:
      return Why::port;
    case ICMP_NET_UNREACH:
    case ICMP_NET_UNKNOWN:
      return Why::network;
    case ICMP_HOST_UNREACH:
    case ICMP_HOST_UNKNOWN:
    case ICMP_PROT_UNREACH:
      return Why::host;
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
      return Why::prohibited;
    default:
      return {};  // of the path's MTU, or of no interest
  }
}

std::optional<Bounce::Why> why6(unsigned type, unsigned code) {
  using Why = Bounce::Why;
  if (type == ICMP6_TIME_EXCEEDED) {
    return code == ICMP6_TIME_EXCEED_TRANSIT ? std::optional(Why::time) : std::nullopt;
  }
  if (type != ICMP6_DST_UNREACH) return {};
  switch (code) {
    case ICMP6_DST_UNREACH_NOPORT:
      return Why::port;
    case ICMP6_DST_UNREACH_NOROUTE:
      return Why::network;
    case ICMP6_DST_UNREACH_ADDR:
      return Why::host;
    default:
      return Why::prohibited;  // by a firewall, a policy or a route
  }
}

// Closes it, and leaves errno as it is.
int give_up(int fd) {
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

std::string why_deaf(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return "CAP_NET_RAW is needed, try as root";
    case E2BIG:
      return fmt::format("there are more than {} strands", most_lines);
    default:
      return std::strerror(error);
  }
}

int packet_socket(std::span<const Line> lines, bool ipv6) {
  auto program = arrival_filter(lines, ipv6);
  if (program.empty()) {
    errno = E2BIG;
    return -1;
  }
  const int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  sockaddr_ll all{};
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ipv6 ? ETH_P_IPV6 : ETH_P_IP);
  // Bound last: nothing comes in that the filter has not seen.
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&all), sizeof(all)) != 0) {
    return give_up(fd);
  }
  return fd;
}

int icmp_socket(bool ipv6) {
  const int fd = ipv6 ? socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)
                      : socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0) return -1;
  int failed = 0;
  if (ipv6) {
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &filter);
    ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &filter);
    failed = setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
  } else {
    const icmp_filter filter{.data = ~(1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED)};
    failed = setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
  }
  return failed != 0 ? give_up(fd) : fd;
}

// Calls take(octets, source) for each message that waits.
template <typename Take>
void drain(int fd, Take take) {
  std::array<std::byte, 1280> buffer{};
  for (std::size_t i = 0; i < most_messages; i++) {
    sockaddr_storage from{};
    socklen_t length = sizeof(from);
    const auto received = recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &length);
    if (received < 0) return;
    take(Octets(buffer).first(static_cast<std::size_t>(received)), from);
  }
}

// Frames to other hosts, which a promiscuous interface hands up, are none of ours.
bool is_for_others(const sockaddr_storage& from) {
  sockaddr_ll link{};
  std::memcpy(&link, &from, sizeof(link));
  return link.sll_pkttype == PACKET_OTHERHOST || link.sll_pkttype == PACKET_OUTGOING;
}

plait::Address address_of(const sockaddr_storage& from) {
  sockaddr_in6 inet6{};
  std::memcpy(&inet6, &from, sizeof(inet6));
  return plait::Address::from_octets(std::as_bytes(std::span(inet6.sin6_addr.s6_addr)));
}

}  // namespace

std::vector<sock_filter> arrival_filter(std::span<const Line> lines, bool ipv6) {
  constexpr std::uint16_t load = BPF_LD | BPF_ABS;
  constexpr std::uint16_t port = BPF_LD | BPF_H | BPF_IND;  // X: where UDP begins
  constexpr std::uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K;
  const auto drop = sock_filter BPF_STMT(BPF_RET | BPF_K, 0);
  const auto pass = sock_filter BPF_STMT(BPF_RET | BPF_K, snapshot);
  std::vector<sock_filter> program;
  if (ipv6) {
    program = {BPF_STMT(load | BPF_B, 6), BPF_JUMP(equal, IPPROTO_UDP, 1, 0), drop,
               BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, ipv6_header)};
  } else {
    program = {BPF_STMT(load | BPF_B, 9),
               BPF_JUMP(equal, IPPROTO_UDP, 1, 0),
               drop,
               BPF_STMT(load | BPF_H, 6),
               BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 0, 1),
               drop,
               BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)};
  }
  // Whose words are compared often: read from the packet once, then from the scratch memory.
  enum : std::uint32_t { own_port, source_port, source };
  const std::uint32_t address_at = ipv6 ? 8 : 12;
  const std::uint32_t words = ipv6 ? 4 : 1;
  const auto keep = [&](const sock_filter& read, std::uint32_t slot) {
    program.push_back(read);
    program.push_back(BPF_STMT(BPF_ST, slot));
  };
  keep(BPF_STMT(port, 2), own_port);
  keep(BPF_STMT(port, 0), source_port);
  for (std::uint32_t i = 0; i < words; i++)
    keep(BPF_STMT(load | BPF_W, address_at + 4 * i), source + i);

  std::vector<std::uint16_t> ports;
  for (const auto& line : lines) {
    if (line.remote.address.is_ipv6() != ipv6) continue;
    if (ports.size() == most_lines) return {};
    ports.push_back(line.port);
    // To this port, from this address and port: it comes from where it should.
    auto to_next = static_cast<std::uint8_t>(2 * (words + 2));
    const auto compare = [&](std::uint32_t slot, std::uint32_t value) {
      to_next -= 2;
      program.push_back(BPF_STMT(BPF_LD | BPF_MEM, slot));
      program.push_back(BPF_JUMP(equal, value, 0, static_cast<std::uint8_t>(to_next + 1)));
    };
    compare(own_port, line.port);
    compare(source_port, line.remote.port);
    for (std::uint32_t i = 0; i < words; i++)
      compare(source + i, be32(line.remote.address.octets(), 4UL * i));
    program.push_back(drop);
  }
  if (ports.empty()) {
    return {};
  }
  std::ranges::sort(ports);
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  program.push_back(BPF_STMT(BPF_LD | BPF_MEM, own_port));
  for (const auto number : ports) {
    program.push_back(BPF_JUMP(equal, number, 0, 1));
    program.push_back(pass);
  }
  program.push_back(drop);
  return program;
}

std::optional<Arrival> decode_arrival(std::span<const std::byte> packet) {
  const auto udp = read_udp(packet);
  if (!udp || udp->payload.size() < PLAIT_OFF_INDEX + sizeof(std::uint32_t)) {
    return {};
  }
  return Arrival{
      .from = udp->from, .port = udp->to.port, .index = be32(udp->payload, PLAIT_OFF_INDEX)};
}

std::optional<Bounce> decode_bounce(std::span<const std::byte> packet) {
  if (packet.size() < ipv4_header) return {};
  const std::size_t header = ipv4_header_of(packet);
  if (header < ipv4_header || packet.size() < header + icmp_header ||
      octet(packet, 9) != IPPROTO_ICMP) {
    return {};
  }
  const auto icmp = packet.subspan(header);
  return bounce(read_udp4(icmp.subspan(icmp_header)),
                plait::Address::from_octets(packet.subspan(12, 4)),
                why4(octet(icmp, 0), octet(icmp, 1)));
}

std::optional<Bounce> decode_bounce6(std::span<const std::byte> message,
                                     const plait::Address& from) {
  if (message.size() < icmp_header) return {};
  return bounce(read_udp6(message.subspan(icmp_header)), from,
                why6(octet(message, 0), octet(message, 1)));
}

Ears::Ears(std::span<const Line> lines) {
  for (const bool ipv6 : {false, true}) {
    if (std::ranges::none_of(
            lines, [&](const Line& line) { return line.remote.address.is_ipv6() == ipv6; })) {
      continue;
    }
    for (const bool icmp : {false, true}) {
      const int fd = icmp ? icmp_socket(ipv6) : packet_socket(lines, ipv6);
      if (fd >= 0) {
        ears_.push_back({.fd = fd, .ipv6 = ipv6, .icmp = icmp});
      } else {
        deafness_ = why_deaf(errno);
      }
    }
  }
}

Ears::~Ears() {
  for (const auto& ear : ears_)
    close(ear.fd);
}

Overheard Ears::collect() const {
  Overheard all;
  for (const auto& ear : ears_) {
    drain(ear.fd, [&](Octets octets, const sockaddr_storage& from) {
      if (!ear.icmp) {
        const auto arrival = decode_arrival(octets);
        if (arrival && !is_for_others(from)) all.arrivals.push_back(*arrival);
      } else if (const auto bounce =
                     ear.ipv6 ? decode_bounce6(octets, address_of(from)) : decode_bounce(octets)) {
        all.bounces.push_back(*bounce);
      }
    });
  }
  return all;
}

}  // namespace plaitctl

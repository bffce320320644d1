// SPDX-License-Identifier: GPL-2.0
// Rtnetlink dumps and one look-up, with libplait's reader of messages and attributes.
#include "rtnl.hpp"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "attributes.hpp"
#include "netlink.hpp"
#include "plait/error.hpp"

namespace tools {
namespace {

using plait::Attributes;
using Octets = std::vector<std::byte>;

// The largest message of a dump: the kernel sends no more than this at once.
constexpr std::size_t receive_size = 32768;

[[noreturn]] void fail(int error) {
  throw plait::Error({.code = error, .operation = "ask rtnetlink"});
}

class RouteSocket {
 public:
  RouteSocket() : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
    if (fd_ < 0) fail(errno);
  }
  RouteSocket(const RouteSocket&) = delete;
  RouteSocket& operator=(const RouteSocket&) = delete;
  ~RouteSocket() { close(fd_); }

  void send(const Octets& message) const {
    if (::send(fd_, message.data(), message.size(), 0) < 0) fail(errno);
  }

  [[nodiscard]] Octets receive() const {
    Octets octets(receive_size);
    ssize_t length = 0;
    do {
      length = recv(fd_, octets.data(), octets.size(), 0);
    } while (length < 0 && errno == EINTR);
    if (length <= 0) fail(length < 0 ? errno : EPROTO);
    octets.resize(static_cast<std::size_t>(length));
    return octets;
  }

 private:
  int fd_;
};

template <typename T>
void append(Octets& octets, const T& value) {
  const auto more = std::as_bytes(std::span(&value, 1));
  octets.insert(octets.end(), more.begin(), more.end());
}

template <typename Header>
Octets request(std::uint16_t type, std::uint16_t flags, const Header& header) {
  Octets octets;
  append(octets, nlmsghdr{.nlmsg_len = 0,
                          .nlmsg_type = type,
                          .nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST),
                          .nlmsg_seq = 1,
                          .nlmsg_pid = 0});
  append(octets, header);
  return octets;
}

void put(Octets& octets, std::uint16_t type, std::span<const std::byte> payload) {
  append(octets, nlattr{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + payload.size()),
                        .nla_type = type});
  octets.insert(octets.end(), payload.begin(), payload.end());
  octets.resize(NLA_ALIGN(octets.size()));
}

// Sends a request and calls on_reply with what follows the header of each reply. Returns the
// errno value of a refusal, 0 if there was none.
int ask(Octets message, std::uint16_t reply,
        const std::function<void(std::span<const std::byte>)>& on_reply) {
  const auto length = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data(), &length, sizeof(length));
  const RouteSocket socket;
  socket.send(message);
  bool done = false;
  int error = 0;
  while (!done) {
    const Octets octets = socket.receive();
    plait::each_message(octets, [&](const nlmsghdr& header, std::span<const std::byte> one) {
      const auto payload = one.subspan(NLMSG_HDRLEN);
      if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
        const auto code = Attributes::number<int>(
            payload.first(std::min<std::size_t>(payload.size(), sizeof(int))));
        error = -code.value_or(0);
        done = true;
      } else if (header.nlmsg_type == reply) {
        on_reply(payload);
        done = (header.nlmsg_flags & NLM_F_MULTI) == 0;
      }
      return !done;
    });
  }
  return error;
}

template <typename Object, typename Header>
std::vector<Object> dump(std::uint16_t type, std::uint16_t reply, const Header& header,
                         std::optional<Object> (*decode)(std::span<const std::byte>)) {
  std::vector<Object> objects;
  const int error =
      ask(request(type, NLM_F_DUMP, header), reply, [&](std::span<const std::byte> payload) {
        if (auto object = decode(payload)) {
          objects.push_back(std::move(*object));
        }
      });
  if (error != 0) fail(error);
  return objects;
}

// A message's fixed header, and the attributes behind it.
template <typename Header>
std::optional<std::pair<Header, Attributes>> split(std::span<const std::byte> payload) {
  if (payload.size() < NLMSG_ALIGN(sizeof(Header))) {
    return {};
  }
  Header header{};
  std::memcpy(&header, payload.data(), sizeof(header));
  return std::pair(header, Attributes(payload.subspan(NLMSG_ALIGN(sizeof(Header)))));
}

std::optional<plait::Address> address(const Attributes& attributes, std::uint16_t type) {
  const auto attribute = attributes.find(type);
  if (!attribute || (attribute->payload.size() != 4 && attribute->payload.size() != 16)) {
    return {};
  }
  return plait::Address::from_octets(attribute->payload);
}

plait::Address any_of(int family) {
  static constexpr std::array<std::byte, 16> zero{};
  return plait::Address::from_octets(std::span(zero).first(family == AF_INET6 ? 16 : 4));
}

}  // namespace

std::optional<Link> decode_link(std::span<const std::byte> payload) {
  const auto message = split<ifinfomsg>(payload);
  if (!message) {
    return {};
  }
  const auto& [header, attributes] = *message;
  Link link;
  link.ifindex = static_cast<std::uint32_t>(header.ifi_index);
  link.up = (header.ifi_flags & IFF_UP) != 0;
  link.name = attributes.text(IFLA_IFNAME);
  link.kind = attributes.nest(IFLA_LINKINFO).text(IFLA_INFO_KIND);
  link.mtu = attributes.number<std::uint32_t>(IFLA_MTU).value_or(0);
  link.carrier = attributes.number<std::uint8_t>(IFLA_CARRIER).value_or(0) != 0;
  link.underlay_elsewhere = attributes.find(IFLA_LINK_NETNSID).has_value();
  // The structure grows at its end: its first eight are all that is wanted.
  constexpr std::size_t wanted = 8 * sizeof(std::uint64_t);
  if (const auto stats = attributes.find(IFLA_STATS64); stats && stats->payload.size() >= wanted) {
    rtnl_link_stats64 counters{};
    std::memcpy(&counters, stats->payload.data(), wanted);
    link.rx_packets = counters.rx_packets;
    link.tx_packets = counters.tx_packets;
    link.rx_bytes = counters.rx_bytes;
    link.tx_bytes = counters.tx_bytes;
    link.rx_errors = counters.rx_errors;
    link.tx_errors = counters.tx_errors;
    link.rx_dropped = counters.rx_dropped;
    link.tx_dropped = counters.tx_dropped;
  }
  return link;
}

std::optional<LocalAddress> decode_local_address(std::span<const std::byte> payload) {
  const auto message = split<ifaddrmsg>(payload);
  if (!message) {
    return {};
  }
  const auto& [header, attributes] = *message;
  // With a peer, IFA_ADDRESS is the peer's.
  auto own = address(attributes, IFA_LOCAL);
  if (!own) {
    own = address(attributes, IFA_ADDRESS);
  }
  if (!own) {
    return {};
  }
  return LocalAddress{.ifindex = header.ifa_index, .address = *own, .length = header.ifa_prefixlen};
}

std::optional<Route> decode_route(std::span<const std::byte> payload) {
  const auto message = split<rtmsg>(payload);
  if (!message) {
    return {};
  }
  const auto& [header, attributes] = *message;
  const auto destination = address(attributes, RTA_DST).value_or(any_of(header.rtm_family));
  const bool known = header.rtm_family == AF_INET || header.rtm_family == AF_INET6;
  if (!known || header.rtm_type != RTN_UNICAST || header.rtm_table == RT_TABLE_LOCAL ||
      (header.rtm_flags & RTM_F_CLONED) != 0 || header.rtm_dst_len > destination.bits()) {
    return {};
  }
  return Route{.destination = plait::Prefix(destination, header.rtm_dst_len),
               .ifindex = attributes.number<std::uint32_t>(RTA_OIF).value_or(0)};
}

std::optional<Neighbour> decode_neighbour(std::span<const std::byte> payload) {
  const auto message = split<ndmsg>(payload);
  const auto own = message ? address(message->second, NDA_DST) : std::nullopt;
  if (!own) {
    return {};
  }
  return Neighbour{.ifindex = static_cast<std::uint32_t>(message->first.ndm_ifindex),
                   .address = *own,
                   .state = message->first.ndm_state};
}

Way decode_way(std::span<const std::byte> payload) {
  const auto message = split<rtmsg>(payload);
  if (!message) {
    return {.error = EPROTO, .ifindex = 0, .gateway = {}, .source = {}};
  }
  const auto& [header, attributes] = *message;
  Way way;
  // IPv6 answers with a route of its own kind where IPv4 answers with an error.
  way.error = header.rtm_type == RTN_UNREACHABLE || header.rtm_type == RTN_BLACKHOLE ||
                      header.rtm_type == RTN_PROHIBIT
                  ? ENETUNREACH
                  : 0;
  way.ifindex = attributes.number<std::uint32_t>(RTA_OIF).value_or(0);
  way.gateway = address(attributes, RTA_GATEWAY);
  way.source = address(attributes, RTA_PREFSRC);
  return way;
}

std::vector<Link> links() {
  return dump(RTM_GETLINK, RTM_NEWLINK, ifinfomsg{}, decode_link);
}

std::vector<LocalAddress> addresses() {
  return dump(RTM_GETADDR, RTM_NEWADDR, ifaddrmsg{}, decode_local_address);
}

std::vector<Route> routes() {
  return dump(RTM_GETROUTE, RTM_NEWROUTE, rtmsg{}, decode_route);
}

std::vector<Neighbour> neighbours() {
  return dump(RTM_GETNEIGH, RTM_NEWNEIGH, ndmsg{}, decode_neighbour);
}

Way way(const Question& question) {
  rtmsg header{};
  header.rtm_family = question.to.is_ipv6() ? AF_INET6 : AF_INET;
  header.rtm_dst_len = static_cast<std::uint8_t>(question.to.bits());
  auto message = request(RTM_GETROUTE, 0, header);
  put(message, RTA_DST, question.to.octets());
  if (question.from) {
    put(message, RTA_SRC, question.from->octets());
  }
  if (question.ifindex != 0) {
    put(message, RTA_OIF, std::as_bytes(std::span(&question.ifindex, 1)));
  }
  if (question.fwmark != 0) {
    put(message, RTA_MARK, std::as_bytes(std::span(&question.fwmark, 1)));
  }
  Way answer;
  const int error = ask(std::move(message), RTM_NEWROUTE,
                        [&](std::span<const std::byte> payload) { answer = decode_way(payload); });
  if (error != 0) {
    answer.error = error;
  }
  return answer;
}

}  // namespace tools

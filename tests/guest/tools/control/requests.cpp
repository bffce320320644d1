// SPDX-License-Identifier: GPL-2.0
// Attributes of kind plait and of family plait, from netdrv/uapi/plait.h.
#include "requests.hpp"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <plait.h>

#include <stdexcept>

namespace control {
namespace {

constexpr std::uint16_t kAck = NLM_F_ACK;
constexpr std::uint16_t kCreate = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

template <typename Value>
void maybe(Request& request, std::uint16_t type, const std::optional<Value>& value) {
  if (value) request.put(type, *value);
}

void maybe(Request& request, std::uint16_t type, const std::optional<Octets>& value) {
  if (value) request.put_octets(type, *value);
}

std::optional<std::uint16_t> network_order(const std::optional<std::uint16_t>& port) {
  return port ? std::optional(htons(*port)) : std::nullopt;
}

Request link(std::uint16_t type, std::uint16_t flags, const std::string& name,
             ifinfomsg header = {}) {
  Request request(type, flags, header);
  request.put_text(IFLA_IFNAME, name);
  return request;
}

Request plait_link(std::uint16_t flags, const Device& device, const Strand& strand) {
  Request request = link(RTM_NEWLINK, flags, device.name);
  maybe(request, IFLA_GROUP, device.group);
  request.nest(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "plait").nest(IFLA_INFO_DATA);
  maybe(request, IFLA_PLAIT_LANES, device.lanes);
  maybe(request, IFLA_PLAIT_WINDOW, device.window);
  maybe(request, IFLA_PLAIT_DSCP, device.dscp);
  maybe(request, IFLA_PLAIT_LOCAL, strand.local);
  maybe(request, IFLA_PLAIT_REMOTE, strand.remote);
  maybe(request, IFLA_PLAIT_PORT, network_order(strand.port));
  maybe(request, IFLA_PLAIT_REMOTE_PORT, network_order(strand.remote_port));
  maybe(request, IFLA_PLAIT_LINK, strand.link);
  maybe(request, IFLA_PLAIT_FWMARK, strand.fwmark);
  maybe(request, IFLA_PLAIT_FRAGMENT, strand.fragment);
  request.end().end();
  return request;
}

Request address_request(std::uint16_t type, std::uint16_t flags, std::uint32_t ifindex,
                        const Octets& address, std::uint8_t length) {
  const ifaddrmsg header{
      .ifa_family = static_cast<std::uint8_t>(address.size() == 4 ? AF_INET : AF_INET6),
      .ifa_prefixlen = length,
      .ifa_flags = IFA_F_NODAD,
      .ifa_scope = 0,
      .ifa_index = ifindex};
  Request request(type, flags, header);
  request.put_octets(IFA_LOCAL, address).put_octets(IFA_ADDRESS, address);
  return request;
}

void put_strand(Request& request, const Strand& strand) {
  maybe(request, PLAIT_A_STRAND_LOCAL, strand.local);
  maybe(request, PLAIT_A_STRAND_REMOTE, strand.remote);
  maybe(request, PLAIT_A_STRAND_PORT, strand.port);
  maybe(request, PLAIT_A_STRAND_REMOTE_PORT, strand.remote_port);
  maybe(request, PLAIT_A_STRAND_LINK, strand.link);
  maybe(request, PLAIT_A_STRAND_FWMARK, strand.fwmark);
  maybe(request, PLAIT_A_STRAND_FRAGMENT, strand.fragment);
}

void put_device(Request& request, const Device& device) {
  if (!device.name.empty()) request.put_text(PLAIT_A_DEVICE_IFNAME, device.name);
  maybe(request, PLAIT_A_DEVICE_LANES, device.lanes);
  maybe(request, PLAIT_A_DEVICE_WINDOW, device.window);
  maybe(request, PLAIT_A_DEVICE_DSCP, device.dscp);
  maybe(request, PLAIT_A_DEVICE_MTU_FIXED, device.mtu_fixed);
}

}  // namespace

Octets address(const std::string& text) {
  Octets octets(16);
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return octets;
  octets.resize(4);
  if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return octets;
  throw std::invalid_argument("not an address: " + text);
}

// --- rtnetlink ---------------------------------------------------------------------

Request link_new(const Device& device, const Strand& strand, int netns) {
  Request request = plait_link(kCreate, device, strand);
  if (netns >= 0) request.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
  return request;
}

Request link_change(const Device& device, const Strand& strand) {
  return plait_link(kAck, device, strand);
}

Request link_get(const std::string& name) {
  return link(RTM_GETLINK, kAck, name);
}

Request link_delete(const std::string& name) {
  return link(RTM_DELLINK, kAck, name);
}

Request link_delete_group(std::uint32_t group) {
  Request request(RTM_DELLINK, kAck, ifinfomsg{});
  request.put(IFLA_GROUP, group);
  return request;
}

Request link_up(const std::string& name, bool up) {
  ifinfomsg header{};
  header.ifi_change = IFF_UP;
  header.ifi_flags = up ? IFF_UP : 0;
  return link(RTM_NEWLINK, kAck, name, header);
}

Request link_mtu(const std::string& name, std::uint32_t mtu) {
  Request request = link(RTM_NEWLINK, kAck, name);
  request.put(IFLA_MTU, mtu);
  return request;
}

Request link_move(const std::string& name, int netns) {
  Request request = link(RTM_NEWLINK, kAck, name);
  request.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
  return request;
}

Request veth_new(const std::string& name, const std::string& peer, int peer_netns) {
  Request request = link(RTM_NEWLINK, kCreate, name);
  request.nest(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "veth").nest(IFLA_INFO_DATA);
  request.nest(VETH_INFO_PEER);
  request.put_header(ifinfomsg{});
  request.put_text(IFLA_IFNAME, peer);
  request.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_netns));
  return request;
}

Request links_dump() {
  Request request(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
  request.put(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_VF});
  return request;
}

Request address_new(std::uint32_t ifindex, const Octets& address, std::uint8_t length) {
  return address_request(RTM_NEWADDR, kAck | NLM_F_CREATE | NLM_F_REPLACE, ifindex, address,
                         length);
}

Request address_delete(std::uint32_t ifindex, const Octets& address, std::uint8_t length) {
  return address_request(RTM_DELADDR, kAck, ifindex, address, length);
}

std::uint32_t index_of(Socket& route, const std::string& name) {
  std::uint32_t index = 0;
  Request request = link_get(name);
  route.ask(request, [&](std::span<const std::uint8_t> reply) {
    ifinfomsg header{};
    std::memcpy(&header, reply.data(), sizeof header);
    index = static_cast<std::uint32_t>(header.ifi_index);
  });
  return index;
}

// --- generic netlink ---------------------------------------------------------------

Request Plait::about(std::uint8_t command, std::uint16_t object) const {
  Request request(family_, kAck, genlmsghdr{command, PLAIT_FAMILY_VERSION, 0});
  request.nest(object);
  return request;
}

Request Plait::device_new(const Device& device) const {
  Request request = about(PLAIT_CMD_DEVICE_NEW, PLAIT_A_DEVICE);
  put_device(request, device);
  return request;
}

Request Plait::device_set(const Device& device) const {
  Request request = about(PLAIT_CMD_DEVICE_SET, PLAIT_A_DEVICE);
  put_device(request, device);
  return request;
}

Request Plait::device_delete(const std::string& name) const {
  Request request = about(PLAIT_CMD_DEVICE_DEL, PLAIT_A_DEVICE);
  request.put_text(PLAIT_A_DEVICE_IFNAME, name);
  return request;
}

Request Plait::device_get(const std::string& name) const {
  Request request = about(PLAIT_CMD_DEVICE_GET, PLAIT_A_DEVICE);
  request.put_text(PLAIT_A_DEVICE_IFNAME, name);
  return request;
}

Request Plait::strand_new(std::uint32_t ifindex, const Strand& strand) const {
  Request request = about(PLAIT_CMD_STRAND_NEW, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, ifindex);
  put_strand(request, strand);
  return request;
}

Request Plait::strand_set(std::uint32_t ifindex, const Strand& strand) const {
  Request request = about(PLAIT_CMD_STRAND_SET, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, ifindex);
  put_strand(request, strand);
  return request;
}

Request Plait::strand_delete(std::uint32_t ifindex) const {
  Request request = about(PLAIT_CMD_STRAND_DEL, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, ifindex);
  return request;
}

Request Plait::strand_get(std::uint32_t ifindex) const {
  Request request = about(PLAIT_CMD_STRAND_GET, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, ifindex);
  return request;
}

Request Plait::key(std::uint8_t command, std::uint32_t ifindex, std::uint32_t session,
                   std::uint32_t epoch) const {
  Request request = about(command, PLAIT_A_KEY);
  request.put(PLAIT_A_KEY_IFINDEX, ifindex);
  request.put(PLAIT_A_KEY_SESSION, session).put(PLAIT_A_KEY_EPOCH, epoch);
  return request;
}

Request Plait::key_new(std::uint32_t ifindex, const NewKey& k) const {
  Request request = key(PLAIT_CMD_KEY_NEW, ifindex, k.session, k.epoch);
  request.put(PLAIT_A_KEY_LOCAL_INDEX, k.local_index);
  request.put(PLAIT_A_KEY_REMOTE_INDEX, k.remote_index);
  request.put_octets(PLAIT_A_KEY_TX_KEY, k.tx).put_octets(PLAIT_A_KEY_RX_KEY, k.rx);
  maybe(request, PLAIT_A_KEY_CIPHER, k.cipher);
  maybe(request, PLAIT_A_KEY_PEER_LANES, k.peer_lanes);
  maybe(request, PLAIT_A_KEY_ACTIVE, k.active);
  maybe(request, PLAIT_A_KEY_SOFT_LIMIT, k.soft);
  maybe(request, PLAIT_A_KEY_HARD_LIMIT, k.hard);
  return request;
}

Request Plait::key_set(std::uint32_t ifindex, std::uint32_t session, std::uint32_t epoch,
                       std::optional<std::uint8_t> active, std::optional<std::uint64_t> soft,
                       std::optional<std::uint64_t> hard) const {
  Request request = key(PLAIT_CMD_KEY_SET, ifindex, session, epoch);
  maybe(request, PLAIT_A_KEY_ACTIVE, active);
  maybe(request, PLAIT_A_KEY_SOFT_LIMIT, soft);
  maybe(request, PLAIT_A_KEY_HARD_LIMIT, hard);
  return request;
}

Request Plait::key_delete(std::uint32_t ifindex, std::uint32_t session, std::uint32_t epoch) const {
  return key(PLAIT_CMD_KEY_DEL, ifindex, session, epoch);
}

Request Plait::key_get(std::uint32_t ifindex, std::uint32_t session, std::uint32_t epoch) const {
  return key(PLAIT_CMD_KEY_GET, ifindex, session, epoch);
}

Request Plait::prefix(std::uint8_t command, std::uint32_t ifindex,
                      const std::vector<Prefix>& list) const {
  Request request = about(command, PLAIT_A_PREFIX);
  request.put(PLAIT_A_PREFIX_IFINDEX, ifindex);
  for (const Prefix& prefix : list) {
    request.nest(PLAIT_A_PREFIX_ENTRY);
    request.put_octets(PLAIT_A_RANGE_ADDRESS, prefix.address);
    request.put(PLAIT_A_RANGE_LENGTH, prefix.length).end();
  }
  return request;
}

Request Plait::prefix_new(std::uint32_t ifindex, const Prefix& p) const {
  return prefix(PLAIT_CMD_PREFIX_NEW, ifindex, {p});
}

Request Plait::prefix_set(std::uint32_t ifindex, const std::vector<Prefix>& list) const {
  return prefix(PLAIT_CMD_PREFIX_SET, ifindex, list);
}

Request Plait::prefix_delete(std::uint32_t ifindex, const Prefix& p) const {
  return prefix(PLAIT_CMD_PREFIX_DEL, ifindex, {p});
}

Request Plait::prefix_get(std::uint32_t ifindex, const Prefix& p) const {
  return prefix(PLAIT_CMD_PREFIX_GET, ifindex, {p});
}

Request Plait::dump(std::uint8_t command) const {
  return {family_, NLM_F_DUMP, genlmsghdr{command, PLAIT_FAMILY_VERSION, 0}};
}

}  // namespace control

// SPDX-License-Identifier: GPL-2.0
// A few rtnetlink requests, and libplait for the rest.
#include "namespaces.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "plait/client.hpp"

namespace plaitbench {
namespace {

constexpr auto underlay = "eth0";
constexpr auto tunnel = "plait0";
constexpr std::uint16_t tunnel_port = 7777;
constexpr unsigned prefix_length = 24;

// Addresses of the client's and of the server's side.
constexpr auto outer_client = "192.0.2.1";
constexpr auto outer_server = "192.0.2.2";
constexpr auto inner_client = "10.7.0.1";
constexpr auto inner_server = "10.7.0.2";

using Message = std::unique_ptr<nl_msg, decltype(&nlmsg_free)>;

void check(int error, const char* what) {
  if (error < 0) throw std::runtime_error(fmt::format("{}: {}", what, nl_geterror(error)));
}

template <typename Header>
Message message_of(int type, int flags, Header header) {
  Message message(nlmsg_alloc_simple(type, flags), nlmsg_free);
  if (!message) throw std::bad_alloc();
  check(nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO), "rtnetlink");
  return message;
}

// Sends a request, and waits for the kernel's word on it.
void ask(const Message& message, const char* what) {
  const std::unique_ptr<nl_sock, decltype(&nl_socket_free)> socket(nl_socket_alloc(),
                                                                   nl_socket_free);
  if (!socket) throw std::bad_alloc();
  check(nl_connect(socket.get(), NETLINK_ROUTE), what);
  check(nl_send_auto(socket.get(), message.get()), what);
  check(nl_wait_for_ack(socket.get()), what);
}

int index_of(const char* link) {
  const unsigned index = if_nametoindex(link);
  if (index == 0) fail(link);
  return static_cast<int>(index);
}

void set_up(const char* link) {
  ifinfomsg header{};
  header.ifi_index = index_of(link);
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  ask(message_of(RTM_NEWLINK, 0, header), "set a link up");
}

void add_address(const char* link, const char* address) {
  const auto octets = plait::Address::parse(address);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = prefix_length;
  header.ifa_index = static_cast<std::uint32_t>(index_of(link));
  const auto message = message_of(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header);
  const auto length = static_cast<int>(octets.octets().size());
  check(nla_put(message.get(), IFA_LOCAL, length, octets.octets().data()), "add an address");
  check(nla_put(message.get(), IFA_ADDRESS, length, octets.octets().data()), "add an address");
  ask(message, "add an address");
}

// The other end goes into that namespace.
void add_veth(int peer_namespace, std::uint32_t mtu) {
  const auto message = message_of(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  auto* request = message.get();
  nla_put_string(request, IFLA_IFNAME, underlay);
  nla_put_u32(request, IFLA_MTU, mtu);
  nlattr* info = nla_nest_start(request, IFLA_LINKINFO);
  nla_put_string(request, IFLA_INFO_KIND, "veth");
  nlattr* data = nla_nest_start(request, IFLA_INFO_DATA);
  nlattr* peer = nla_nest_start(request, VETH_INFO_PEER);
  ifinfomsg header{};
  check(nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO), "make a veth");
  nla_put_string(request, IFLA_IFNAME, underlay);
  nla_put_u32(request, IFLA_MTU, mtu);
  nla_put_u32(request, IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_namespace));
  nla_nest_end(request, peer);
  nla_nest_end(request, data);
  nla_nest_end(request, info);
  ask(message, "make a veth");
}

// Runs it in another thread, and throws here what it throws there.
void in_thread(const std::function<void()>& what) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      what();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

Fd new_namespace() {
  Fd fd;
  in_thread([&fd] {
    if (unshare(CLONE_NEWNET) != 0) {
      const int error = errno;
      throw std::system_error(error, std::generic_category(),
                              error == EPERM ? "network namespaces need root: sudo plaitbench local"
                                             : "a network namespace");
    }
    fd = Fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!fd) fail("/proc/thread-self/ns/net");
  });
  return fd;
}

}  // namespace

TwoHosts::TwoHosts(const TwoHostsOptions& options)
    : options_(options), client_(new_namespace()), server_(new_namespace()) {
  make_veth();
  if (!options_.plain) make_tunnel();
}

void TwoHosts::on(Side side, const std::function<void()>& what) const {
  const int fd = side == Side::client ? client_.get() : server_.get();
  in_thread([&] {
    if (setns(fd, CLONE_NEWNET) != 0) fail("enter a network namespace");
    what();
  });
}

std::string TwoHosts::server_address() const {
  return options_.plain ? outer_server : inner_server;
}

std::string TwoHosts::device() const {
  return options_.plain ? underlay : tunnel;
}

void TwoHosts::make_veth() const {
  on(Side::client, [this] { add_veth(server_.get(), options_.mtu); });
  for (const Side side : {Side::client, Side::server}) {
    on(side, [side] {
      set_up("lo");
      add_address(underlay, side == Side::client ? outer_client : outer_server);
      set_up(underlay);
    });
  }
}

void TwoHosts::make_tunnel() const {
  const auto there = plait::KeyMaterial::generate();
  const auto back = plait::KeyMaterial::generate();
  for (const Side side : {Side::client, Side::server}) {
    on(side, [&, is_client = side == Side::client] {
      constexpr std::uint32_t client_index = 0x11;
      constexpr std::uint32_t server_index = 0x12;
      plait::Client client;
      client.device_new({.name = tunnel, .lanes = options_.lanes, .window = {}, .dscp = {}});
      const auto ifindex = client.device_get(tunnel).ifindex;
      client.strand_new({.id = {.ifindex = ifindex, .id = 0},
                         .local = plait::Address::parse(is_client ? outer_client : outer_server),
                         .remote = plait::Address::parse(is_client ? outer_server : outer_client),
                         .port = tunnel_port,
                         .remote_port = {},
                         .link = {},
                         .fwmark = {},
                         .fragment = {}});
      client.key_new({.id = {.ifindex = ifindex, .session = 1, .epoch = 0},
                      .cipher = options_.cipher,
                      .local_index = is_client ? client_index : server_index,
                      .remote_index = is_client ? server_index : client_index,
                      .tx = is_client ? there : back,
                      .rx = is_client ? back : there,
                      .peer_lanes = options_.lanes,
                      .tx_counter = {},
                      .activation = {},
                      .soft_limit = {},
                      .hard_limit = {}});
      add_address(tunnel, is_client ? inner_client : inner_server);
      set_up(tunnel);
    });
  }
}

}  // namespace plaitbench

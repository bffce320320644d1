// SPDX-License-Identifier: GPL-2.0
// Opening TUN and socket: see link.hpp.
#include "link.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace userdp {

namespace {

// linux/if_tun.h of before 6.2 lacks it: UDP super-packets over IPv4 and IPv6.
constexpr unsigned kTunUso = 0x20 | 0x40;

// More than what a TCP window of 6 MB takes there.
constexpr int kSocketBuffer = 16 << 20;

int checked(int result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

void set_option(int fd, int level, int option, int value) {
  checked(setsockopt(fd, level, option, &value, sizeof(value)), "option of the UDP socket");
}

using Info = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Info resolve(const std::string& address, const std::string& port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0)
    throw std::invalid_argument("no address and port: " + address + " " + port);
  return {found, freeaddrinfo};
}

}  // namespace

Link::Link(const std::string& name, const std::string& local, const std::string& remote,
           const std::string& port) {
  const Info from = resolve(local, port), to = resolve(remote, port);
  ipv6 = from->ai_family == AF_INET6;
  udp = checked(socket(from->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "UDP socket");
  checked(bind(udp, from->ai_addr, from->ai_addrlen), "bind to " + local);
  checked(connect(udp, to->ai_addr, to->ai_addrlen), "connect to " + remote);
  set_option(udp, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBuffer);
  set_option(udp, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBuffer);
  set_option(udp, IPPROTO_UDP, UDP_GRO, 1);
  // The outer packet is not fragmented, its ECN field is told.
  const int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  set_option(udp, level, ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  set_option(udp, level, ipv6 ? IPV6_RECVTCLASS : IP_RECVTOS, 1);

  tun = checked(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (name.size() >= sizeof(request.ifr_name)) throw std::invalid_argument("too long: " + name);
  name.copy(request.ifr_name, name.size());
  checked(ioctl(tun, TUNSETIFF, &request), "TUN " + name);
  const unsigned offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (ioctl(tun, TUNSETOFFLOAD, offloads | kTunUso) != 0)
    checked(ioctl(tun, TUNSETOFFLOAD, offloads), "offloads of TUN " + name);

  int mtu = 0;
  socklen_t len = sizeof(mtu);
  checked(getsockopt(udp, level, ipv6 ? IPV6_MTU : IP_MTU, &mtu, &len), "MTU of the path");
  const u32 headers = (ipv6 ? PLAIT_IPV6_LEN : PLAIT_IPV4_LEN) + PLAIT_UDP_LEN;
  request.ifr_mtu = mtu - static_cast<int>(headers + PLAIT_OVERHEAD_MAX);
  checked(ioctl(udp, SIOCSIFMTU, &request), "MTU of TUN " + name);
}

void Link::set_ecn(int ecn) const {
  set_option(udp, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_TCLASS : IP_TOS, ecn);
}

}  // namespace userdp

// SPDX-License-Identifier: GPL-2.0
// sendmsg() with UDP_SEGMENT, one CPU, one rate.
#include "socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace forge {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void stay_on_this_cpu() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) fail("sched_setaffinity");
}

void set(int fd, int level, int option, int value, const char* what) {
  if (setsockopt(fd, level, option, &value, sizeof value) != 0) fail(what);
}

}  // namespace

Socket::Socket(const std::string& address, const std::string& port, double rate) : rate_(rate) {
  if (address == "nobody") return;
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0) {
    throw std::invalid_argument("no address and port: " + address + " " + port);
  }
  v6_ = found->ai_family == AF_INET6;
  fd_ = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail("socket");
  // Long datagrams travel in fragments; what a host says of a closed port is no matter.
  static_assert(IPV6_PMTUDISC_DONT == IP_PMTUDISC_DONT);
  set(fd_, v6_ ? IPPROTO_IPV6 : IPPROTO_IP, v6_ ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
      IP_PMTUDISC_DONT, "MTU_DISCOVER");
  if (connect(fd_, found->ai_addr, found->ai_addrlen) != 0) fail("connect");
  freeaddrinfo(found);
  stay_on_this_cpu();
}

Socket::~Socket() {
  close(fd_);
}

void Socket::set_ecn(std::uint8_t ecn) {
  if (ecn == ecn_) return;
  set(fd_, v6_ ? IPPROTO_IPV6 : IPPROTO_IP, v6_ ? IPV6_TCLASS : IP_TOS, ecn, "IP_TOS");
  ecn_ = ecn;
}

void Socket::wait() {
  const std::chrono::duration<double> due(static_cast<double>(datagrams_) / rate_);
  std::this_thread::sleep_until(
      start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
}

void Socket::send(const Buffer& buffer) {
  datagrams_ += buffer.datagrams.size();
  sends_++;
  if (fd_ < 0) return;
  Octets all;
  for (const auto& datagram : buffer.datagrams) {
    all.insert(all.end(), datagram.begin(), datagram.end());
  }
  set_ecn(buffer.ecn);
  iovec data{all.data(), all.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint16_t))]{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (buffer.datagrams.size() > 1) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto size = static_cast<std::uint16_t>(buffer.datagrams.front().size());
    std::memcpy(CMSG_DATA(header), &size, sizeof size);
  }
  while (sendmsg(fd_, &message, 0) < 0) {
    if (errno != ENOBUFS && errno != EAGAIN) fail("sendmsg");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  wait();
}

}  // namespace forge

// SPDX-License-Identifier: GPL-2.0
// A call that fails ends the program: a measurement that went wrong has no result.
#include "sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bracket.hpp"

namespace gauge {

namespace {

constexpr std::uint16_t kPort = 5301;

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

int socket_in(const std::string& ns, int type) {
  enter_netns(ns);
  return ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
}

}  // namespace

Socket::Socket(const std::string& ns, int type) : fd_(socket_in(ns, type)) {
  if (fd_ < 0) die("socket");
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

void Socket::bind(const sockaddr_in& to) const {
  if (::bind(fd_, generic(to), sizeof(to)) != 0) die("bind");
}

void Socket::listen(int backlog) const {
  if (::listen(fd_, backlog) != 0) die("listen");
}

Socket Socket::accept() const {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) die("accept");
  return Socket(fd);
}

void Socket::connect(const sockaddr_in& to) const {
  if (::connect(fd_, generic(to), sizeof(to)) != 0) die("connect");
}

sockaddr_in Socket::local_address() const {
  sockaddr_in address{};
  socklen_t len = sizeof(address);
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &len) != 0) die("getsockname");
  return address;
}

void Socket::set(int level, int option, int value) const {
  if (setsockopt(fd_, level, option, &value, sizeof(value)) != 0) die("setsockopt");
}

void Socket::do_not_block() const {
  if (fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
}

void Socket::give_up_after(int seconds) const {
  const timeval patience{seconds, 0};
  if (setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) die("setsockopt");
}

sockaddr_in address_of(const std::string& text) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  if (inet_pton(AF_INET, text.c_str(), &to.sin_addr) != 1) die("no IPv4 address: " + text);
  return to;
}

}  // namespace gauge

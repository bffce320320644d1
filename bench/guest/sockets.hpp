// SPDX-License-Identifier: GPL-2.0
// Sockets in network namespaces, for the verbs that send by system calls.
#pragma once

#include <netinet/in.h>

#include <string>
#include <utility>

namespace gauge {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  // Of SOCK_STREAM or SOCK_DGRAM, in a namespace: the process enters it, and stays there.
  Socket(const std::string& ns, int type);
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  [[nodiscard]] int fd() const { return fd_; }
  void bind(const sockaddr_in& to) const;
  void listen(int backlog) const;
  [[nodiscard]] Socket accept() const;
  void connect(const sockaddr_in& to) const;
  [[nodiscard]] sockaddr_in local_address() const;
  void set(int level, int option, int value) const;
  void do_not_block() const;
  void give_up_after(int seconds) const;  // of waiting to receive

 private:
  int fd_;
};

// An IPv4 address, with the port that gauge uses.
sockaddr_in address_of(const std::string& text);

}  // namespace gauge

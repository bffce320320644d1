// SPDX-License-Identifier: GPL-2.0
// Netlink for programs that change devices thousands of times, in several network
// namespaces: a request costs a system call, not a process.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace control {

using Octets = std::vector<std::uint8_t>;

/// A file descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// The network namespace of that name, as `ip netns` keeps it; "": this thread's own.
Fd netns(const std::string& name);

/// Runs something in a namespace; this thread comes back afterwards.
void inside(int netns, const std::function<void()>& what);

/// A request under construction: headers, then attributes.
class Request {
 public:
  /// header: the family's own, genlmsghdr or ifinfomsg.
  template <typename Header>
  Request(std::uint16_t type, std::uint16_t flags, const Header& header) : octets_(NLMSG_HDRLEN) {
    const nlmsghdr h{.nlmsg_len = 0,
                     .nlmsg_type = type,
                     .nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST),
                     .nlmsg_seq = 0,
                     .nlmsg_pid = 0};
    std::memcpy(octets_.data(), &h, sizeof h);
    append(&header, sizeof header);
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number> Request& put(std::uint16_t type, Number number) {
    return put_octets(type, {reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
  }
  Request& put_octets(std::uint16_t type, std::span<const std::uint8_t> octets);
  Request& put_text(std::uint16_t type, const std::string& text);
  /// A header in front of a nest's attributes.
  template <typename Header>
  Request& put_header(const Header& header) {
    append(&header, sizeof header);
    return *this;
  }
  /// What is put until end() is in this nest.
  Request& nest(std::uint16_t type);
  Request& end();

  /// Ready to be sent.
  Octets& finish(std::uint32_t seq);

 private:
  void append(const void* from, std::size_t size);

  Octets octets_;
  std::vector<std::size_t> nests_{};
};

/// A netlink socket of one namespace.
class Socket {
 public:
  Socket(int netns, int protocol);

  /// Sends and waits for the answer. Returns 0 or errno, positive; each reply is visited
  /// behind its nlmsghdr.
  int ask(Request& request, const std::function<void(std::span<const std::uint8_t>)>& visit = {});

  /// The two halves of ask().
  void send(Request& request);
  int receive(const std::function<void(std::span<const std::uint8_t>)>& visit = {});

  /// Joins a multicast group.
  void join(std::uint32_t group) const;
  /// Reads what has come, if anything, and forgets it.
  void drain();

 private:
  Fd fd_;
  std::uint32_t seq_ = 0;
  Octets buffer_;
};

/// visit(type, payload) of each attribute.
void each_attribute(std::span<const std::uint8_t> octets,
                    const std::function<void(int, std::span<const std::uint8_t>)>& visit);

struct Family {
  std::uint16_t id = 0;
  std::vector<std::uint32_t> groups{};
};

/// The generic netlink family; id 0 if there is none.
Family find_family(Socket& generic, const std::string& name);

}  // namespace control

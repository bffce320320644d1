// SPDX-License-Identifier: GPL-2.0
// Generic netlink over libnl: a request with one object in it, a socket that asks, and one
// message after the other out of what a receive brought.
#pragma once

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "attributes.hpp"

namespace plait {

/// A request about one object (PLAIT_A_DEVICE, _STRAND, _KEY or _PREFIX). Wiped when destroyed, as
/// it may hold keys.
class Request {
 public:
  /// name: what it is called in errors, "add strand 0". room: for its attributes, octets.
  Request(std::string name, std::uint8_t command, std::uint16_t object, std::size_t room = 1024);

  template <typename Number>
  Request& put(std::uint16_t type, const Number& number) {
    return put_octets(type, std::as_bytes(std::span(&number, 1)));
  }
  template <typename Number>
  Request& put(std::uint16_t type, const std::optional<Number>& number) {
    return number ? put(type, *number) : *this;
  }
  Request& put_octets(std::uint16_t type, std::span<const std::byte> octets);
  Request& put_text(std::uint16_t type, const std::string& text);

  /// A nest, filled by what is put meanwhile.
  Request& put_nest(std::uint16_t type, const std::function<void(Request&)>& fill);

  /// Asks for all objects instead of one.
  Request& dump();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint16_t object() const { return object_; }

 private:
  friend class Socket;
  struct Wipe {
    void operator()(nl_msg* message) const;
  };

  std::string name_;
  std::uint16_t object_;
  std::unique_ptr<nl_msg, Wipe> message_;
  nlattr* nest_ = nullptr;  // inside message_
};

/// Calls visit(nlmsghdr, octets of the message) for each whole message; stops at the first
/// malformed one, or when visit returns false.
template <typename Visit>
void each_message(std::span<const std::byte> octets, Visit visit) {
  while (octets.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, octets.data(), sizeof(header));
    if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > octets.size() ||
        !visit(header, octets.first(header.nlmsg_len))) {
      return;
    }
    octets = octets.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), octets.size()));
  }
}

/// A socket for the family "plait".
class Socket {
 public:
  /// Throws NotLoaded if there is no such family, Error if there is no netlink.
  Socket();

  /// Joins one of the family's multicast groups.
  void join(const std::string& group);

  [[nodiscard]] int fd() const { return nl_socket_get_fd(socket_.get()); }
  [[nodiscard]] std::uint16_t family() const { return static_cast<std::uint16_t>(family_); }

  /// Sends, and calls on_reply with each reply's object until the kernel has said all.
  /// Throws Error if it refuses.
  void ask(Request& request, const std::function<void(const Attributes&)>& on_reply = {});

 private:
  struct Close {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  };
  std::unique_ptr<nl_sock, Close> socket_;
  int family_ = 0;
};

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// Generic netlink over libnl: a request with one object in it, a socket that asks.
#pragma once

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "attributes.hpp"

namespace plait {

/// A request about one object (PLAIT_A_DEVICE, _STRAND or _KEY). Wiped when destroyed, as it
/// may hold keys.
class Request {
 public:
  /// name: what it is called in errors, "strand new".
  Request(std::string name, std::uint8_t command, std::uint16_t object);

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

/// A socket joined to one generic netlink family.
class Socket {
 public:
  /// Throws NotLoaded if there is no such family, Error if there is no netlink.
  explicit Socket(const std::string& family);

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

// SPDX-License-Identifier: GPL-2.0
// A netlink socket that knows whether and how a request was answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tree.hpp"

namespace nlstorm {

struct Answer {
  int error = 0;                // positive, of errno
  std::vector<Octets> replies;  // behind nlmsghdr
};

class Socket {
 public:
  explicit Socket(int protocol);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// False if the kernel did not take it: larger than it takes at all.
  [[nodiscard]] bool send(const Octets& octets) const;

  /// All of the answer to request seq; nothing if none came in time.
  std::optional<Answer> answer(std::uint32_t seq);

  /// Everything that has come, unread.
  void drain();

  /// False if this process may not listen to the group.
  [[nodiscard]] bool join(std::uint32_t group) const;

 private:
  int fd_;
  Octets buffer_;
};

struct Family {
  std::uint16_t id = 0;
  std::vector<std::uint32_t> groups;
};

Family find_family(const std::string& name);

}  // namespace nlstorm

// SPDX-License-Identifier: GPL-2.0
// Datagrams as they come, many a system call: aggregates that the stack made (UDP_GRO) are taken
// apart.
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace plaitbench {

class Inbox {
 public:
  Inbox();

  /// Waits for one message as long as the socket's patience is, and takes what else is there.
  /// Calls visit with each datagram.
  template <typename Visit>
  void receive(int fd, Visit visit) {
    const std::size_t messages = take(fd);
    for (std::size_t i = 0; i < messages; i++) {
      auto rest =
          std::span<const std::byte>(octets_).subspan(i * longest_aggregate, headers_[i].msg_len);
      const std::size_t each = segment_of(headers_[i].msg_hdr, rest.size());
      while (!rest.empty()) {
        const auto one = rest.first(std::min(each, rest.size()));
        rest = rest.subspan(one.size());
        visit(one);
      }
    }
  }

 private:
  static constexpr std::size_t messages_at_once = 32;
  static constexpr std::size_t longest_aggregate = 65'536;

  struct alignas(cmsghdr) Controls {
    char octets[CMSG_SPACE(sizeof(int))] = {};
  };

  std::size_t take(int fd);
  static std::size_t segment_of(msghdr& header, std::size_t length);

  std::vector<std::byte> octets_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
  std::vector<Controls> controls_;
};

}  // namespace plaitbench

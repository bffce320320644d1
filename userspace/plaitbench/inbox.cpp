// SPDX-License-Identifier: GPL-2.0
// recvmmsg, and what UDP_GRO says of each message.
#include "inbox.hpp"

#include <cstring>

namespace plaitbench {

Inbox::Inbox()
    : octets_(messages_at_once * longest_aggregate),
      parts_(messages_at_once),
      headers_(messages_at_once),
      controls_(messages_at_once) {
  for (std::size_t i = 0; i < messages_at_once; i++) {
    parts_[i] = {.iov_base = &octets_[i * longest_aggregate], .iov_len = longest_aggregate};
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

// How many messages came.
std::size_t Inbox::take(int fd) {
  for (std::size_t i = 0; i < messages_at_once; i++) {
    headers_[i].msg_hdr.msg_control = controls_[i].octets;
    headers_[i].msg_hdr.msg_controllen = sizeof(controls_[i].octets);
  }
  const int got = recvmmsg(fd, headers_.data(), messages_at_once, MSG_WAITFORONE, nullptr);
  // Nothing within the socket's patience; or what ICMP said of an earlier datagram, told once.
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

// The length of the datagrams in an aggregate; only the last may be shorter.
std::size_t Inbox::segment_of(msghdr& header, std::size_t length) {
  for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
    if (one->cmsg_level == SOL_UDP && one->cmsg_type == UDP_GRO) {
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(one), sizeof(segment));
      if (segment > 0) return static_cast<std::size_t>(segment);
    }
  }
  return std::max<std::size_t>(length, 1);
}

}  // namespace plaitbench

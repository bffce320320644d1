// SPDX-License-Identifier: GPL-2.0
// Netlink messages by hand, as the kernel would send them.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

using Octets = std::vector<std::byte>;

template <typename T>
Octets raw(const T& value) {
  const auto octets = std::as_bytes(std::span(&value, 1));
  return {octets.begin(), octets.end()};
}

inline Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// One attribute, padded to four octets.
inline Octets attribute(int type, const Octets& payload) {
  Octets octets = raw(nlattr{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + payload.size()),
                             .nla_type = static_cast<std::uint16_t>(type)}) +
                  payload;
  octets.resize(NLA_ALIGN(octets.size()));
  return octets;
}

inline Octets attribute(int type, std::string_view text) {
  Octets payload(text.size() + 1);
  std::memcpy(payload.data(), text.data(), text.size());
  return attribute(type, payload);
}

/// A whole message.
inline Octets message(std::uint16_t type, std::uint16_t flags, const Octets& payload) {
  return raw(nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + payload.size()),
                      .nlmsg_type = type,
                      .nlmsg_flags = flags,
                      .nlmsg_seq = 1,
                      .nlmsg_pid = 0}) +
         payload;
}

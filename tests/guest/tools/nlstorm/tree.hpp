// SPDX-License-Identifier: GPL-2.0
// A netlink message as a tree of attributes, its octets, and ways to spoil both.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "../forge/dice.hpp"

namespace nlstorm {

using forge::Dice;
using forge::Octets;

struct Node {
  std::uint16_t type = 0;  // with NLA_F_NESTED or not
  Octets payload{};
  std::vector<Node> children{};  // behind the payload
};

struct Message {
  bool route = false;         // rtnetlink, else generic netlink
  bool change = false;        // wants CAP_NET_ADMIN
  bool header_intact = true;  // the kernel looks at the command, and at who asks
  std::uint16_t type = 0, flags = 0;
  std::uint32_t seq = 0;
  Octets header{};  // of the family: genlmsghdr, ifinfomsg
  std::vector<Node> attributes{};
};

/// Spoil one thing of the tree: an attribute's type, size, value, place or number.
void spoil_tree(Message& message, Dice& dice);

/// Spoil one thing of the headers.
void spoil_header(Message& message, Dice& dice);

/// With nlmsghdr. What has nests deeper than 16 bits of length can say is cut.
Octets octets_of(const Message& message);

/// Spoil octets behind the headers: lengths, bits, the end. Returns whether nlmsg_len is
/// still one that the kernel answers.
bool spoil_octets(Octets& octets, Dice& dice);

template <typename T>
T read_at(const Octets& octets, std::size_t at) {
  T value{};
  if (at + sizeof value > octets.size()) throw std::runtime_error("a reply is too short");
  std::memcpy(&value, &octets[at], sizeof value);
  return value;
}

/// visit(type, payload) of each attribute in octets[at…].
template <typename Visit>
void each_attribute(const Octets& octets, std::size_t at, Visit visit) {
  while (at + NLA_HDRLEN <= octets.size()) {
    const auto attribute = read_at<nlattr>(octets, at);
    if (attribute.nla_len < NLA_HDRLEN || at + attribute.nla_len > octets.size()) break;
    const auto begin = octets.begin() + static_cast<std::ptrdiff_t>(at);
    visit(attribute.nla_type & NLA_TYPE_MASK,
          Octets(begin + NLA_HDRLEN, begin + attribute.nla_len));
    at += NLA_ALIGN(attribute.nla_len);
  }
}

}  // namespace nlstorm

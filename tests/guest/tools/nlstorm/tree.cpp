// SPDX-License-Identifier: GPL-2.0
// Spoiling: first the tree, where every length is still right, then headers and octets.
#include "tree.hpp"

#include <linux/genetlink.h>

#include <algorithm>

namespace nlstorm {
namespace {

constexpr std::size_t kLongestAttribute = UINT16_MAX;

// Every list of attributes in the message, the outermost first.
void collect(std::vector<Node>& list, std::vector<std::vector<Node>*>& all) {
  all.push_back(&list);
  for (Node& node : list) {
    if (!node.children.empty()) collect(node.children, all);
  }
}

Octets extreme(Dice& dice, std::size_t size) {
  Octets out(size, dice.one_in(2) ? 0xff : 0);
  if (size > 0 && dice.one_in(3)) out[dice.below(size)] ^= 1U << dice.below(8);
  if (size > 0 && dice.one_in(3)) out.back() ^= 0x80;
  return out;
}

void deepen(Node& node, Dice& dice) {
  for (auto depth = dice.between(1, dice.one_in(8) ? 200 : 12); depth > 0; depth--) {
    Node outer{.type = dice.one_in(4) ? static_cast<std::uint16_t>(dice.below(8) | NLA_F_NESTED)
                                      : node.type,
               .payload = {}};
    outer.children.push_back(std::move(node));
    node = std::move(outer);
  }
}

void append(Octets& out, const void* from, std::size_t size) {
  const std::size_t at = out.size();
  out.resize(at + size);
  if (size > 0) std::memcpy(&out[at], from, size);
}

void write(Octets& out, const Node& node) {
  const std::size_t start = out.size();
  nlattr attribute{.nla_len = 0, .nla_type = node.type};
  append(out, &attribute, sizeof attribute);
  append(out, node.payload.data(), node.payload.size());
  out.resize(start + NLA_ALIGN(out.size() - start));
  for (const Node& child : node.children) {
    write(out, child);
  }
  const std::size_t length =
      node.children.empty() ? NLA_HDRLEN + node.payload.size() : out.size() - start;
  attribute.nla_len = static_cast<std::uint16_t>(std::min(length, kLongestAttribute));
  std::memcpy(&out[start], &attribute, sizeof attribute);
}

}  // namespace

void spoil_tree(Message& message, Dice& dice) {
  std::vector<std::vector<Node>*> lists;
  collect(message.attributes, lists);
  std::vector<Node>& list = *lists[dice.below(lists.size())];
  if (list.empty()) {
    list.push_back({.type = static_cast<std::uint16_t>(dice.below(64)),
                    .payload = dice.octets(dice.below(20))});
    return;
  }
  const auto place = list.begin() + static_cast<std::ptrdiff_t>(dice.below(list.size()));
  Node& node = *place;
  switch (dice.below(12)) {
    case 0:  // another type
      node.type = static_cast<std::uint16_t>((node.type & NLA_F_NESTED) | dice.below(24));
      break;
    case 1:  // any type, any flags
      node.type = static_cast<std::uint16_t>(dice.number());
      break;
    case 2:  // with and without the flag of a nest
      node.type ^= dice.one_in(3) ? NLA_F_NET_BYTEORDER : NLA_F_NESTED;
      break;
    case 3:  // shorter or longer
      node.payload.resize(dice.below(node.payload.size() + 9));
      break;
    case 4:  // empty, a nest without content
      node.payload.clear();
      node.children.clear();
      break;
    case 5:  // very long
      node.payload.resize(dice.between(1, dice.one_in(4) ? 60000 : 2000), 0x41);
      break;
    case 6:
      node.payload = extreme(dice, node.payload.size());
      break;
    case 7:
      node.payload = dice.octets(node.payload.size());
      break;
    case 8:  // twice, or often
      list.insert(place, dice.one_in(8) ? 200 : 1, Node(node));
      break;
    case 9:  // missing
      list.erase(place);
      break;
    case 10:
      deepen(node, dice);
      break;
    default:  // swapped with a neighbour's content
      std::swap(node.payload, list[dice.below(list.size())].payload);
      break;
  }
}

void spoil_header(Message& message, Dice& dice) {
  switch (dice.below(5)) {
    case 0:
      message.flags ^= 1U << dice.between(4, 11);
      message.header_intact = false;  // a change may have become a dump, which none has
      break;
    case 1:  // a command beyond the last, or another one
      message.header_intact = false;
      message.header[0] =
          static_cast<std::uint8_t>(dice.one_in(2) ? dice.below(32) : dice.number());
      break;
    case 2:
      message.header_intact = false;
      message.header[dice.below(message.header.size())] = static_cast<std::uint8_t>(dice.number());
      break;
    case 3:  // cut, so that attributes would begin in it
      message.header_intact = false;
      message.header.resize(dice.below(message.header.size()));
      break;
    default:  // control messages, and those of nobody
      message.header_intact = false;
      message.type = static_cast<std::uint16_t>(dice.one_in(2) ? dice.below(NLMSG_MIN_TYPE)
                                                               : message.type + 200);
      break;
  }
}

Octets octets_of(const Message& message) {
  nlmsghdr header{.nlmsg_len = 0,
                  .nlmsg_type = message.type,
                  .nlmsg_flags = message.flags,
                  .nlmsg_seq = message.seq,
                  .nlmsg_pid = 0};
  Octets out;
  append(out, &header, sizeof header);
  append(out, message.header.data(), message.header.size());
  out.resize(NLMSG_ALIGN(out.size()));
  for (const Node& node : message.attributes) {
    write(out, node);
  }
  header.nlmsg_len = static_cast<std::uint32_t>(out.size());
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

bool spoil_octets(Octets& octets, Dice& dice) {
  const std::size_t body = NLMSG_HDRLEN + GENL_HDRLEN;  // headers are not for here
  const auto set_length = [&octets](std::uint32_t length) {
    std::memcpy(octets.data(), &length, sizeof length);
  };
  if (octets.size() <= body) return true;
  switch (dice.below(6)) {
    case 0: {  // what is mostly an attribute's length
      const std::size_t at = body + NLA_ALIGN(dice.below(octets.size() - body));
      if (at + 1 < octets.size()) {
        octets[at] = static_cast<std::uint8_t>(dice.one_in(2) ? dice.below(8) : dice.number());
        if (dice.one_in(3)) octets[at + 1] = static_cast<std::uint8_t>(dice.number());
      }
      break;
    }
    case 1:
      octets[dice.between(body, octets.size() - 1)] ^= 1U << dice.below(8);
      break;
    case 2:  // cut anywhere, and honest about it
      octets.resize(dice.between(body, octets.size()));
      set_length(static_cast<std::uint32_t>(octets.size()));
      break;
    case 3: {  // trailing octets that belong to the message
      const Octets more = dice.octets(dice.between(1, 40));
      append(octets, more.data(), more.size());
      set_length(static_cast<std::uint32_t>(octets.size()));
      break;
    }
    case 4:  // the rest becomes a message of its own
      set_length(static_cast<std::uint32_t>(dice.between(body, octets.size())));
      break;
    default:  // longer than what was sent, or shorter than a header: nobody answers
      set_length(static_cast<std::uint32_t>(dice.one_in(2) ? octets.size() + dice.between(1, 99)
                                                           : dice.below(NLMSG_HDRLEN)));
      return false;
  }
  return true;
}

}  // namespace nlstorm

// SPDX-License-Identifier: GPL-2.0
// Walking attributes with every length checked, and the table of their names.
#include "attributes.hpp"

#include <linux/netlink.h>

#include <array>
#include <string_view>

#include "plait.h"

namespace plait {
namespace {

constexpr std::array<std::string_view, PLAIT_A_DEVICE_MAX + 1> device_names{
    "",        "ifindex", "ifname", "port", "lanes",     "window",  "mtu",
    "carrier", "strands", "stats",  "dscp", "mtu-fixed", "prefixes"};
constexpr std::array<std::string_view, PLAIT_A_STRAND_MAX + 1> strand_names{
    "",         "ifindex",  "id",           "local",      "remote",       "port",     "remote-port",
    "link",     "",         "tx-datagrams", "tx-bytes",   "rx-datagrams", "rx-bytes", "fwmark",
    "fragment", "path-mtu", "rx-copies",    "rx-failures"};
constexpr std::array<std::string_view, PLAIT_A_KEY_MAX + 1> key_names{"",
                                                                      "ifindex",
                                                                      "session",
                                                                      "epoch",
                                                                      "cipher",
                                                                      "local-index",
                                                                      "remote-index",
                                                                      "tx-key",
                                                                      "rx-key",
                                                                      "peer-lanes",
                                                                      "tx-counter",
                                                                      "active",
                                                                      "open-failures",
                                                                      "",
                                                                      "soft-limit",
                                                                      "hard-limit",
                                                                      "sealed",
                                                                      "driver"};
constexpr std::array<std::string_view, PLAIT_A_PREFIX_MAX + 1> prefix_names{"", "ifindex", "entry"};
constexpr std::array<std::string_view, PLAIT_A_FILTER_MAX + 1> filter_names{"", "heard", "sockets",
                                                                            "lanes"};

// A name left out of a table would show here.
static_assert(device_names[PLAIT_A_DEVICE_PREFIXES] == "prefixes");
static_assert(strand_names[PLAIT_A_STRAND_RX_FAILURES] == "rx-failures");
static_assert(key_names[PLAIT_A_KEY_DRIVER] == "driver");
static_assert(prefix_names[PLAIT_A_PREFIX_ENTRY] == "entry");
static_assert(filter_names[PLAIT_A_FILTER_LANES] == "lanes");

std::string name_in(std::span<const std::string_view> names, std::uint16_t type) {
  return type < names.size() && !names[type].empty() ? std::string(names[type])
                                                     : "attribute " + std::to_string(type);
}

}  // namespace

std::optional<Attributes::Attribute> Attributes::at(std::size_t offset) const {
  if (offset > octets_.size() || octets_.size() - offset < sizeof(nlattr)) {
    return {};
  }
  nlattr header{};
  std::memcpy(&header, octets_.data() + offset, sizeof(header));
  if (header.nla_len < sizeof(nlattr) || header.nla_len > octets_.size() - offset) {
    return {};
  }
  return Attribute{
      .type = static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
      .offset = offset,
      .payload = octets_.subspan(offset + NLA_HDRLEN, header.nla_len - sizeof(nlattr))};
}

std::size_t Attributes::next(const Attribute& attribute) {
  return attribute.offset + NLA_HDRLEN + NLA_ALIGN(attribute.payload.size());
}

std::optional<Attributes::Attribute> Attributes::find(std::uint16_t type) const {
  std::optional<Attribute> found;
  each([&](const Attribute& attribute) {
    if (!found && attribute.type == type) {
      found = attribute;
    }
  });
  return found;
}

std::string Attributes::text(std::uint16_t type) const {
  const auto attribute = find(type);
  if (!attribute) {
    return {};
  }
  const std::string text(reinterpret_cast<const char*>(attribute->payload.data()),
                         attribute->payload.size());
  return text.substr(0, text.find('\0'));
}

Attributes Attributes::nest(std::uint16_t type) const {
  const auto attribute = find(type);
  return attribute ? Attributes(attribute->payload) : Attributes();
}

std::string attribute_name(std::uint16_t object, std::uint16_t inner) {
  std::string name;
  std::span<const std::string_view> names;
  switch (object) {
    case PLAIT_A_DEVICE:
      name = "device";
      names = device_names;
      break;
    case PLAIT_A_STRAND:
      name = "strand";
      names = strand_names;
      break;
    case PLAIT_A_KEY:
      name = "key";
      names = key_names;
      break;
    case PLAIT_A_PREFIX:
      name = "prefix";
      names = prefix_names;
      break;
    case PLAIT_A_FILTER:
      name = "filter";
      names = filter_names;
      break;
    default:
      return "attribute " + std::to_string(object);
  }
  return inner == 0 ? name : name + "." + name_in(names, inner);
}

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// A table of objects, their attributes and plausible values; a table of commands.
#include "messages.hpp"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <plait.h>

#include <span>
#include <string>

namespace nlstorm {
namespace {

constexpr std::size_t kCrowd = 24;  // devices, from which on more go than come
constexpr std::size_t kKeyMaterial = 48;
constexpr int kNames = 8;

enum class Value {
  kIfindex,
  kName,
  kLanes,
  kWindow,
  kDscp,
  kFlag,
  kAddress,
  kPort,
  kNetPort,
  kId,
  kAny32,
  kAny64,
  kMtu,
  kSession,
  kEpoch,
  kCipher,
  kIndex,
  kKey,
  kActive,
  kLimit,
  kLength,
  kRange,
  kString,
};

enum class Role {
  kName,    // says which object is meant
  kNeeded,  // of a new one
  kOptional,
  kRare,  // mostly refused
  kTold,  // by replies alone, so refused
};

struct Field {
  std::uint16_t type;
  Value value;
  Role role;
};

constexpr Field kDevice[] = {
    {PLAIT_A_DEVICE_IFINDEX, Value::kIfindex, Role::kName},
    {PLAIT_A_DEVICE_IFNAME, Value::kName, Role::kOptional},
    {PLAIT_A_DEVICE_LANES, Value::kLanes, Role::kOptional},
    {PLAIT_A_DEVICE_WINDOW, Value::kWindow, Role::kOptional},
    {PLAIT_A_DEVICE_DSCP, Value::kDscp, Role::kOptional},
    {PLAIT_A_DEVICE_MTU, Value::kMtu, Role::kTold},
    {PLAIT_A_DEVICE_STATS, Value::kRange, Role::kTold},
};
constexpr Field kStrand[] = {
    {PLAIT_A_STRAND_IFINDEX, Value::kIfindex, Role::kName},
    {PLAIT_A_STRAND_ID, Value::kId, Role::kName},
    {PLAIT_A_STRAND_REMOTE, Value::kAddress, Role::kNeeded},
    {PLAIT_A_STRAND_PORT, Value::kPort, Role::kNeeded},
    {PLAIT_A_STRAND_LOCAL, Value::kAddress, Role::kRare},
    {PLAIT_A_STRAND_REMOTE_PORT, Value::kPort, Role::kOptional},
    {PLAIT_A_STRAND_LINK, Value::kIfindex, Role::kRare},
    {PLAIT_A_STRAND_FWMARK, Value::kAny32, Role::kOptional},
    {PLAIT_A_STRAND_FRAGMENT, Value::kFlag, Role::kOptional},
    {PLAIT_A_STRAND_TX_BYTES, Value::kAny64, Role::kTold},
};
constexpr Field kKey[] = {
    {PLAIT_A_KEY_IFINDEX, Value::kIfindex, Role::kName},
    {PLAIT_A_KEY_SESSION, Value::kSession, Role::kName},
    {PLAIT_A_KEY_EPOCH, Value::kEpoch, Role::kName},
    {PLAIT_A_KEY_LOCAL_INDEX, Value::kIndex, Role::kNeeded},
    {PLAIT_A_KEY_REMOTE_INDEX, Value::kIndex, Role::kNeeded},
    {PLAIT_A_KEY_TX_KEY, Value::kKey, Role::kNeeded},
    {PLAIT_A_KEY_RX_KEY, Value::kKey, Role::kNeeded},
    {PLAIT_A_KEY_CIPHER, Value::kCipher, Role::kOptional},
    {PLAIT_A_KEY_PEER_LANES, Value::kLanes, Role::kOptional},
    {PLAIT_A_KEY_TX_COUNTER, Value::kAny64, Role::kOptional},
    {PLAIT_A_KEY_ACTIVE, Value::kActive, Role::kOptional},
    {PLAIT_A_KEY_SOFT_LIMIT, Value::kLimit, Role::kOptional},
    {PLAIT_A_KEY_HARD_LIMIT, Value::kLimit, Role::kOptional},
    {PLAIT_A_KEY_SEALED, Value::kAny64, Role::kTold},
    {PLAIT_A_KEY_DRIVER, Value::kString, Role::kTold},
};
constexpr Field kPrefix[] = {
    {PLAIT_A_PREFIX_IFINDEX, Value::kIfindex, Role::kName},
    {PLAIT_A_PREFIX_ENTRY, Value::kRange, Role::kNeeded},
};
constexpr Field kLink[] = {
    {IFLA_PLAIT_REMOTE, Value::kAddress, Role::kNeeded},
    {IFLA_PLAIT_PORT, Value::kNetPort, Role::kNeeded},
    {IFLA_PLAIT_LOCAL, Value::kAddress, Role::kRare},
    {IFLA_PLAIT_REMOTE_PORT, Value::kNetPort, Role::kOptional},
    {IFLA_PLAIT_LINK, Value::kIfindex, Role::kRare},
    {IFLA_PLAIT_LANES, Value::kLanes, Role::kOptional},
    {IFLA_PLAIT_WINDOW, Value::kWindow, Role::kOptional},
    {IFLA_PLAIT_FWMARK, Value::kAny32, Role::kOptional},
    {IFLA_PLAIT_DSCP, Value::kDscp, Role::kOptional},
    {IFLA_PLAIT_FRAGMENT, Value::kFlag, Role::kOptional},
};

enum class Verb { kNew, kSet, kDel, kGet };

struct Command {
  int weight;
  std::uint16_t attribute;  // the object's nest; 0: a link
  std::uint16_t number;     // of family plait or of rtnetlink
  Verb verb;
  std::span<const Field> fields;
};

constexpr Command kCommands[] = {
    {3, PLAIT_A_DEVICE, PLAIT_CMD_DEVICE_NEW, Verb::kNew, kDevice},
    {6, PLAIT_A_DEVICE, PLAIT_CMD_DEVICE_SET, Verb::kSet, kDevice},
    {1, PLAIT_A_DEVICE, PLAIT_CMD_DEVICE_DEL, Verb::kDel, kDevice},
    {5, PLAIT_A_DEVICE, PLAIT_CMD_DEVICE_GET, Verb::kGet, kDevice},
    {8, PLAIT_A_STRAND, PLAIT_CMD_STRAND_NEW, Verb::kNew, kStrand},
    {6, PLAIT_A_STRAND, PLAIT_CMD_STRAND_SET, Verb::kSet, kStrand},
    {3, PLAIT_A_STRAND, PLAIT_CMD_STRAND_DEL, Verb::kDel, kStrand},
    {5, PLAIT_A_STRAND, PLAIT_CMD_STRAND_GET, Verb::kGet, kStrand},
    {14, PLAIT_A_KEY, PLAIT_CMD_KEY_NEW, Verb::kNew, kKey},
    {8, PLAIT_A_KEY, PLAIT_CMD_KEY_SET, Verb::kSet, kKey},
    {4, PLAIT_A_KEY, PLAIT_CMD_KEY_DEL, Verb::kDel, kKey},
    {5, PLAIT_A_KEY, PLAIT_CMD_KEY_GET, Verb::kGet, kKey},
    {8, PLAIT_A_PREFIX, PLAIT_CMD_PREFIX_NEW, Verb::kNew, kPrefix},
    {6, PLAIT_A_PREFIX, PLAIT_CMD_PREFIX_SET, Verb::kNew, kPrefix},
    {4, PLAIT_A_PREFIX, PLAIT_CMD_PREFIX_DEL, Verb::kNew, kPrefix},
    {5, PLAIT_A_PREFIX, PLAIT_CMD_PREFIX_GET, Verb::kNew, kPrefix},
    {1, PLAIT_A_EVENT_KIND, PLAIT_CMD_EVENT, Verb::kGet, kDevice},
    {4, 0, RTM_NEWLINK, Verb::kNew, kLink},
    {7, 0, RTM_NEWLINK, Verb::kSet, kLink},
    {1, 0, RTM_DELLINK, Verb::kDel, kLink},
    {3, 0, RTM_GETLINK, Verb::kGet, kLink},
};

template <typename T>
Octets octets(T value) {
  const auto* octet = reinterpret_cast<const std::uint8_t*>(&value);
  return {octet, octet + sizeof value};
}

template <typename T, std::size_t N>
T one_of(Dice& dice, const T (&choice)[N]) {
  return choice[dice.below(N)];
}

Octets text(const std::string& words) {
  Octets out(words.begin(), words.end());
  out.push_back(0);
  return out;
}

Octets address(Dice& dice) {
  const char* word = dice.one_in(4) ? one_of(dice, {"0.0.0.0", "224.0.0.1", "255.255.255.255",
                                                    "::", "ff02::1", "fe80::1", "::ffff:192.0.2.1"})
                                    : one_of(dice, {"127.0.0.1", "192.0.2.1", "192.0.2.2",
                                                    "10.7.0.0", "::1", "2001:db8:1::1", "fd07::"});
  in6_addr binary{};
  if (inet_pton(AF_INET, word, &binary) == 1) return octets(reinterpret_cast<in_addr&>(binary));
  inet_pton(AF_INET6, word, &binary);
  return octets(binary);
}

std::uint32_t ifindex(const World& world, Dice& dice) {
  if (!world.devices.empty() && !dice.one_in(8)) {
    return world.devices[dice.below(world.devices.size())];
  }
  return one_of<std::uint32_t>(dice, {0, 1, 2, 3, 77, 0x7fffffff, 0x80000000, 0xffffffff});
}

// A limit or counter: small, around a power of two, or anything.
std::uint64_t wide(Dice& dice) {
  if (dice.one_in(3)) return dice.below(100);
  if (dice.one_in(3)) return dice.number();
  return (1ULL << dice.below(64)) + dice.below(3) - 1;
}

Octets value_of(Value value, const World& world, Dice& dice) {
  switch (value) {
    case Value::kIfindex:
      return octets(ifindex(world, dice));
    case Value::kName:
      return text("storm" + std::to_string(dice.below(kNames)));
    case Value::kLanes:
      return octets<std::uint32_t>(static_cast<std::uint32_t>(dice.one_in(3) ? dice.below(18) : 1));
    case Value::kWindow:
      return octets<std::uint32_t>(1U << dice.between(dice.one_in(4) ? 4 : 6, 12));
    case Value::kDscp:
      return octets<std::uint8_t>(static_cast<std::uint8_t>(dice.one_in(3) ? 255 : dice.below(66)));
    case Value::kFlag:
      return octets<std::uint8_t>(static_cast<std::uint8_t>(dice.below(3)));
    case Value::kAddress:
      return address(dice);
    case Value::kPort:
      return octets<std::uint16_t>(static_cast<std::uint16_t>(7000 + dice.below(6)));
    case Value::kNetPort:
      return octets(htons(static_cast<std::uint16_t>(7000 + dice.below(6))));
    case Value::kId:
      return octets<std::uint32_t>(dice.one_in(16) ? 1 : 0);
    case Value::kAny32:
      return octets(static_cast<std::uint32_t>(wide(dice)));
    case Value::kAny64:
    case Value::kLimit:
      return octets(wide(dice));
    case Value::kMtu:
      return octets<std::uint32_t>(
          one_of<std::uint32_t>(dice, {0, 68, 1280, 1388, 1500, 65535, 0x7fffffff}));
    case Value::kSession:
      return octets<std::uint32_t>(
          static_cast<std::uint32_t>(dice.between(dice.one_in(16) ? 0 : 1, 3)));
    case Value::kEpoch:
      return octets<std::uint32_t>(static_cast<std::uint32_t>(
          dice.one_in(16) ? dice.between(0xfffe, 0x10000) : dice.below(4)));
    case Value::kCipher:
      return octets<std::uint32_t>(static_cast<std::uint32_t>(dice.below(dice.one_in(8) ? 5 : 3)));
    case Value::kIndex:
      return octets<std::uint32_t>(static_cast<std::uint32_t>(dice.below(16)));
    case Value::kKey:
      return world.keys[dice.below(world.keys.size())];
    case Value::kActive:
      return octets<std::uint8_t>(static_cast<std::uint8_t>(dice.below(4)));
    case Value::kLength:
      return octets<std::uint32_t>(
          one_of<std::uint32_t>(dice, {0, 8, 24, 32, 32, 33, 64, 128, 128, 129, 0xffffffff}));
    case Value::kRange:
      return {};
    case Value::kString:
      return text("generic");
  }
  return {};
}

Node node_of(const Field& field, const World& world, Dice& dice) {
  Node node{.type = field.type, .payload = value_of(field.value, world, dice)};
  if (field.value == Value::kRange) {
    node.type |= NLA_F_NESTED;
    const Octets base = address(dice);
    const std::uint32_t most = 8 * static_cast<std::uint32_t>(base.size());
    node.children = {
        {.type = PLAIT_A_RANGE_ADDRESS, .payload = base},
        {.type = PLAIT_A_RANGE_LENGTH,
         .payload = dice.one_in(2) ? octets(most) : value_of(Value::kLength, world, dice)}};
  }
  return node;
}

bool wanted(Role role, Verb verb, Dice& dice) {
  switch (role) {
    case Role::kName:
      return !dice.one_in(32);
    case Role::kNeeded:
      return verb == Verb::kNew ? !dice.one_in(16) : dice.one_in(3);
    case Role::kOptional:
      return dice.one_in(verb == Verb::kNew || verb == Verb::kSet ? 3 : 16);
    case Role::kTold:
      return dice.one_in(32);
  }
  return false;
}

Node object(const Command& command, const World& world, Dice& dice) {
  Node nest{.type = static_cast<std::uint16_t>(command.attribute | NLA_F_NESTED), .payload = {}};
  for (const Field& field : command.fields) {
    // A new device has no index yet.
    if (field.type == PLAIT_A_DEVICE_IFINDEX && command.number == PLAIT_CMD_DEVICE_NEW &&
        command.attribute == PLAIT_A_DEVICE && !dice.one_in(8)) {
      continue;
    }
    if (!wanted(field.role, command.verb, dice)) continue;
    std::uint64_t count = 1;
    if (command.number == PLAIT_CMD_PREFIX_SET && field.value == Value::kRange) {
      count = dice.below(dice.one_in(64) ? PLAIT_PREFIXES_MAX + 100 : 8);
    }
    for (; count > 0; count--) {
      nest.children.push_back(node_of(field, world, dice));
    }
  }
  return nest;
}

void link_message(Message& message, const Command& command, const World& world, Dice& dice) {
  const bool is_new = command.number == RTM_NEWLINK && command.verb == Verb::kNew;
  message.route = true;
  message.type = command.number;
  message.change = command.verb != Verb::kGet;
  if (is_new) message.flags |= NLM_F_CREATE | NLM_F_EXCL;
  ifinfomsg info{};
  info.ifi_index = is_new ? 0 : static_cast<int>(ifindex(world, dice));
  if (dice.one_in(3)) {
    info.ifi_change = IFF_UP;
    info.ifi_flags = dice.one_in(3) ? 0 : IFF_UP;
  }
  message.header = octets(info);
  if (is_new || dice.one_in(16)) {
    message.attributes.push_back(
        {.type = IFLA_IFNAME, .payload = value_of(Value::kName, world, dice)});
  }
  if (dice.one_in(8)) {
    message.attributes.push_back({.type = IFLA_MTU, .payload = value_of(Value::kMtu, world, dice)});
  }
  if (command.verb == Verb::kNew || command.verb == Verb::kSet) {
    Node data = object(command, world, dice);
    data.type = IFLA_INFO_DATA | NLA_F_NESTED;
    message.attributes.push_back(
        {.type = IFLA_LINKINFO | NLA_F_NESTED,
         .payload = {},
         .children = {{.type = IFLA_INFO_KIND, .payload = text("plait")}, std::move(data)}});
  }
}

const Command& pick(const World& world, Dice& dice) {
  int total = 0;
  for (const Command& command : kCommands) {
    total += command.weight;
  }
  auto at = static_cast<int>(dice.below(static_cast<std::uint64_t>(total)));
  for (const Command& command : kCommands) {
    at -= command.weight;
    if (at >= 0) continue;
    const bool makes = command.number == PLAIT_CMD_DEVICE_NEW || command.attribute == 0;
    if (makes && command.verb == Verb::kNew && world.devices.size() > kCrowd) {
      return kCommands[2];  // PLAIT_CMD_DEVICE_DEL
    }
    return command;
  }
  return kCommands[0];
}

}  // namespace

World::World(Dice& dice) {
  for (Octets& key : keys) {
    key = dice.octets(kKeyMaterial);
  }
}

Message honest_message(const World& world, Dice& dice) {
  const Command& command = pick(world, dice);
  Message message{.flags = NLM_F_REQUEST | NLM_F_ACK};
  if (command.attribute == 0) {
    link_message(message, command, world, dice);
    return message;
  }
  message.type = world.family;
  message.header = {static_cast<std::uint8_t>(command.number), PLAIT_FAMILY_VERSION, 0, 0};
  const bool get = command.number % 4 == 0;  // PLAIT_CMD_*_GET
  message.change = !get && command.number != PLAIT_CMD_EVENT;
  message.attributes.push_back(object(command, world, dice));
  if (get && dice.one_in(3)) {
    message.flags |= NLM_F_DUMP;
    if (dice.one_in(2)) message.attributes.clear();
  }
  return message;
}

Message ask_devices(const World& world) {
  return {.type = world.family,
          .flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP,
          .header = {PLAIT_CMD_DEVICE_GET, PLAIT_FAMILY_VERSION, 0, 0},
          .attributes = {}};
}

std::vector<std::uint32_t> ifindexes(const std::vector<Octets>& replies) {
  std::vector<std::uint32_t> found;
  for (const Octets& reply : replies) {
    each_attribute(reply, GENL_HDRLEN, [&](int object, const Octets& nest) {
      if (object != PLAIT_A_DEVICE) return;
      each_attribute(nest, 0, [&](int type, const Octets& value) {
        if (type == PLAIT_A_DEVICE_IFINDEX) found.push_back(read_at<std::uint32_t>(value, 0));
      });
    });
  }
  return found;
}

}  // namespace nlstorm

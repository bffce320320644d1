// SPDX-License-Identifier: GPL-2.0
// Objects out of attributes, and the words for what they hold.
#include "objects.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "plait.h"

namespace plait {
namespace {

constexpr std::array<std::pair<Cipher, std::string_view>, 3> ciphers{{
    {Cipher::any, "any"},
    {Cipher::chacha20_poly1305, "chacha20-poly1305"},
    {Cipher::aes_256_gcm, "aes-256-gcm"},
}};

constexpr std::uint8_t dscp_values = 64;

constexpr std::array<std::string_view, 3> activations{"inactive", "active", "on-receipt"};

// Keeps the default if the attribute is absent.
template <typename Number>
void read(const Attributes& attributes, std::uint16_t type, Number& number) {
  number = attributes.number<Number>(type).value_or(number);
}

bool read_flag(const Attributes& attributes, std::uint16_t type) {
  return attributes.number<std::uint8_t>(type).value_or(0) != 0;
}

std::optional<Address> read_address(const Attributes& attributes, std::uint16_t type) {
  const auto attribute = attributes.find(type);
  if (!attribute || (attribute->payload.size() != 4 && attribute->payload.size() != 16)) {
    return {};
  }
  return Address::from_octets(attribute->payload);
}

}  // namespace

std::string_view to_string(Cipher cipher) {
  for (const auto& [value, name] : ciphers) {
    if (value == cipher) return name;
  }
  return "unknown";
}

std::optional<Cipher> cipher_from_string(std::string_view name) {
  for (const auto& [value, text] : ciphers) {
    if (text == name) return value;
  }
  return {};
}

std::string_view to_string(Activation activation) {
  const auto number = static_cast<std::size_t>(activation);
  return number < activations.size() ? activations[number] : "unknown";
}

std::string to_string(const Dscp& dscp) {
  return dscp.inherit ? "inherit" : std::to_string(dscp.value);
}

Dscp dscp_from_string(const std::string& text) {
  Dscp dscp{.inherit = text == "inherit", .value = 0};
  const char* end = text.data() + text.size();
  if (!dscp.inherit) {
    const auto [stop, error] = std::from_chars(text.data(), end, dscp.value);
    if (error != std::errc() || stop != end || dscp.value >= dscp_values) {
      throw std::invalid_argument("\"" + text + "\" is not a DSCP: give 0 to 63, or inherit");
    }
  }
  return dscp;
}

std::uint8_t encode(const Dscp& dscp) {
  return dscp.inherit ? PLAIT_DSCP_INHERIT : dscp.value;
}

Device decode_device(const Attributes& attributes) {
  Device device;
  read(attributes, PLAIT_A_DEVICE_IFINDEX, device.ifindex);
  device.name = attributes.text(PLAIT_A_DEVICE_IFNAME);
  read(attributes, PLAIT_A_DEVICE_PORT, device.port);
  read(attributes, PLAIT_A_DEVICE_LANES, device.lanes);
  read(attributes, PLAIT_A_DEVICE_WINDOW, device.window);
  read(attributes, PLAIT_A_DEVICE_MTU, device.mtu);
  device.carrier = read_flag(attributes, PLAIT_A_DEVICE_CARRIER);
  read(attributes, PLAIT_A_DEVICE_STRANDS, device.strands);
  device.mtu_fixed = read_flag(attributes, PLAIT_A_DEVICE_MTU_FIXED);
  read(attributes, PLAIT_A_DEVICE_PREFIXES, device.prefixes);
  read(attributes, PLAIT_A_DEVICE_DSCP, device.dscp.value);
  device.dscp.inherit = device.dscp.value == PLAIT_DSCP_INHERIT;
  attributes.nest(PLAIT_A_DEVICE_STATS).each([&](const Attributes::Attribute& counter) {
    if (const auto value = Attributes::number<std::uint64_t>(counter.payload)) {
      device.stats.set(counter.type, *value);
    }
  });
  return device;
}

Strand decode_strand(const Attributes& attributes) {
  Strand strand;
  read(attributes, PLAIT_A_STRAND_IFINDEX, strand.id.ifindex);
  read(attributes, PLAIT_A_STRAND_ID, strand.id.id);
  strand.local = read_address(attributes, PLAIT_A_STRAND_LOCAL);
  strand.remote = read_address(attributes, PLAIT_A_STRAND_REMOTE).value_or(Address());
  read(attributes, PLAIT_A_STRAND_PORT, strand.port);
  read(attributes, PLAIT_A_STRAND_REMOTE_PORT, strand.remote_port);
  read(attributes, PLAIT_A_STRAND_LINK, strand.link);
  read(attributes, PLAIT_A_STRAND_FWMARK, strand.fwmark);
  strand.fragment = read_flag(attributes, PLAIT_A_STRAND_FRAGMENT);
  read(attributes, PLAIT_A_STRAND_PATH_MTU, strand.path_mtu);
  read(attributes, PLAIT_A_STRAND_TX_DATAGRAMS, strand.tx_datagrams);
  read(attributes, PLAIT_A_STRAND_TX_BYTES, strand.tx_bytes);
  read(attributes, PLAIT_A_STRAND_RX_DATAGRAMS, strand.rx_datagrams);
  read(attributes, PLAIT_A_STRAND_RX_BYTES, strand.rx_bytes);
  read(attributes, PLAIT_A_STRAND_RX_COPIES, strand.rx_copies);
  read(attributes, PLAIT_A_STRAND_RX_FAILURES, strand.rx_failures);
  return strand;
}

Key decode_key(const Attributes& attributes) {
  Key key;
  read(attributes, PLAIT_A_KEY_IFINDEX, key.id.ifindex);
  read(attributes, PLAIT_A_KEY_SESSION, key.id.session);
  read(attributes, PLAIT_A_KEY_EPOCH, key.id.epoch);
  key.cipher = Cipher{attributes.number<std::uint32_t>(PLAIT_A_KEY_CIPHER).value_or(0)};
  read(attributes, PLAIT_A_KEY_LOCAL_INDEX, key.local_index);
  read(attributes, PLAIT_A_KEY_REMOTE_INDEX, key.remote_index);
  read(attributes, PLAIT_A_KEY_PEER_LANES, key.peer_lanes);
  read(attributes, PLAIT_A_KEY_TX_COUNTER, key.tx_counter);
  key.activation = Activation{attributes.number<std::uint8_t>(PLAIT_A_KEY_ACTIVE).value_or(0)};
  read(attributes, PLAIT_A_KEY_SEALED, key.sealed);
  read(attributes, PLAIT_A_KEY_SOFT_LIMIT, key.soft_limit);
  read(attributes, PLAIT_A_KEY_HARD_LIMIT, key.hard_limit);
  read(attributes, PLAIT_A_KEY_OPEN_FAILURES, key.open_failures);
  key.driver = attributes.text(PLAIT_A_KEY_DRIVER);
  return key;
}

std::vector<DevicePrefix> decode_prefixes(const Attributes& attributes) {
  std::vector<DevicePrefix> prefixes;
  const auto ifindex = attributes.number<std::uint32_t>(PLAIT_A_PREFIX_IFINDEX).value_or(0);
  attributes.each([&](const Attributes::Attribute& entry) {
    if (entry.type != PLAIT_A_PREFIX_ENTRY) {
      return;
    }
    const Attributes range(entry.payload);
    const auto address = read_address(range, PLAIT_A_RANGE_ADDRESS);
    const auto length = range.number<std::uint32_t>(PLAIT_A_RANGE_LENGTH);
    if (address && length && *length <= address->bits()) {
      prefixes.push_back({ifindex, Prefix(*address, *length)});
    }
  });
  return prefixes;
}

}  // namespace plait

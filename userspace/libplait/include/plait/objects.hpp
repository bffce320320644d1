// SPDX-License-Identifier: GPL-2.0
// What the kernel holds (Device, Strand, Key, DevicePrefix) and what one asks it to make or
// change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plait/address.hpp"
#include "plait/counters.hpp"
#include "plait/key_material.hpp"

namespace plait {

/// The DSCP of outer packets (RFC 2983): one value, or each inner packet's.
struct Dscp {
  bool inherit = false;
  std::uint8_t value = 0;  ///< 0 to 63, if it is not inherited

  bool operator==(const Dscp&) const = default;
};

/// "inherit", "46".
PLAIT_API std::string to_string(const Dscp& dscp);

/// The reverse; throws std::invalid_argument that says what would be right.
PLAIT_API Dscp dscp_from_string(const std::string& text);

/// A plait network device: one tunnel to one peer.
struct Device {
  std::uint32_t ifindex = 0;
  std::string name;
  std::uint16_t port = 0;    ///< its own UDP port; 0: no strand yet
  std::uint32_t lanes = 0;   ///< queue pairs
  std::uint32_t window = 0;  ///< replay window, packet numbers
  std::uint32_t mtu = 0;     ///< of inner packets, octets
  bool mtu_fixed = false;    ///< it was given; else it follows the path
  bool carrier = false;      ///< it has a key and may pass traffic
  std::uint32_t strands = 0;
  std::uint32_t prefixes = 0;  ///< how many are allowed
  Dscp dscp;
  Stats stats;
};

struct NewDevice {
  std::string name;
  std::optional<std::uint32_t> lanes;
  std::optional<std::uint32_t> window;  ///< packet numbers, a power of two
  std::optional<Dscp> dscp;
};

/// What is not set stays as it is.
struct DeviceChange {
  std::optional<std::uint32_t> window;  ///< for key epochs installed from now on
  std::optional<Dscp> dscp;
  std::optional<bool> mtu_fixed;  ///< true: the MTU stays; false: it follows the path
};

struct StrandId {
  std::uint32_t ifindex = 0;  ///< the device's
  std::uint32_t id = 0;       ///< 0 to 255
};

/// One underlay path of a device.
struct Strand {
  StrandId id;
  std::optional<Address> local;  ///< any, if not set
  Address remote;
  std::uint16_t port = 0;
  std::uint16_t remote_port = 0;
  std::uint32_t link = 0;      ///< ifindex of the underlay, 0: any
  std::uint32_t fwmark = 0;    ///< of outer packets, for their routes
  bool fragment = false;       ///< outer packets may be fragmented
  std::uint32_t path_mtu = 0;  ///< of outer packets, 0: no route yet
  std::uint64_t tx_datagrams = 0;
  std::uint64_t tx_bytes = 0;      ///< UDP payload
  std::uint64_t rx_datagrams = 0;  ///< accepted by the AEAD
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_copies = 0;    ///< arrivals of what had been accepted, a filter's drops included
  std::uint64_t rx_failures = 0;  ///< right header tag, refused by the AEAD
};

struct NewStrand {
  StrandId id;
  std::optional<Address> local;
  Address remote;
  std::uint16_t port = 0;
  std::optional<std::uint16_t> remote_port;  ///< the same as port, if not set
  std::optional<std::uint32_t> link;         ///< ifindex
  std::optional<std::uint32_t> fwmark;
  std::optional<bool> fragment;
};

/// What is not set stays as it is.
struct StrandChange {
  std::optional<Address> local;
  std::optional<Address> remote;
  std::optional<std::uint16_t> port;
  std::optional<std::uint16_t> remote_port;
  std::optional<std::uint32_t> link;  ///< ifindex, 0: any
  std::optional<std::uint32_t> fwmark;
  std::optional<bool> fragment;
};

enum class Cipher : std::uint32_t { any = 0, chacha20_poly1305 = 1, aes_256_gcm = 2 };

/// "any", "chacha20-poly1305", "aes-256-gcm", "unknown".
PLAIT_API std::string_view to_string(Cipher cipher);

/// The reverse of to_string(); nullopt for any other word.
PLAIT_API std::optional<Cipher> cipher_from_string(std::string_view name);

/// What makes transmit use a key epoch.
enum class Activation : std::uint8_t {
  inactive = 0,    ///< nothing: a later change does
  active = 1,      ///< it does so already
  on_receipt = 2,  ///< the first datagram that is accepted on it
};

/// "inactive", "active", "on-receipt", "unknown".
PLAIT_API std::string_view to_string(Activation activation);

struct KeyId {
  std::uint32_t ifindex = 0;  ///< the device's
  std::uint32_t session = 0;  ///< not 0
  std::uint32_t epoch = 0;    ///< 0 to 65535
};

/// A key epoch as the kernel tells of it: never its key material.
struct Key {
  KeyId id;
  Cipher cipher = Cipher::any;
  std::uint32_t local_index = 0;   ///< receiver index of this end
  std::uint32_t remote_index = 0;  ///< receiver index of the peer
  std::uint32_t peer_lanes = 0;
  std::uint64_t tx_counter = 0;  ///< the next packet number's counter, lane 0
  Activation activation = Activation::inactive;
  std::uint64_t sealed = 0;         ///< datagrams, all lanes
  std::uint64_t soft_limit = 0;     ///< of datagrams sealed: then the next epoch is asked for
  std::uint64_t hard_limit = 0;     ///< of datagrams sealed: then no more
  std::uint64_t open_failures = 0;  ///< datagrams that the AEAD refused
  std::string driver;               ///< the kernel's implementation of the cipher
};

struct NewKey {
  KeyId id;
  std::optional<Cipher> cipher;
  std::uint32_t local_index = 0;
  std::uint32_t remote_index = 0;
  KeyMaterial tx;
  KeyMaterial rx;
  std::optional<std::uint32_t> peer_lanes;
  std::optional<std::uint64_t> tx_counter;  ///< of the first datagram
  std::optional<Activation> activation;     ///< active, if not set
  std::optional<std::uint64_t> soft_limit;
  std::optional<std::uint64_t> hard_limit;
};

/// What is not set stays as it is.
struct KeyChange {
  std::optional<Activation> activation;  ///< active: instead of the epoch that was
  std::optional<std::uint64_t> soft_limit;
  std::optional<std::uint64_t> hard_limit;
};

/// A range of source addresses that a device takes from its peer.
struct DevicePrefix {
  std::uint32_t ifindex = 0;  ///< the device's
  Prefix prefix;
};

}  // namespace plait

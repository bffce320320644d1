// SPDX-License-Identifier: GPL-2.0
// Of the kernel's generic netlink family `ovpn` (Documentation/netlink/specs/ovpn.yaml) what
// ovpn_peer.cpp says. Debian 12's headers are older than the driver.
#pragma once

#include <cstdint>

namespace ovpn {

inline constexpr const char* family = "ovpn";
inline constexpr std::uint8_t version = 1;
inline constexpr int nonce_tail_size = 8;

inline constexpr std::uint8_t cmd_peer_new = 1;
inline constexpr std::uint8_t cmd_key_new = 6;

enum Top { a_ifindex = 1, a_peer = 2, a_keyconf = 3 };

enum Peer { a_peer_id = 1, a_peer_remote_ipv4 = 2, a_peer_remote_port = 5, a_peer_socket = 6 };

enum Keyconf {
  a_keyconf_peer_id = 1,
  a_keyconf_slot,
  a_keyconf_key_id,
  a_keyconf_cipher_alg,
  a_keyconf_encrypt_dir,
  a_keyconf_decrypt_dir,
};

enum Keydir { a_keydir_cipher_key = 1, a_keydir_nonce_tail };

enum Slot : std::uint32_t { slot_primary = 0 };

enum Cipher : std::uint32_t { cipher_aes_gcm = 1, cipher_chacha20_poly1305 = 2 };

}  // namespace ovpn

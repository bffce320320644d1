// SPDX-License-Identifier: GPL-2.0
// The two directions. Each has its own state and its own thread: both wait in read(2) and
// recvmsg(2), so nothing is shared, and a wake-up costs no epoll_wait(2) besides.
#pragma once

#include <array>
#include <vector>

#include "aead.hpp"
#include "link.hpp"

namespace userdp {

/// Datagrams a trip through the kernel: UDP_SEGMENT's limit before 6.9.
constexpr std::size_t kBatch = 64;

using Key = std::span<const std::byte, PLAIT_KEY_MATERIAL>;

/// From the TUN: super-packets are cut, numbered, sealed and sent side by side.
class Transmitter {
 public:
  Transmitter(const Link& link, Cipher cipher, Key key, u32 remote_index);
  [[noreturn]] void run();

 private:
  void take(const Vnet& vnet, u8* packet, u32 len);
  void single(const Vnet& vnet, u8* packet, u32 len);
  u8* slot(u32 len, const u8* packet, u8 bucket, u8 flags);
  void flush();
  void send();

  const Link& link_;
  Aead aead_;
  plait_tag_key tag_key_{};
  plait_dsn_state dsn_{};
  const u64 end_;
  const u32 index_;
  u64 counter_ = 0;
  u32 strand_seq_ = 0;

  // The batch: datagrams of one size and ECN field, of which the last may be shorter.
  std::vector<u8> memory_;
  std::array<plait_tx_dgram, kBatch> batch_{};
  std::size_t count_ = 0;
  u32 bytes_ = 0;
  bool closed_ = false;
  int batch_ecn_ = 0, socket_ecn_ = 0;
};

/// From the socket: datagrams are checked and opened, TCP is merged, and goes up.
class Receiver {
 public:
  Receiver(const Link& link, Cipher cipher, Key key, u32 local_index);
  [[noreturn]] void run();

 private:
  void gathered(u32 len, u32 size);
  void deliver(u8* symbol, u32 len);
  void packet(u8* at, u32 len, bool partial);
  void finish();
  void up(u8* packet, u32 len, const Vnet& vnet);

  const Link& link_;
  Aead aead_;
  const u64 fail_limit_;
  const u32 index_;
  std::vector<u64> window_bits_;
  plait_rx_keys keys_{};
  u64 failed_ = 0;
  unsigned outer_ecn_ = 0;
  std::vector<u8> memory_, plain_;

  // A TCP packet under way, where it lies, and where its payload ends.
  plait_merge merge_{};
  u8* end_ = nullptr;  ///< null: there is none
};

}  // namespace userdp

// SPDX-License-Identifier: GPL-2.0
// From the socket to the TUN: see path.hpp. What continues a TCP packet is moved up behind
// it; the TUN's header goes in front of the packet.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "path.hpp"

namespace userdp {

namespace {

// What a recvmsg(2) gives at most, and failed openings, hard (docs/protocol.md, section 8).
constexpr u32 kGatheredMax = 65535;
constexpr u64 kChachaFailed = 1ULL << 36, kGcmFailed = 1ULL << 52;

// Plaintext is laid this much behind the last, so that what is written in front of it does
// no harm: the clear header and the tag are the rest of kBlock.
constexpr u32 kStep = kBlock - PLAIT_PROTECTED_MIN;

// What the kernel tells of a datagram, or of several gathered into one.
struct Arrival {
  u32 size = 0;  // of each datagram but the last, 0: there is one
  unsigned ecn = 0;
};

Arrival read_control(msghdr* message) {
  Arrival a;
  for (cmsghdr* c = CMSG_FIRSTHDR(message); c != nullptr; c = CMSG_NXTHDR(message, c)) {
    int value = 0;
    std::memcpy(&value, CMSG_DATA(c), std::min(sizeof(value), c->cmsg_len - CMSG_LEN(0)));
    if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      a.size = static_cast<u32>(value);
    } else if (c->cmsg_level == IPPROTO_IP || c->cmsg_level == IPPROTO_IPV6) {
      a.ecn = static_cast<unsigned>(value) & 3U;
    }
  }
  return a;
}

Vnet partial_at(const plait_csum_place& place) {
  Vnet vnet;
  vnet.flags = Vnet::needs_csum;
  vnet.csum_start = place.start;
  vnet.csum_offset = place.offset;
  return vnet;
}

}  // namespace

Receiver::Receiver(const Link& link, Cipher cipher, Key key, u32 local_index)
    : link_(link),
      aead_(cipher, key, false),
      fail_limit_(cipher == Cipher::aes_256_gcm ? kGcmFailed : kChachaFailed),
      index_(local_index),
      window_bits_(PLAIT_WINDOW_SPAN_DEFAULT / 64),
      memory_(kLead + kGatheredMax + kTrail),
      plain_(kBlock + kGatheredMax + (kGatheredMax / PLAIT_PROTECTED_MIN + 1) * kStep) {
  plait_tag_key_load(&keys_.tag_key, reinterpret_cast<const u8*>(key.data()) + PLAIT_AEAD_KEY_LEN);
  plait_window_init(&keys_.window, window_bits_.data(), PLAIT_WINDOW_SPAN_DEFAULT);
}

void Receiver::run() {
  iovec all{.iov_base = memory_.data() + kLead, .iov_len = kGatheredMax};
  alignas(cmsghdr) std::array<u8, 2 * CMSG_SPACE(sizeof(int))> control{};
  for (;;) {
    msghdr message{};
    message.msg_iov = &all;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = recvmsg(link_.udp, &message, 0);
    // What ICMP says of a datagram that was sent (the peer is not there yet) ends nothing.
    if (n < 0 && (errno == EBADF || errno == EFAULT || errno == ENOTCONN))
      throw std::system_error(errno, std::generic_category(), "UDP socket");
    if (n <= 0) continue;
    const Arrival a = read_control(&message);
    outer_ecn_ = a.ecn;
    gathered(static_cast<u32>(n), a.size != 0 ? a.size : static_cast<u32>(n));
  }
}

// Datagrams of @size octets side by side, the last of which may be shorter.
void Receiver::gathered(u32 len, u32 size) {
  const auto lookup = [](void* ctx, u32 index, u16 epoch, plait_verdict* why) -> plait_rx_keys* {
    auto* const self = static_cast<Receiver*>(ctx);
    *why = index == self->index_ ? PLAIT_DROP_RX_EPOCH : PLAIT_DROP_PORT_INDEX;
    return index == self->index_ && epoch == 0 ? &self->keys_ : nullptr;
  };
  std::array<plait_rx_dgram, kBatch> batch;
  u8* at = memory_.data() + kLead;
  u8* text = plain_.data() + kBlock;
  for (u8* const end = at + len; at < end;) {
    u8* const first = at;
    unsigned count = 0;
    for (; at < end && count < batch.size(); at += batch[count++].len) {
      batch[count].at = at;
      batch[count].len = std::min(size, static_cast<u32>(end - at));
    }
    plait_check_batch(batch.data(), count, lookup, this);
    for (unsigned i = 0; i < count; i++) {
      const plait_rx_dgram& d = batch[i];
      if (d.verdict != PLAIT_OK || failed_ >= fail_limit_) continue;
      if (!aead_.open(first + std::size_t{i} * size, d.len, d.hdr.pn, text)) {
        failed_++;
        continue;
      }
      if (plait_window_accept(&keys_.window, plait_pn_counter(d.hdr.pn)) == PLAIT_OK &&
          d.hdr.type == PLAIT_TYPE_SOURCE)
        deliver(text, d.len - PLAIT_PROTECTED_MIN);
      text += d.len + kStep;
    }
  }
  finish();
}

void Receiver::deliver(u8* symbol, u32 len) {
  plait_inner inner{};
  plait_inner_decode(&inner, symbol);
  plait_packet p{};
  for (u32 off = PLAIT_INNER_LEN; plait_bundle_next(symbol, len, &off, &p) > 0;)
    packet(symbol + (p.at - symbol), p.len, (inner.flags & PLAIT_INNER_PARTIAL_CSUM) != 0);
}

void Receiver::packet(u8* at, u32 len, bool partial) {
  plait_csum_place place{};
  if (plait_ecn_decapsulate(at, outer_ecn_) != PLAIT_OK ||
      (partial && !plait_csum_find(at, len, &place)))
    return;
  if (end_ != nullptr && partial && plait_merge_append(&merge_, at, len)) {
    const u32 payload = len - merge_.headers_len;
    std::memmove(end_, at + merge_.headers_len, payload);
    end_ += payload;
    return;
  }
  finish();
  if (partial && plait_merge_begin(&merge_, at, len, len)) {
    end_ = at + len;
  } else {
    up(at, len, partial ? partial_at(place) : Vnet{});
  }
}

// The TCP packet under way, if there is one, goes up.
void Receiver::finish() {
  if (end_ == nullptr) return;
  u8* const at = merge_.headers;
  plait_merge_finish(&merge_);
  Vnet vnet = partial_at({.start = merge_.l4, .offset = 16});
  if (merge_.segments > 1) {
    vnet.gso_type = at[0] >> 4 == 4 ? Vnet::tcpv4 : Vnet::tcpv6;
    if ((at[merge_.l4 + 13] & 0x80) != 0) vnet.gso_type |= Vnet::ecn;  // CWR
    vnet.gso_size = static_cast<u16>(merge_.mss);
    vnet.hdr_len = merge_.headers_len;
  }
  up(at, static_cast<u32>(end_ - at), vnet);
  end_ = nullptr;
}

// What the TUN refuses (it is down, for one) is lost.
void Receiver::up(u8* packet, u32 len, const Vnet& vnet) {
  std::memcpy(packet - sizeof(vnet), &vnet, sizeof(vnet));
  while (write(link_.tun, packet - sizeof(vnet), sizeof(vnet) + len) < 0 && errno == EINTR) {
  }
}

}  // namespace userdp

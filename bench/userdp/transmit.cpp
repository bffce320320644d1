// SPDX-License-Identifier: GPL-2.0
// From the TUN to the socket: see path.hpp.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <ctime>
#include <system_error>

#include "path.hpp"

namespace userdp {

namespace {

// Length fields have 16 bits; the longest headers are IPv6 and UDP.
constexpr u32 kBatchBytes = 65535 - PLAIT_IPV6_LEN - PLAIT_UDP_LEN;

// Datagrams sealed, hard (docs/protocol.md, section 8).
constexpr u64 kGcmSealed = 1ULL << 28;

u32 now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<u32>(t.tv_sec * 1'000'000 + t.tv_nsec / 1000);
}

// A checksum that flag C cannot speak of (behind extension headers, for one).
void complete_checksum(u8* packet, u32 len, u32 start, u32 offset) {
  if (start + offset + 2 > len) return;
  u64 sum = plait_csum_words(packet + start, (len - start) & ~1U);
  if ((len - start) & 1) sum += static_cast<u64>(packet[len - 1]) << 8;
  const u16 csum = static_cast<u16>(~plait_csum_fold(sum));
  plait_put_be16(packet + start + offset, csum == 0 ? 0xffff : csum);
}

}  // namespace

Transmitter::Transmitter(const Link& link, Cipher cipher, Key key, u32 remote_index)
    : link_(link),
      aead_(cipher, key, true),
      end_(cipher == Cipher::aes_256_gcm ? kGcmSealed : PLAIT_COUNTER_MAX + 1),
      index_(remote_index),
      memory_(kLead + kBatchBytes + kTrail) {
  plait_tag_key_load(&tag_key_, reinterpret_cast<const u8*>(key.data()) + PLAIT_AEAD_KEY_LEN);
}

// Waits for a packet when nothing is under way, and sends what is when the TUN has no more.
void Transmitter::run() {
  std::vector<u8> buffer(sizeof(Vnet) + PLAIT_MERGE_MAX);
  const iovec all{.iov_base = buffer.data(), .iov_len = buffer.size()};
  for (;;) {
    const ssize_t n = preadv2(link_.tun, &all, 1, -1, count_ != 0 ? RWF_NOWAIT : 0);
    // Before 6.4 a TUN cannot be asked so, and each packet is a batch.
    if (n < 0 && (errno == EAGAIN || errno == EOPNOTSUPP)) {
      flush();
      continue;
    }
    if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "TUN");
    if (n <= static_cast<ssize_t>(sizeof(Vnet))) continue;
    Vnet vnet;
    std::memcpy(&vnet, buffer.data(), sizeof(vnet));
    take(vnet, buffer.data() + sizeof(vnet), static_cast<u32>(n) - sizeof(vnet));
  }
}

// A super-packet: headers by template, payload copied once.
void Transmitter::take(const Vnet& vnet, u8* packet, u32 len) {
  if (vnet.gso_type == 0) {
    single(vnet, packet, plait_ip_length(packet, len));
    return;
  }
  plait_segmenter s{};
  const u32 headers = plait_headers_length(packet, len);
  if (headers == 0 || headers >= len) return;
  const u32 count = plait_segment_begin(&s, packet, len, len - headers, vnet.gso_size);
  const auto bucket = static_cast<u8>(plait_flow_hash(packet, headers));
  const u8* payload = packet + headers;
  for (u32 i = 0; i < count; i++) {
    const u32 payload_len = std::min(s.mss, s.payload - i * s.mss);
    u8* const at = slot(PLAIT_SOURCE_OVERHEAD + headers + payload_len, packet, bucket,
                        PLAIT_INNER_PARTIAL_CSUM);
    plait_segment_headers(&s, i, at);
    std::memcpy(at + headers, payload, payload_len);
    payload += payload_len;
  }
}

void Transmitter::single(const Vnet& vnet, u8* packet, u32 len) {
  if (len == 0) return;
  plait_csum_place place{};
  u8 flags = 0;
  if ((vnet.flags & Vnet::needs_csum) != 0) {
    if (plait_csum_find(packet, len, &place) && place.start == vnet.csum_start &&
        place.offset == vnet.csum_offset) {
      flags = PLAIT_INNER_PARTIAL_CSUM;
    } else {
      complete_checksum(packet, len, vnet.csum_start, vnet.csum_offset);
    }
  }
  const auto bucket = static_cast<u8>(plait_flow_hash(packet, len));
  std::memcpy(slot(PLAIT_SOURCE_OVERHEAD + len, packet, bucket, flags), packet, len);
}

// Room for an inner packet in a datagram of @len octets; sends the batch if it cannot follow.
u8* Transmitter::slot(u32 len, const u8* packet, u8 bucket, u8 flags) {
  const int ecn = plait_ip_tclass(packet) & 3;
  if (count_ != 0 && (closed_ || count_ == kBatch || len > batch_[0].len || ecn != batch_ecn_ ||
                      bytes_ + len > kBatchBytes))
    flush();
  u8* const at = memory_.data() + kLead + bytes_;
  batch_[count_++] = {.at = at, .pn = 0, .len = len, .bucket = bucket, .flags = flags};
  batch_ecn_ = ecn;
  bytes_ += len;
  closed_ = len < batch_[0].len;
  return at + PLAIT_HDR_LEN + PLAIT_INNER_LEN;
}

void Transmitter::flush() {
  const plait_numbering numbering{.dsn = &dsn_,
                                  .counter = &counter_,
                                  .end = end_,
                                  .strand_seq = &strand_seq_,
                                  .tag_key = &tag_key_,
                                  .index = index_,
                                  .tstamp_us = now_us(),
                                  .epoch = 0,
                                  .lane = 0,
                                  .strand = 0};
  if (plait_number_batch(&numbering, batch_.data(), static_cast<unsigned>(count_)) < count_)
    throw std::runtime_error("the keys are used up");
  for (std::size_t i = 0; i < count_; i++) {
    if (!aead_.seal(batch_[i].at, batch_[i].len, batch_[i].pn))
      throw std::runtime_error("libcrypto failed to seal");
  }
  send();
  count_ = 0;
  bytes_ = 0;
  closed_ = false;
}

// What the underlay refuses is lost, as on any link.
void Transmitter::send() {
  // As a control message it would cost a route lookup each time.
  if (batch_ecn_ != socket_ecn_) link_.set_ecn(batch_ecn_);
  socket_ecn_ = batch_ecn_;
  iovec all{.iov_base = memory_.data() + kLead, .iov_len = bytes_};
  alignas(cmsghdr) std::array<u8, CMSG_SPACE(sizeof(u16))> control{};
  msghdr message{};
  message.msg_iov = &all;
  message.msg_iovlen = 1;
  if (count_ > 1) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = IPPROTO_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof(u16));
    const auto size = static_cast<u16>(batch_[0].len);
    std::memcpy(CMSG_DATA(c), &size, sizeof(size));
  }
  while (sendmsg(link_.udp, &message, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace userdp

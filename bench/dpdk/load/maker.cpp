// SPDX-License-Identifier: GPL-2.0
// Frames of each kind: see maker.hpp.
#include "maker.hpp"

#include <algorithm>
#include <ctime>
#include <stdexcept>

namespace load {

namespace {

constexpr u32 kEthernet = 14, kAtSourcePort = kEthernet + PLAIT_IPV4_LEN;
constexpr u32 kOuter = kEthernet + PLAIT_IPV4_LEN + PLAIT_UDP_LEN;
constexpr u16 kIpv4 = 0x0800;
constexpr std::size_t kRemembered = 64;  // far less than a replay window

u32 now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<u32>(t.tv_sec * 1'000'000 + t.tv_nsec / 1000);
}

u64 sealed_at_most(userdp::Cipher cipher) {
  return (cipher == userdp::Cipher::aes_256_gcm ? plait_limits_aes256gcm()
                                                : plait_limits_chacha20poly1305())
      .hard;
}

// Ethernet, IPv4 and UDP, but for lengths, IPv4 checksum and source port. UDP's stays zero.
std::vector<u8> headers(const Options& o, const std::array<u8, 6>& from_hardware) {
  std::vector<u8> h(kOuter);
  const auto copy = [&](std::span<const std::byte> from, u32 to) {
    std::ranges::transform(from, h.begin() + to,
                           [](std::byte b) { return std::to_integer<u8>(b); });
  };
  std::ranges::copy(*o.to_hardware, h.begin());
  std::ranges::copy(from_hardware, h.begin() + 6);
  plait_put_be16(&h[12], kIpv4);
  h[kEthernet] = 0x45;
  plait_put_be16(&h[kEthernet + 6], 0x4000);  // DF
  h[kEthernet + 8] = 64;
  h[kEthernet + 9] = PLAIT_PROTO_UDP;
  copy(o.from.octets(), kEthernet + 12);
  copy(o.to.octets(), kEthernet + 16);
  plait_put_be16(&h[kAtSourcePort + 2], o.port);
  return h;
}

u8* datagram_of(rte_mbuf* m) {
  return rte_pktmbuf_mtod_offset(m, u8*, kOuter);
}

}  // namespace

Maker::Maker(const Options& options, const std::array<u8, 6>& from_hardware, rte_mempool* pool)
    : options_(options),
      pool_(pool),
      aead_(options.cipher, options.session->material.octets(), true),
      counter_(options.counter),
      end_(options.counter + sealed_at_most(options.cipher)),
      outer_(headers(options, from_hardware)),
      mix_(options.mix, options.loss_percent) {
  plait_tag_key_load(
      &tag_key_,
      reinterpret_cast<const u8*>(options.session->material.octets().data()) + PLAIT_AEAD_KEY_LEN);
}

rte_mbuf* Maker::next() {
  const Kind kind = mix_.next(!sent_.empty());
  const u32 size = options_.sizes[number_ % options_.sizes.size()];
  if (kind == Kind::valid && mix_.loses()) {
    rte_pktmbuf_free(sealed(size));  // its number is gone
    lost_++;
    return nullptr;
  }
  made_[static_cast<std::size_t>(kind)]++;
  if (kind == Kind::forged) return forged(size);
  if (kind == Kind::replayed) return repeated();
  rte_mbuf* const m = sealed(size);
  if (kind == Kind::spoilt) {
    datagram_of(m)[PLAIT_HDR_LEN] ^= 1;
  } else if (options_.mix[static_cast<std::size_t>(Kind::replayed)] != 0) {
    remember(m);
  }
  return m;
}

// Headers around a datagram of that length, which is not there yet.
rte_mbuf* Maker::frame(u32 datagram) {
  rte_mbuf* const m = rte_pktmbuf_alloc(pool_);
  if (m == nullptr) throw std::runtime_error("no packet buffers are left");
  auto* const h = reinterpret_cast<u8*>(rte_pktmbuf_append(m, static_cast<u16>(kOuter + datagram)));
  if (h == nullptr) throw std::runtime_error("a frame is longer than a packet buffer");
  std::ranges::copy(outer_, h);
  const auto udp = static_cast<u16>(PLAIT_UDP_LEN + datagram);
  plait_put_be16(h + kEthernet + 2, static_cast<u16>(PLAIT_IPV4_LEN + udp));
  plait_ipv4_csum(h + kEthernet, PLAIT_IPV4_LEN);
  plait_put_be16(h + kAtSourcePort,
                 static_cast<u16>(options_.source_port + number_++ % options_.source_ports));
  plait_put_be16(h + kAtSourcePort + 4, udp);
  return m;
}

rte_mbuf* Maker::sealed(u32 size) {
  plait_tx_dgram d{};
  d.len = size + PLAIT_SOURCE_OVERHEAD;
  rte_mbuf* const m = frame(d.len);
  d.at = datagram_of(m);
  u8* const packet = d.at + PLAIT_HDR_LEN + PLAIT_INNER_LEN;
  d.flags = options_.inner.write(packet, size, static_cast<u32>(number_));
  d.bucket = static_cast<u8>(plait_flow_hash(packet, size));
  const plait_numbering numbering{.dsn = &dsn_,
                                  .counter = &counter_,
                                  .end = end_,
                                  .strand_seq = &strand_seq_,
                                  .tag_key = &tag_key_,
                                  .index = options_.session->index,
                                  .tstamp_us = now_us(),
                                  .epoch = options_.session->epoch,
                                  .lane = 0,
                                  .strand = 0};
  if (plait_number_batch(&numbering, &d, 1) == 0)
    throw std::runtime_error("the key is used up: make a new one");
  if (!aead_.seal(d.at, d.len, d.pn)) throw std::runtime_error("libcrypto failed to seal");
  return m;
}

// All is right but the header tag; the number is one that a valid datagram may still have.
rte_mbuf* Maker::forged(u32 size) {
  const u32 len = options_.forged_size != 0 ? options_.forged_size : size + PLAIT_SOURCE_OVERHEAD;
  rte_mbuf* const m = frame(len);
  u8* const at = datagram_of(m);
  plait_hdr hdr{};
  hdr.pn = counter_;
  hdr.index = options_.session->index;
  hdr.epoch = options_.session->epoch;
  hdr.tstamp_us = static_cast<u32>(number_);
  hdr.type = PLAIT_TYPE_SOURCE;
  hdr.version = PLAIT_VERSION;
  plait_hdr_encode(at, &hdr, &tag_key_, len);
  at[PLAIT_OFF_TAG] ^= 1;
  std::memset(at + PLAIT_HDR_LEN, 0x5a, len - PLAIT_HDR_LEN);
  return m;
}

// The oldest that is remembered comes, and is the newest then.
rte_mbuf* Maker::repeated() {
  rte_mbuf* const m = rte_pktmbuf_alloc(pool_);
  if (m == nullptr) throw std::runtime_error("no packet buffers are left");
  sent_.push_back(std::move(sent_.front()));
  sent_.pop_front();
  const auto& octets = sent_.back();
  std::ranges::copy(octets,
                    reinterpret_cast<u8*>(rte_pktmbuf_append(m, static_cast<u16>(octets.size()))));
  return m;
}

void Maker::remember(const rte_mbuf* m) {
  const u8* const at = rte_pktmbuf_mtod(m, const u8*);
  sent_.emplace_back(at, at + m->data_len);
  if (sent_.size() > kRemembered) sent_.pop_front();
}

}  // namespace load

// SPDX-License-Identifier: GPL-2.0
// From frames to counts: see sink.hpp.
#include "sink.hpp"

#include <algorithm>
#include <optional>

namespace load {

namespace {

constexpr u32 kEthernet = 14;
constexpr u16 kIpv4 = 0x0800;
constexpr u32 kLongest = 65535;

// The payload of a whole UDP packet over IPv4 to that port; where it is, and its length.
std::optional<std::pair<u8*, u32>> payload(rte_mbuf* m, u16 port) {
  u8* const frame = rte_pktmbuf_mtod(m, u8*);
  if (m->data_len < kEthernet + PLAIT_IPV4_LEN || plait_get_be16(frame + 12) != kIpv4) return {};
  const u8* const ip = frame + kEthernet;
  const u32 total = plait_ip_length(ip, m->data_len - kEthernet), header = (ip[0] & 15U) * 4;
  if (total < header + PLAIT_UDP_LEN || ip[9] != PLAIT_PROTO_UDP ||
      (plait_get_be16(ip + 6) & 0x3fff) != 0)
    return {};
  u8* const udp = frame + kEthernet + header;
  const u32 len = plait_get_be16(udp + 4);
  if (plait_get_be16(udp + 2) != port || len < PLAIT_UDP_LEN || len > total - header) return {};
  return std::pair{udp + PLAIT_UDP_LEN, len - PLAIT_UDP_LEN};
}

}  // namespace

Sink::Sink(userdp::Cipher cipher, const Session& session, u16 port)
    : aead_(cipher, session.material.octets(), false),
      index_(session.index),
      epoch_(session.epoch),
      port_(port),
      fail_limit_((cipher == userdp::Cipher::aes_256_gcm ? plait_limits_aes256gcm()
                                                         : plait_limits_chacha20poly1305())
                      .open_failures),
      window_bits_(PLAIT_WINDOW_SPAN_DEFAULT / 64),
      plain_(userdp::kBlock + kLongest) {
  plait_tag_key_load(&keys_.tag_key, reinterpret_cast<const u8*>(session.material.octets().data()) +
                                         PLAIT_AEAD_KEY_LEN);
  plait_window_init(&keys_.window, window_bits_.data(), PLAIT_WINDOW_SPAN_DEFAULT);
}

plait_rx_keys* Sink::find(void* sink, u32 index, u16 epoch, plait_verdict* why) {
  auto* const self = static_cast<Sink*>(sink);
  *why = index == self->index_ ? PLAIT_DROP_RX_EPOCH : PLAIT_DROP_PORT_INDEX;
  return index == self->index_ && epoch == self->epoch_ ? &self->keys_ : nullptr;
}

void Sink::take(std::span<rte_mbuf*> frames) {
  for (rte_mbuf* m : frames) {
    if (const auto found = payload(m, port_)) {
      plait_rx_dgram d{};
      d.at = found->first;
      d.len = found->second;
      plait_check_batch(&d, 1, find, this);
      judge(d);
      drops_[d.verdict] += d.verdict != PLAIT_OK ? 1 : 0;
    }
    rte_pktmbuf_free(m);
  }
}

// What stands behind the engine's checks: docs/protocol.md, section 8, steps 6 to 8.
void Sink::judge(plait_rx_dgram& d) {
  u8* const text = plain_.data() + userdp::kBlock;
  if (d.verdict == PLAIT_OK && drops_[PLAIT_DROP_RX_AUTH] >= fail_limit_)
    d.verdict = PLAIT_DROP_RX_LIMIT;
  if (d.verdict != PLAIT_OK) return;
  // The cipher borrows octets around the datagram, which are this buffer's own.
  if (!aead_.open(const_cast<u8*>(d.at), d.len, d.hdr.pn, text)) {
    d.verdict = PLAIT_DROP_RX_AUTH;
    return;
  }
  const u64 counter = plait_pn_counter(d.hdr.pn);
  d.verdict = plait_window_accept(&keys_.window, counter);
  if (d.verdict != PLAIT_OK) return;
  lowest_ = accepted_++ == 0 ? counter : std::min(lowest_, counter);
  if (d.hdr.type == PLAIT_TYPE_SOURCE) {
    deliver(text, d.len - PLAIT_PROTECTED_MIN);
  } else if (d.hdr.type != PLAIT_TYPE_CONTROL) {
    d.verdict = PLAIT_DROP_RX_TYPE;
  }
}

void Sink::deliver(const u8* symbol, u32 len) {
  plait_packet p{};
  u32 off = PLAIT_INNER_LEN;
  int more = 0;
  while ((more = plait_bundle_next(symbol, len, &off, &p)) > 0) {
    packets_++;
    octets_ += p.len;
  }
  if (more < 0) drops_[PLAIT_DROP_RX_INNER]++;
}

u64 Sink::missing() const {
  return accepted_ == 0 ? 0 : keys_.window.top - lowest_ + 1 - accepted_;
}

}  // namespace load

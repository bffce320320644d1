// SPDX-License-Identifier: GPL-2.0
// From datagrams to inner packets: see path.hpp. The checks and their order are those of
// docs/protocol.md, section 8.
#include <stdexcept>

#include "path.hpp"

namespace dpdk {

namespace {

void set_partial(rte_mbuf* m, bool partial) {
  m->ol_flags &= ~RTE_MBUF_F_RX_L4_CKSUM_MASK;
  if (partial) m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
}

// A packet of a bundle, in a buffer of its own; null if there is none.
rte_mbuf* copied(const rte_mbuf* m, const plait_packet& packet) {
  rte_mbuf* const copy = rte_pktmbuf_alloc(m->pool);
  if (copy == nullptr) return nullptr;
  // From a buffer of the same pool's, and shorter than that buffer's content.
  std::memcpy(rte_pktmbuf_append(copy, static_cast<u16>(packet.len)), packet.at, packet.len);
  return copy;
}

}  // namespace

Receiver::Receiver(CryptoDevice& device, const Keys& keys)
    : cryptor_(device, keys.cipher, keys.material, false),
      index_(keys.index),
      epoch_(keys.epoch),
      fail_limit_(limits_of(keys.cipher).open_failures),
      window_bits_(PLAIT_WINDOW_SPAN_DEFAULT / 64) {
  plait_tag_key_load(&keys_.tag_key,
                     reinterpret_cast<const u8*>(keys.material.data()) + PLAIT_AEAD_KEY_LEN);
  plait_window_init(&keys_.window, window_bits_.data(), PLAIT_WINDOW_SPAN_DEFAULT);
  keys_.lane = keys.lane;
}

plait_rx_keys* Receiver::find(void* receiver, u32 index, u16 epoch, plait_verdict* why) {
  auto* const self = static_cast<Receiver*>(receiver);
  *why = index == self->index_ ? PLAIT_DROP_RX_EPOCH : PLAIT_DROP_PORT_INDEX;
  return index == self->index_ && epoch == self->epoch_ ? &self->keys_ : nullptr;
}

void Receiver::drop(rte_mbuf* m, plait_verdict why) {
  drops_[why]++;
  rte_pktmbuf_free(m);
}

void Receiver::open(std::span<rte_mbuf*> datagrams, std::vector<rte_mbuf*>& packets) {
  std::array<plait_rx_dgram, kBurst> d;
  if (datagrams.size() > kBurst) throw std::length_error("more than a burst");
  const auto count = static_cast<unsigned>(datagrams.size());
  for (unsigned i = 0; i < count; i++) {
    d[i].at = rte_pktmbuf_mtod(datagrams[i], const u8*);
    d[i].len = datagrams[i]->data_len;
  }
  plait_check_batch(d.data(), count, find, this);

  std::array<unsigned, kBurst> opened;  // which of them the cipher gets to see
  unsigned tried = 0;
  for (unsigned i = 0; i < count; i++) {
    if (d[i].verdict == PLAIT_OK && failed_ >= fail_limit_) d[i].verdict = PLAIT_DROP_RX_LIMIT;
    if (d[i].verdict != PLAIT_OK) {
      drop(datagrams[i], d[i].verdict);
      continue;
    }
    cryptor_.add(datagrams[i], d[i].hdr.pn);
    opened[tried++] = i;
  }
  cryptor_.run();

  for (unsigned t = 0; t < tried; t++) {
    rte_mbuf* const m = datagrams[opened[t]];
    const plait_hdr& hdr = d[opened[t]].hdr;
    if (!cryptor_.good(t)) {
      failed_++;
      drop(m, PLAIT_DROP_RX_AUTH);
      continue;
    }
    const plait_verdict verdict = plait_window_accept(&keys_.window, plait_pn_counter(hdr.pn));
    if (verdict != PLAIT_OK) {
      drop(m, verdict);
      continue;
    }
    accepted_++;
    if (hdr.type == PLAIT_TYPE_SOURCE) {
      deliver(m, packets);
    } else if (hdr.type == PLAIT_TYPE_CONTROL) {
      rte_pktmbuf_free(m);
    } else {
      drop(m, PLAIT_DROP_RX_TYPE);
    }
  }
}

// The first packet stays where it is, others of a bundle are copied.
void Receiver::deliver(rte_mbuf* m, std::vector<rte_mbuf*>& packets) {
  u8* const symbol = rte_pktmbuf_mtod_offset(m, u8*, PLAIT_HDR_LEN);
  const u32 len = m->data_len - PLAIT_PROTECTED_MIN;
  plait_inner inner{};
  plait_inner_decode(&inner, symbol);
  const bool partial = (inner.flags & PLAIT_INNER_PARTIAL_CSUM) != 0;
  plait_packet first{}, packet{};
  u32 off = PLAIT_INNER_LEN;
  int more = plait_bundle_next(symbol, len, &off, &first);
  if (more <= 0) {
    if (more < 0) drops_[PLAIT_DROP_RX_INNER]++;
    rte_pktmbuf_free(m);  // padding alone is valid
    return;
  }
  packets.push_back(m);
  while ((more = plait_bundle_next(symbol, len, &off, &packet)) > 0) {
    rte_mbuf* const copy = copied(m, packet);
    if (copy == nullptr) {
      drops_[PLAIT_DROP_RX_NOMEM]++;
      continue;
    }
    set_partial(copy, partial);
    packets.push_back(copy);
  }
  if (more < 0) drops_[PLAIT_DROP_RX_INNER]++;
  rte_pktmbuf_adj(m, PLAIT_HDR_LEN + PLAIT_INNER_LEN);
  rte_pktmbuf_trim(m, static_cast<u16>(m->data_len - first.len));
  set_partial(m, partial);
}

}  // namespace dpdk

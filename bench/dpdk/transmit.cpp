// SPDX-License-Identifier: GPL-2.0
// From inner packets to datagrams: see path.hpp.
#include <stdexcept>

#include "path.hpp"

namespace dpdk {

namespace {

constexpr u32 kFront = PLAIT_HDR_LEN + PLAIT_INNER_LEN;

// DPDK's word for a checksum that holds the pseudo-header's sum, of a packet that is known to be
// sound: what a virtio NIC hands over.
u8 flags_of(const rte_mbuf* m) {
  return (m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_NONE
             ? PLAIT_INNER_PARTIAL_CSUM
             : 0;
}

}  // namespace

plait_limits limits_of(rte_crypto_aead_algorithm cipher) {
  return cipher == RTE_CRYPTO_AEAD_AES_GCM ? plait_limits_aes256gcm()
                                           : plait_limits_chacha20poly1305();
}

Transmitter::Transmitter(CryptoDevice& device, const Keys& keys, const Numbers& first)
    : cryptor_(device, keys.cipher, keys.material, true),
      keys_(keys),
      next_(first),
      end_(first.counter + limits_of(keys.cipher).hard) {
  plait_tag_key_load(&tag_key_,
                     reinterpret_cast<const u8*>(keys.material.data()) + PLAIT_AEAD_KEY_LEN);
}

void Transmitter::drop(rte_mbuf* m, plait_verdict why) {
  drops_[why]++;
  rte_pktmbuf_free(m);
}

unsigned Transmitter::seal(std::span<rte_mbuf*> packets, u32 now_us) {
  std::array<plait_tx_dgram, kBurst> d;
  if (packets.size() > kBurst) throw std::length_error("more than a burst");
  unsigned count = 0;
  for (rte_mbuf* m : packets) {
    const u8* const packet = rte_pktmbuf_mtod(m, const u8*);
    const u32 len = plait_ip_length(packet, m->data_len);
    if (len == 0 || m->nb_segs != 1) {
      drop(m, PLAIT_DROP_TX_PROTOCOL);
      continue;
    }
    rte_pktmbuf_trim(m, static_cast<u16>(m->data_len - len));
    if (m->data_off < kFront || rte_pktmbuf_tailroom(m) < PLAIT_AUTH_LEN) {
      drop(m, PLAIT_DROP_TX_TOO_BIG);
      continue;
    }
    d[count].bucket = static_cast<u8>(plait_flow_hash(packet, len));
    d[count].flags = flags_of(m);
    d[count].at = reinterpret_cast<u8*>(rte_pktmbuf_prepend(m, kFront));
    rte_pktmbuf_append(m, PLAIT_AUTH_LEN);
    d[count].len = m->data_len;
    packets[count++] = m;
  }
  return seal_symbols(packets.first(count), d.data(), now_us);
}

unsigned Transmitter::seal_symbols(std::span<rte_mbuf*> datagrams, plait_tx_dgram* d, u32 now_us) {
  const plait_numbering numbering{.dsn = &next_.dsn,
                                  .counter = &next_.counter,
                                  .end = end_,
                                  .strand_seq = &next_.strand_seq,
                                  .tag_key = &tag_key_,
                                  .index = keys_.index,
                                  .tstamp_us = now_us,
                                  .epoch = keys_.epoch,
                                  .lane = keys_.lane,
                                  .strand = next_.strand};
  const unsigned count = plait_number_batch(&numbering, d, static_cast<unsigned>(datagrams.size()));
  for (rte_mbuf* m : datagrams.subspan(count))
    drop(m, PLAIT_DROP_TX_LIMIT);
  for (unsigned i = 0; i < count; i++)
    cryptor_.add(datagrams[i], d[i].pn);
  cryptor_.run();
  for (unsigned i = 0; i < count; i++)
    if (!cryptor_.good(i)) throw std::runtime_error("the crypto device failed to seal");
  return count;
}

}  // namespace dpdk

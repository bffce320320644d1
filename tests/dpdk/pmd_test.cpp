// SPDX-License-Identifier: GPL-2.0
// The poll-mode path: what it seals is what the vectors say, it opens that, and refuses what
// docs/protocol.md says is to be refused.
#include "environment.hpp"
#include "measure.hpp"
#include "vectors.h"

namespace {

using dpdk_test::pool;

constexpr auto kChacha = RTE_CRYPTO_AEAD_CHACHA20_POLY1305;
constexpr auto kGcm = RTE_CRYPTO_AEAD_AES_GCM;
constexpr u32 kIndex = 0x5ea1;

[[maybe_unused]] testing::Environment* const environment =
    testing::AddGlobalTestEnvironment(new dpdk_test::Environment(
        {"crypto_chacha20_poly1305", "crypto_aesni_mb", "net_ring0", "net_ring1", "net_ring2"}));

using Octets = std::vector<u8>;

Octets octets_of(const rte_mbuf* m) {
  const u8* const at = rte_pktmbuf_mtod(m, const u8*);
  return {at, at + m->data_len};
}

rte_mbuf* buffer_of(const Octets& octets) {
  rte_mbuf* const m = rte_pktmbuf_alloc(pool);
  std::ranges::copy(octets,
                    reinterpret_cast<u8*>(rte_pktmbuf_append(m, static_cast<u16>(octets.size()))));
  return m;
}

Octets hex(const vec_case& c, const char* key, unsigned nth = 0) {
  Octets out(65536);
  const struct vec_line* const line = vec_line(&c, key, nth);
  out.resize(line != nullptr ? vec_octets(line, 0, out.data(), out.size()) : 0);
  return out;
}

std::array<std::byte, PLAIT_KEY_MATERIAL> some_key() {
  std::array<std::byte, PLAIT_KEY_MATERIAL> key{};
  for (std::size_t i = 0; i < key.size(); i++)
    key[i] = static_cast<std::byte>(7 * i + 1);
  return key;
}

class Path : public testing::TestWithParam<rte_crypto_aead_algorithm> {
 protected:
  ~Path() override {
    rte_pktmbuf_free_bulk(packets_.data(), static_cast<unsigned>(packets_.size()));
  }

  dpdk::Keys keys() { return {.cipher = GetParam(), .material = material_, .index = kIndex}; }

  // What goes in comes out as datagrams.
  std::vector<rte_mbuf*> sealed(const std::vector<Octets>& packets) {
    std::vector<rte_mbuf*> burst;
    for (const auto& packet : packets)
      burst.push_back(buffer_of(packet));
    burst.resize(transmitter_.seal(burst, 99));
    return burst;
  }

  std::vector<rte_mbuf*>& opened(std::vector<rte_mbuf*> datagrams) {
    receiver_.open(datagrams, packets_);
    return packets_;
  }

  Octets packet(u32 size, u16 number) {
    rte_mbuf* const m = dpdk::make_packet(pool, size, number);
    Octets octets = octets_of(m);
    rte_pktmbuf_free(m);
    return octets;
  }

  const std::array<std::byte, PLAIT_KEY_MATERIAL> material_ = some_key();
  dpdk::CryptoDevice device_{GetParam() == kGcm ? "crypto_aesni_mb" : "crypto_chacha20_poly1305"};
  dpdk::Transmitter transmitter_{device_, keys()};
  dpdk::Receiver receiver_{device_, keys()};
  std::vector<rte_mbuf*> packets_;
};

INSTANTIATE_TEST_SUITE_P(pmd, Path, testing::Values(kChacha, kGcm), [](const auto& p) {
  return std::string(p.param == kGcm ? "aes_256_gcm" : "chacha20_poly1305");
});

TEST_P(Path, seals_and_opens_what_the_vectors_say) {
  vec_file* const file = vec_load(PLAIT_VECTORS_DIR, "sealed");
  unsigned cases = 0;
  for (unsigned i = 0; i < file->cases_count; i++) {
    const vec_case& c = file->cases[i];
    if (vec_num(&c, "type") != PLAIT_TYPE_SOURCE) continue;
    SCOPED_TRACE(c.name);
    cases++;
    const Octets key = hex(c, "aead_key"), tag_key = hex(c, "tag_key"),
                 plaintext = hex(c, "plaintext"),
                 datagram = hex(c, GetParam() == kGcm ? "datagram_2" : "datagram");
    Octets material = key;
    material.insert(material.end(), tag_key.begin(), tag_key.end());
    const auto bytes = std::as_bytes(std::span(material));
    ASSERT_EQ(bytes.size(), PLAIT_KEY_MATERIAL);
    const dpdk::Keys keys{.cipher = GetParam(),
                          .material = bytes.first<PLAIT_KEY_MATERIAL>(),
                          .index = static_cast<u32>(vec_num(&c, "receiver")),
                          .epoch = static_cast<u16>(vec_num(&c, "epoch")),
                          .lane = static_cast<u8>(vec_num(&c, "lane"))};
    const auto bucket = static_cast<u8>(vec_num(&c, "bucket"));
    dpdk::Numbers numbers{.counter = vec_num(&c, "counter"),
                          .strand_seq = static_cast<u32>(vec_num(&c, "strand_seq")),
                          .strand = static_cast<u8>(vec_num(&c, "strand_id"))};
    numbers.dsn.next = vec_num(&c, "dsn_low") + (1ULL << 32);
    if (const u64 distance = vec_num(&c, "distance"))
      numbers.dsn.last[bucket] = numbers.dsn.next + 1 - distance;

    dpdk::Transmitter transmitter(device_, keys, numbers);
    rte_mbuf* m = buffer_of(Octets(datagram.size()));
    u8* const at = rte_pktmbuf_mtod(m, u8*);
    std::copy(plaintext.begin() + PLAIT_INNER_LEN, plaintext.end(),
              at + PLAIT_HDR_LEN + PLAIT_INNER_LEN);
    plait_tx_dgram d{
        .at = at,
        .pn = 0,
        .len = m->data_len,
        .bucket = bucket,
        .flags = static_cast<u8>(vec_num(&c, "partial") ? PLAIT_INNER_PARTIAL_CSUM : 0)};
    ASSERT_EQ(transmitter.seal_symbols({&m, 1}, &d, static_cast<u32>(vec_num(&c, "timestamp_us"))),
              1U);
    EXPECT_EQ(octets_of(m), datagram);

    dpdk::Receiver receiver(device_, keys);
    std::vector<rte_mbuf*> packets;
    receiver.open({&m, 1}, packets);
    EXPECT_EQ(receiver.accepted(), 1U);
    unsigned count = 0;
    while (vec_line(&c, "packet", count) != nullptr)
      count++;
    ASSERT_EQ(packets.size(), count);
    for (unsigned k = 0; k < count; k++) {
      EXPECT_EQ(octets_of(packets[k]), hex(c, "packet", k));
      EXPECT_EQ((packets[k]->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_NONE,
                vec_num(&c, "partial") == 1);
    }
    rte_pktmbuf_free_bulk(packets.data(), count);
  }
  EXPECT_GE(cases, 10U);
  vec_free(file);
}

TEST_P(Path, brings_packets_of_every_size_through_unchanged) {
  for (u32 size = 28; size < 1440; size += 13) {
    const std::vector<Octets> sent{packet(size, 1), packet(size, 2), packet(1440, 1)};
    const auto datagrams = sealed(sent);
    ASSERT_EQ(datagrams.size(), 3U);
    EXPECT_EQ(datagrams[0]->data_len, size + PLAIT_SOURCE_OVERHEAD);
    const auto& got = opened(datagrams);
    ASSERT_EQ(got.size(), 3U);
    for (std::size_t i = 0; i < 3; i++)
      EXPECT_EQ(octets_of(got[i]), sent[i]);
    rte_pktmbuf_free_bulk(packets_.data(), 3);
    packets_.clear();
  }
}

TEST_P(Path, refuses_a_spoilt_header_before_the_cipher) {
  auto datagrams = sealed({packet(64, 1), packet(64, 2)});
  rte_pktmbuf_mtod(datagrams[0], u8*)[PLAIT_OFF_TSTAMP] ^= 1;
  EXPECT_EQ(opened(datagrams).size(), 1U);
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_RX_TAG], 1U);
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_RX_AUTH], 0U);
}

TEST_P(Path, refuses_each_spoilt_octet_behind_the_header) {
  constexpr u32 kSize = 64, kLength = kSize + PLAIT_SOURCE_OVERHEAD;
  for (u32 at = PLAIT_HDR_LEN; at < kLength; at++) {
    auto datagrams = sealed({packet(kSize, 1)});
    rte_pktmbuf_mtod(datagrams[0], u8*)[at] ^= 0x80;
    EXPECT_TRUE(opened(datagrams).empty());
  }
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_RX_AUTH], kLength - PLAIT_HDR_LEN);
  EXPECT_EQ(receiver_.accepted(), 0U);
}

TEST_P(Path, refuses_a_replay_in_the_same_burst_and_in_the_next) {
  auto datagrams = sealed({packet(64, 1)});
  const Octets copy = octets_of(datagrams[0]);
  datagrams.push_back(buffer_of(copy));
  EXPECT_EQ(opened(datagrams).size(), 1U);
  EXPECT_EQ(opened({buffer_of(copy)}).size(), 1U);
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_RX_DUPLICATE], 2U);
}

TEST_P(Path, refuses_strangers_and_fragments_of_a_header) {
  auto datagrams = sealed({packet(64, 1), packet(64, 2), packet(64, 3)});
  rte_pktmbuf_mtod(datagrams[0], u8*)[PLAIT_OFF_INDEX] ^= 1;
  rte_pktmbuf_mtod(datagrams[1], u8*)[PLAIT_OFF_VERSION] ^= 2;
  rte_pktmbuf_trim(datagrams[2], 64 + PLAIT_INNER_LEN + 1);
  EXPECT_TRUE(opened(datagrams).empty());
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_PORT_INDEX], 1U);
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_PORT_VERSION], 1U);
  EXPECT_EQ(receiver_.drops()[PLAIT_DROP_PORT_SHORT], 1U);
}

TEST_P(Path, sends_no_packet_that_is_none_and_none_without_room_for_headers) {
  Octets nonsense = packet(64, 1), long_one = packet(64, 1);
  nonsense[0] = 0x15;
  EXPECT_TRUE(sealed({nonsense}).empty());
  EXPECT_EQ(transmitter_.drops()[PLAIT_DROP_TX_PROTOCOL], 1U);
  rte_mbuf* m = buffer_of(long_one);
  rte_pktmbuf_prepend(m, 100);  // of 128
  std::ranges::copy(long_one, rte_pktmbuf_mtod(m, u8*));
  EXPECT_EQ(transmitter_.seal({&m, 1}, 0), 0U);
  EXPECT_EQ(transmitter_.drops()[PLAIT_DROP_TX_TOO_BIG], 1U);
}

TEST_P(Path, stops_with_the_last_packet_number) {
  dpdk::Transmitter last(device_, keys(), {.counter = PLAIT_COUNTER_MAX - 1});
  std::vector<rte_mbuf*> burst{buffer_of(packet(64, 1)), buffer_of(packet(64, 2)),
                               buffer_of(packet(64, 3))};
  EXPECT_EQ(last.seal(burst, 0), 2U);
  EXPECT_EQ(last.drops()[PLAIT_DROP_TX_LIMIT], 1U);
  burst.resize(2);
  EXPECT_EQ(opened(burst).size(), 2U);
}

TEST_P(Path, is_measured_without_a_loss) {
  dpdk::Loop::Ports ports(pool);
  dpdk::Loop loop(ports, transmitter_, receiver_, pool, 64);
  const auto whole = loop.run(3);
  EXPECT_EQ(receiver_.accepted(), 3 * dpdk::kUnderWay);
  const auto floor = dpdk::Floor(device_, keys(), pool, 64).run(3);
  for (const double rate : {whole.sealed, whole.opened, whole.both, floor.sealed, floor.opened})
    EXPECT_GT(rate, 1000);
}

}  // namespace

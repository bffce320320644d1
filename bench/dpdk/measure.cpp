// SPDX-License-Identifier: GPL-2.0
// Rounds over rings, and the floor's: see measure.hpp.
#include "measure.hpp"

#include <rte_cycles.h>

#include <algorithm>
#include <stdexcept>

namespace dpdk {

namespace {

constexpr u16 kFlows = 64;

// Of a round; a second's share by the counter of cycles that EAL knows the rate of.
double packets_a_second(u64 cycles) {
  return static_cast<double>(kUnderWay) * static_cast<double>(rte_get_tsc_hz()) /
         static_cast<double>(cycles);
}

u64 median(std::vector<u64>& cycles) {
  std::ranges::nth_element(cycles, cycles.begin() + cycles.size() / 2);
  return cycles[cycles.size() / 2];
}

// Rounds of two timed halves. Their medians, since a round that the scheduler broke into, a few
// ms long, would weigh as much as all the others.
template <typename First, typename Second, typename Untimed>
Rates rounds(unsigned count, First first, Second second, Untimed untimed) {
  std::vector<u64> firsts, seconds, both;
  for (unsigned i = 0; i < count; i++) {
    const u64 begin = rte_rdtsc_precise();
    first();
    const u64 middle = rte_rdtsc_precise();
    second();
    const u64 end = rte_rdtsc_precise();
    firsts.push_back(middle - begin);
    seconds.push_back(end - middle);
    both.push_back(end - begin);
    untimed();
  }
  return {.sealed = packets_a_second(median(firsts)),
          .opened = packets_a_second(median(seconds)),
          .both = packets_a_second(median(both))};
}

// A ring has room for all that is under way.
void send_all(Port& port, std::span<rte_mbuf*> packets) {
  if (port.send(packets) != packets.size()) throw std::runtime_error("a ring is full");
}

}  // namespace

rte_mbuf* make_packet(rte_mempool* pool, u32 size, u16 number) {
  rte_mbuf* const m = rte_pktmbuf_alloc(pool);
  if (m == nullptr) throw std::runtime_error("no packet buffers are left");
  u8* const p = reinterpret_cast<u8*>(rte_pktmbuf_append(m, static_cast<u16>(size)));
  if (p == nullptr || size < PLAIT_IPV4_LEN + PLAIT_UDP_LEN)
    throw std::invalid_argument("no packet can have " + std::to_string(size) + " octets");
  std::memset(p, 0, size);
  p[0] = 0x45;
  plait_put_be16(p + 2, static_cast<u16>(size));
  p[8] = 64;
  p[9] = PLAIT_PROTO_UDP;
  plait_put_be32(p + 12, 0x0a070001);
  plait_put_be32(p + 16, 0x0a070002);
  plait_ipv4_csum(p, PLAIT_IPV4_LEN);
  plait_put_be16(p + PLAIT_IPV4_LEN, static_cast<u16>(40000 + number));
  plait_put_be16(p + PLAIT_IPV4_LEN + 2, 5301);
  plait_put_be16(p + PLAIT_IPV4_LEN + 4, static_cast<u16>(size - PLAIT_IPV4_LEN));
  return m;
}

Loop::Ports::Ports(rte_mempool* pool)
    : inside("net_ring0", pool), underlay("net_ring1", pool), outside("net_ring2", pool) {}

Loop::Loop(Ports& ports, Transmitter& transmitter, Receiver& receiver, rte_mempool* pool, u32 size)
    : ports_(ports),
      transmitter_(transmitter),
      receiver_(receiver),
      cycles_per_us_(rte_get_tsc_hz() / 1'000'000) {
  opened_.reserve(kBurst);
  for (unsigned i = 0; i < kUnderWay; i++) {
    rte_mbuf* m = make_packet(pool, size, static_cast<u16>(i % kFlows));
    send_all(ports_.inside, {&m, 1});
  }
}

Loop::~Loop() {
  std::array<rte_mbuf*, kBurst> left;
  for (Port* port : {&ports_.inside, &ports_.underlay, &ports_.outside}) {
    while (const unsigned count = port->receive(left))
      rte_pktmbuf_free_bulk(left.data(), count);
  }
}

void Loop::transmit() {
  std::array<rte_mbuf*, kBurst> packets;
  while (unsigned count = ports_.inside.receive(packets)) {
    const auto now_us = static_cast<u32>(rte_rdtsc() / cycles_per_us_);
    count = transmitter_.seal(std::span(packets).first(count), now_us);
    send_all(ports_.underlay, std::span(packets).first(count));
  }
}

void Loop::receive() {
  std::array<rte_mbuf*, kBurst> datagrams;
  while (const unsigned count = ports_.underlay.receive(datagrams)) {
    opened_.clear();
    receiver_.open(std::span(datagrams).first(count), opened_);
    send_all(ports_.outside, opened_);
  }
}

void Loop::turn_back() {
  std::array<rte_mbuf*, kBurst> packets;
  unsigned all = 0;
  while (const unsigned count = ports_.outside.receive(packets)) {
    send_all(ports_.inside, std::span(packets).first(count));
    all += count;
  }
  if (all != kUnderWay) {
    throw std::runtime_error("of " + std::to_string(kUnderWay) + " packets " + std::to_string(all) +
                             " came through");
  }
}

Rates Loop::run(unsigned count) {
  return rounds(
      count, [this] { transmit(); }, [this] { receive(); }, [this] { turn_back(); });
}

Floor::Floor(CryptoDevice& device, const Keys& keys, rte_mempool* pool, u32 size)
    : sealer_(device, keys.cipher, keys.material, true),
      opener_(device, keys.cipher, keys.material, false) {
  for (unsigned i = 0; i < kUnderWay; i++)
    datagrams_.push_back(make_packet(pool, size + PLAIT_SOURCE_OVERHEAD, 0));
}

Floor::~Floor() {
  rte_pktmbuf_free_bulk(datagrams_.data(), kUnderWay);
}

void Floor::work(Cryptor& cryptor) {
  for (unsigned i = 0; i < kUnderWay; i += kBurst) {
    for (unsigned k = 0; k < kBurst; k++)
      cryptor.add(datagrams_[i + k], pn_ + i + k);
    cryptor.run();
    for (unsigned k = 0; k < kBurst; k++)
      if (!cryptor.good(k)) throw std::runtime_error("the crypto device failed");
  }
}

Rates Floor::run(unsigned count) {
  return rounds(
      count, [this] { work(sealer_); }, [this] { work(opener_); }, [this] { pn_ += kUnderWay; });
}

}  // namespace dpdk

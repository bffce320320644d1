// SPDX-License-Identifier: GPL-2.0
// What is measured: the whole path over rings, and beside it the floor, the same crypto
// device with the same work and nothing else.
#pragma once

#include <memory>

#include "path.hpp"
#include "port.hpp"

namespace dpdk {

/// Packets that are under way, as a NIC's rings would hold them: a round takes all of them
/// through one direction, then through the other.
constexpr unsigned kUnderWay = 512;

/// Packets a second: of one direction alone, and sealed and opened one after the other.
struct Rates {
  double sealed = 0, opened = 0, both = 0;
};

/// Inner packets of @size octets in a ring, `inside` → transmit → `underlay` → receive →
/// `outside`, and back into the first ring, which is not timed.
class Loop {
 public:
  struct Ports {
    Port inside, underlay, outside;
    explicit Ports(rte_mempool* pool);
  };

  Loop(Ports& ports, Transmitter& transmitter, Receiver& receiver, rte_mempool* pool, u32 size);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Rates run(unsigned rounds);

 private:
  void transmit();
  void receive();
  void turn_back();

  Ports& ports_;
  Transmitter& transmitter_;
  Receiver& receiver_;
  std::vector<rte_mbuf*> opened_;
  const u64 cycles_per_us_;
};

/// The same number of datagrams, of the same length, sealed and opened where they lie.
class Floor {
 public:
  Floor(CryptoDevice& device, const Keys& keys, rte_mempool* pool, u32 size);
  ~Floor();
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  Rates run(unsigned rounds);

 private:
  void work(Cryptor& cryptor);

  Cryptor sealer_, opener_;
  std::vector<rte_mbuf*> datagrams_;
  u64 pn_ = 0;
};

/// An inner UDP packet of @size octets over IPv4; @number picks its source port.
rte_mbuf* make_packet(rte_mempool* pool, u32 size, u16 number);

}  // namespace dpdk

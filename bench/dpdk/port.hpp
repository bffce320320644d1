// SPDX-License-Identifier: GPL-2.0
// An Ethernet device of DPDK's with one queue each way.
#pragma once

#include <rte_ethdev.h>

#include <array>
#include <span>
#include <string>

namespace dpdk {

class Port {
 public:
  /// @name: of a device that EAL was given. What it receives is in buffers of @pool's.
  Port(const std::string& name, rte_mempool* pool);
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port();

  /// How many were there, at most as many as fit.
  unsigned receive(std::span<rte_mbuf*> into) {
    return rte_eth_rx_burst(id_, 0, into.data(), static_cast<std::uint16_t>(into.size()));
  }

  /// How many were taken, from the front; the others are still the caller's.
  unsigned send(std::span<rte_mbuf*> frames) {
    return rte_eth_tx_burst(id_, 0, frames.data(), static_cast<std::uint16_t>(frames.size()));
  }

  [[nodiscard]] std::array<std::uint8_t, 6> hardware_address() const;

 private:
  std::uint16_t id_ = 0;
};

}  // namespace dpdk

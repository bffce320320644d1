// SPDX-License-Identifier: GPL-2.0
// Starting a port: see port.hpp.
#include "port.hpp"

#include <algorithm>

#include "eal.hpp"

namespace dpdk {

namespace {

constexpr std::uint16_t kDescriptors = 512;

void need(int result, const std::string& what) {
  if (result < 0) fail(what, result);
}

}  // namespace

Port::Port(const std::string& name, rte_mempool* pool) {
  need(rte_eth_dev_get_port_by_name(name.c_str(), &id_), "no port " + name);
  const rte_eth_conf plain{};
  need(rte_eth_dev_configure(id_, 1, 1, &plain), name);
  need(rte_eth_rx_queue_setup(id_, 0, kDescriptors, SOCKET_ID_ANY, nullptr, pool),
       name + ", receive queue");
  need(rte_eth_tx_queue_setup(id_, 0, kDescriptors, SOCKET_ID_ANY, nullptr),
       name + ", transmit queue");
  need(rte_eth_dev_start(id_), name);
}

// EAL closes it, at its own end: until then it can be had again.
Port::~Port() {
  rte_eth_dev_stop(id_);
}

std::array<std::uint8_t, 6> Port::hardware_address() const {
  rte_ether_addr address{};
  need(rte_eth_macaddr_get(id_, &address), "hardware address");
  std::array<std::uint8_t, 6> octets{};
  std::ranges::copy(address.addr_bytes, octets.begin());
  return octets;
}

}  // namespace dpdk

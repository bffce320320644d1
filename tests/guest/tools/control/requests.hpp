// SPDX-License-Identifier: GPL-2.0
// What one may ask of plait devices, and of links and addresses, as netlink requests.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "netlink.hpp"

namespace control {

using Key = std::array<std::uint8_t, 48>;

/// 4 or 16 octets of "192.0.2.1" or "2001:db8::1".
Octets address(const std::string& text);

struct Prefix {
  Octets address{};
  std::uint32_t length = 0;
};

/// What is not set is not said.
struct Strand {
  std::optional<Octets> local{}, remote{};
  std::optional<std::uint16_t> port{}, remote_port{};
  std::optional<std::uint32_t> link{}, fwmark{};
  std::optional<std::uint8_t> fragment{};
};

struct Device {
  std::string name{};
  std::optional<std::uint32_t> group{};  // of links, for link_delete_group()
  std::optional<std::uint32_t> lanes{}, window{};
  std::optional<std::uint8_t> dscp{}, mtu_fixed{};
};

struct NewKey {
  std::uint32_t session = 1, epoch = 0, local_index = 0, remote_index = 0;
  Key tx{}, rx{};
  std::optional<std::uint32_t> cipher{}, peer_lanes{};
  std::optional<std::uint8_t> active{};
  std::optional<std::uint64_t> soft{}, hard{};
};

// --- rtnetlink ---------------------------------------------------------------------

/// A link of kind plait, with a strand if that says anything. The device is made in `netns` if
/// that is not -1; its sockets live where the request is sent.
Request link_new(const Device& device, const Strand& strand, int netns = -1);
Request link_change(const Device& device, const Strand& strand);
Request link_get(const std::string& name);
Request link_delete(const std::string& name);
Request link_delete_group(std::uint32_t group);
Request link_up(const std::string& name, bool up);
Request link_mtu(const std::string& name, std::uint32_t mtu);
Request link_move(const std::string& name, int netns);
Request veth_new(const std::string& name, const std::string& peer, int peer_netns);
Request links_dump();
Request address_new(std::uint32_t ifindex, const Octets& address, std::uint8_t length);
Request address_delete(std::uint32_t ifindex, const Octets& address, std::uint8_t length);

/// Its ifindex there, or 0.
std::uint32_t index_of(Socket& route, const std::string& name);

// --- generic netlink, family plait ---------------------------------------------------

/// Requests to the family, whose number changes when the module is loaded again.
class Plait {
 public:
  explicit Plait(std::uint16_t family) : family_(family) {}

  [[nodiscard]] Request device_new(const Device& device) const;
  [[nodiscard]] Request device_set(const Device& device) const;
  [[nodiscard]] Request device_delete(const std::string& name) const;
  [[nodiscard]] Request device_get(const std::string& name) const;
  [[nodiscard]] Request strand_new(std::uint32_t ifindex, const Strand& strand) const;
  [[nodiscard]] Request strand_set(std::uint32_t ifindex, const Strand& strand) const;
  [[nodiscard]] Request strand_delete(std::uint32_t ifindex) const;
  [[nodiscard]] Request strand_get(std::uint32_t ifindex) const;
  [[nodiscard]] Request key_new(std::uint32_t ifindex, const NewKey& key) const;
  /// What is not set is not said.
  [[nodiscard]] Request key_set(std::uint32_t ifindex, std::uint32_t session, std::uint32_t epoch,
                                std::optional<std::uint8_t> active,
                                std::optional<std::uint64_t> soft = {},
                                std::optional<std::uint64_t> hard = {}) const;
  [[nodiscard]] Request key_delete(std::uint32_t ifindex, std::uint32_t session,
                                   std::uint32_t epoch) const;
  [[nodiscard]] Request key_get(std::uint32_t ifindex, std::uint32_t session,
                                std::uint32_t epoch) const;
  [[nodiscard]] Request prefix_new(std::uint32_t ifindex, const Prefix& prefix) const;
  [[nodiscard]] Request prefix_set(std::uint32_t ifindex, const std::vector<Prefix>& list) const;
  [[nodiscard]] Request prefix_delete(std::uint32_t ifindex, const Prefix& prefix) const;
  [[nodiscard]] Request prefix_get(std::uint32_t ifindex, const Prefix& prefix) const;
  /// command: PLAIT_CMD_..._GET
  [[nodiscard]] Request dump(std::uint8_t command) const;

 private:
  [[nodiscard]] Request about(std::uint8_t command, std::uint16_t object) const;
  [[nodiscard]] Request key(std::uint8_t command, std::uint32_t ifindex, std::uint32_t session,
                            std::uint32_t epoch) const;
  [[nodiscard]] Request prefix(std::uint8_t command, std::uint32_t ifindex,
                               const std::vector<Prefix>& list) const;

  std::uint16_t family_;
};

}  // namespace control

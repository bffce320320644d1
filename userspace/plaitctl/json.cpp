// SPDX-License-Identifier: GPL-2.0
// The names stay: scripts read them.
#include "json.hpp"

namespace plaitctl {

Json to_json(const plait::Device& device) {
  return {{"ifindex", device.ifindex},
          {"name", device.name},
          {"port", device.port},
          {"lanes", device.lanes},
          {"window", device.window},
          {"mtu", device.mtu},
          {"mtu_fixed", device.mtu_fixed},
          {"dscp", device.dscp.inherit ? Json("inherit") : Json(device.dscp.value)},
          {"carrier", device.carrier},
          {"strands", device.strands},
          {"prefixes", device.prefixes}};
}

Json to_json(const plait::Strand& strand, const NameOf& device_name, const NameOf& link_name) {
  return {{"ifindex", strand.id.ifindex},
          {"device", device_name(strand.id.ifindex)},
          {"id", strand.id.id},
          {"local", strand.local ? Json(strand.local->to_string()) : Json()},
          {"port", strand.port},
          {"remote", strand.remote.to_string()},
          {"remote_port", strand.remote_port},
          {"link", strand.link == 0 ? Json() : Json(link_name(strand.link))},
          {"fwmark", strand.fwmark},
          {"fragment", strand.fragment},
          {"path_mtu", strand.path_mtu == 0 ? Json() : Json(strand.path_mtu)},
          {"tx_datagrams", strand.tx_datagrams},
          {"tx_bytes", strand.tx_bytes},
          {"rx_datagrams", strand.rx_datagrams},
          {"rx_bytes", strand.rx_bytes},
          {"rx_copies", strand.rx_copies},
          {"rx_failures", strand.rx_failures}};
}

Json to_json(const plait::Key& key, const NameOf& device_name) {
  return {{"ifindex", key.id.ifindex},
          {"device", device_name(key.id.ifindex)},
          {"session", key.id.session},
          {"epoch", key.id.epoch},
          {"cipher", to_string(key.cipher)},
          {"driver", key.driver},
          {"local_index", key.local_index},
          {"remote_index", key.remote_index},
          {"peer_lanes", key.peer_lanes},
          {"tx_counter", key.tx_counter},
          {"active", key.activation == plait::Activation::active},
          {"on_receipt", key.activation == plait::Activation::on_receipt},
          {"sealed", key.sealed},
          {"soft_limit", key.soft_limit},
          {"hard_limit", key.hard_limit},
          {"open_failures", key.open_failures}};
}

}  // namespace plaitctl

// SPDX-License-Identifier: GPL-2.0
// Each operation as one request.
#include "plait/client.hpp"

#include <cerrno>

#include "netlink.hpp"
#include "objects.hpp"
#include "plait.h"

namespace plait {
namespace {

// The length of an attribute has 16 bits.
constexpr std::size_t max_nest = 0xffff - NLA_HDRLEN;

// What a request is called in errors: "cannot " and this.
Request about(const std::string& name, const std::string& verb, std::uint8_t command) {
  Request request(verb + " device " + name, command, PLAIT_A_DEVICE);
  request.put_text(PLAIT_A_DEVICE_IFNAME, name);
  return request;
}

Request about(StrandId id, const std::string& verb, std::uint8_t command) {
  Request request(verb + " strand " + std::to_string(id.id), command, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, id.ifindex).put(PLAIT_A_STRAND_ID, id.id);
  return request;
}

Request about(KeyId id, const std::string& verb, std::uint8_t command) {
  Request request(verb + " the key of session " + std::to_string(id.session) + ", epoch " +
                      std::to_string(id.epoch),
                  command, PLAIT_A_KEY);
  request.put(PLAIT_A_KEY_IFINDEX, id.ifindex)
      .put(PLAIT_A_KEY_SESSION, id.session)
      .put(PLAIT_A_KEY_EPOCH, id.epoch);
  return request;
}

// A prefix in a request: the entry, its address and its length, each with a header.
constexpr std::size_t entry_room = 3 * NLA_HDRLEN + 16 + sizeof(std::uint32_t);

Request about(std::uint32_t ifindex, std::span<const Prefix> prefixes, const std::string& name,
              std::uint8_t command) {
  const std::size_t room = NLA_HDRLEN + sizeof(ifindex) + prefixes.size() * entry_room;
  if (room > max_nest) {
    throw Error(
        {.code = E2BIG,
         .operation = name,
         .text = "a device has at most " + std::to_string(PLAIT_PREFIXES_MAX) + " prefixes"});
  }
  Request request(name, command, PLAIT_A_PREFIX, room);
  request.put(PLAIT_A_PREFIX_IFINDEX, ifindex);
  for (const Prefix& prefix : prefixes) {
    request.put_nest(PLAIT_A_PREFIX_ENTRY, [&](Request& entry) {
      entry.put_octets(PLAIT_A_RANGE_ADDRESS, prefix.address().octets())
          .put(PLAIT_A_RANGE_LENGTH, std::uint32_t{prefix.length()});
    });
  }
  return request;
}

Request about(std::uint32_t ifindex, const Prefix& prefix, const std::string& verb,
              std::uint8_t command) {
  return about(ifindex, {&prefix, 1}, verb + " prefix " + prefix.to_string(), command);
}

template <typename Object>
std::vector<Object> collect(Socket& socket, Request& request, Object (*decode)(const Attributes&)) {
  std::vector<Object> objects;
  socket.ask(request, [&](const Attributes& attributes) { objects.push_back(decode(attributes)); });
  return objects;
}

template <typename Object>
Object one(Socket& socket, Request request, Object (*decode)(const Attributes&)) {
  auto objects = collect(socket, request, decode);
  if (objects.size() != 1) {
    throw Error({.code = EPROTO, .operation = request.name(), .text = "the kernel sent no answer"});
  }
  return std::move(objects.front());
}

// An enumeration or a flag as the number that netlink carries.
template <typename Number, typename Value>
std::optional<Number> as(const std::optional<Value>& value) {
  return value ? std::optional(static_cast<Number>(*value)) : std::nullopt;
}

std::optional<std::uint8_t> as_octet(const std::optional<Dscp>& dscp) {
  return dscp ? std::optional(encode(*dscp)) : std::nullopt;
}

}  // namespace

class Client::Connection : public Socket {};

Client::Client() : connection_(std::make_unique<Connection>()) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::device_new(const NewDevice& device) {
  auto request = about(device.name, "add", PLAIT_CMD_DEVICE_NEW);
  request.put(PLAIT_A_DEVICE_LANES, device.lanes)
      .put(PLAIT_A_DEVICE_WINDOW, device.window)
      .put(PLAIT_A_DEVICE_DSCP, as_octet(device.dscp));
  connection_->ask(request);
}

void Client::device_set(const std::string& name, const DeviceChange& change) {
  auto request = about(name, "change", PLAIT_CMD_DEVICE_SET);
  request.put(PLAIT_A_DEVICE_WINDOW, change.window)
      .put(PLAIT_A_DEVICE_DSCP, as_octet(change.dscp))
      .put(PLAIT_A_DEVICE_MTU_FIXED, as<std::uint8_t>(change.mtu_fixed));
  connection_->ask(request);
}

void Client::device_del(const std::string& name) {
  auto request = about(name, "delete", PLAIT_CMD_DEVICE_DEL);
  connection_->ask(request);
}

Device Client::device_get(const std::string& name) {
  return one(*connection_, about(name, "read", PLAIT_CMD_DEVICE_GET), decode_device);
}

std::vector<Device> Client::device_list() {
  Request request("list devices", PLAIT_CMD_DEVICE_GET, PLAIT_A_DEVICE);
  return collect(*connection_, request.dump(), decode_device);
}

void Client::strand_new(const NewStrand& strand) {
  auto request = about(strand.id, "add", PLAIT_CMD_STRAND_NEW);
  request.put_octets(PLAIT_A_STRAND_REMOTE, strand.remote.octets())
      .put(PLAIT_A_STRAND_PORT, strand.port)
      .put(PLAIT_A_STRAND_REMOTE_PORT, strand.remote_port)
      .put(PLAIT_A_STRAND_LINK, strand.link)
      .put(PLAIT_A_STRAND_FWMARK, strand.fwmark)
      .put(PLAIT_A_STRAND_FRAGMENT, as<std::uint8_t>(strand.fragment));
  if (strand.local) {
    request.put_octets(PLAIT_A_STRAND_LOCAL, strand.local->octets());
  }
  connection_->ask(request);
}

void Client::strand_set(StrandId id, const StrandChange& change) {
  auto request = about(id, "change", PLAIT_CMD_STRAND_SET);
  request.put(PLAIT_A_STRAND_PORT, change.port)
      .put(PLAIT_A_STRAND_REMOTE_PORT, change.remote_port)
      .put(PLAIT_A_STRAND_LINK, change.link)
      .put(PLAIT_A_STRAND_FWMARK, change.fwmark)
      .put(PLAIT_A_STRAND_FRAGMENT, as<std::uint8_t>(change.fragment));
  if (change.local) {
    request.put_octets(PLAIT_A_STRAND_LOCAL, change.local->octets());
  }
  if (change.remote) {
    request.put_octets(PLAIT_A_STRAND_REMOTE, change.remote->octets());
  }
  connection_->ask(request);
}

void Client::strand_del(StrandId id) {
  auto request = about(id, "delete", PLAIT_CMD_STRAND_DEL);
  connection_->ask(request);
}

Strand Client::strand_get(StrandId id) {
  return one(*connection_, about(id, "read", PLAIT_CMD_STRAND_GET), decode_strand);
}

std::vector<Strand> Client::strand_list(std::optional<std::uint32_t> ifindex) {
  Request request("list strands", PLAIT_CMD_STRAND_GET, PLAIT_A_STRAND);
  return collect(*connection_, request.put(PLAIT_A_STRAND_IFINDEX, ifindex).dump(), decode_strand);
}

void Client::key_new(const NewKey& key) {
  auto request = about(key.id, "install", PLAIT_CMD_KEY_NEW);
  request.put(PLAIT_A_KEY_CIPHER, as<std::uint32_t>(key.cipher))
      .put(PLAIT_A_KEY_LOCAL_INDEX, key.local_index)
      .put(PLAIT_A_KEY_REMOTE_INDEX, key.remote_index)
      .put_octets(PLAIT_A_KEY_TX_KEY, key.tx.octets())
      .put_octets(PLAIT_A_KEY_RX_KEY, key.rx.octets())
      .put(PLAIT_A_KEY_PEER_LANES, key.peer_lanes)
      .put(PLAIT_A_KEY_TX_COUNTER, key.tx_counter)
      .put(PLAIT_A_KEY_ACTIVE, as<std::uint8_t>(key.activation))
      .put(PLAIT_A_KEY_SOFT_LIMIT, key.soft_limit)
      .put(PLAIT_A_KEY_HARD_LIMIT, key.hard_limit);
  connection_->ask(request);
}

void Client::key_set(KeyId id, const KeyChange& change) {
  auto request = about(id, "change", PLAIT_CMD_KEY_SET);
  request.put(PLAIT_A_KEY_ACTIVE, as<std::uint8_t>(change.activation))
      .put(PLAIT_A_KEY_SOFT_LIMIT, change.soft_limit)
      .put(PLAIT_A_KEY_HARD_LIMIT, change.hard_limit);
  connection_->ask(request);
}

void Client::key_del(KeyId id) {
  auto request = about(id, "delete", PLAIT_CMD_KEY_DEL);
  connection_->ask(request);
}

Key Client::key_get(KeyId id) {
  return one(*connection_, about(id, "read", PLAIT_CMD_KEY_GET), decode_key);
}

std::vector<Key> Client::key_list(std::optional<std::uint32_t> ifindex) {
  Request request("list keys", PLAIT_CMD_KEY_GET, PLAIT_A_KEY);
  return collect(*connection_, request.put(PLAIT_A_KEY_IFINDEX, ifindex).dump(), decode_key);
}

void Client::prefix_add(std::uint32_t ifindex, const Prefix& prefix) {
  auto request = about(ifindex, prefix, "allow", PLAIT_CMD_PREFIX_NEW);
  connection_->ask(request);
}

void Client::prefix_set(std::uint32_t ifindex, const std::vector<Prefix>& prefixes) {
  auto request = about(ifindex, prefixes, "set the allowed prefixes", PLAIT_CMD_PREFIX_SET);
  connection_->ask(request);
}

void Client::prefix_del(std::uint32_t ifindex, const Prefix& prefix) {
  auto request = about(ifindex, prefix, "delete", PLAIT_CMD_PREFIX_DEL);
  connection_->ask(request);
}

bool Client::prefix_has(std::uint32_t ifindex, const Prefix& prefix) {
  auto request = about(ifindex, prefix, "look for", PLAIT_CMD_PREFIX_GET);
  try {
    connection_->ask(request);
    return true;
  } catch (const NotFound& error) {
    if (error.code() == ENODEV) {
      throw;
    }
    return false;
  }
}

std::vector<DevicePrefix> Client::prefix_list(std::optional<std::uint32_t> ifindex) {
  Request request("list prefixes", PLAIT_CMD_PREFIX_GET, PLAIT_A_PREFIX);
  std::vector<DevicePrefix> prefixes;
  connection_->ask(request.put(PLAIT_A_PREFIX_IFINDEX, ifindex).dump(),
                   [&](const Attributes& attributes) {
                     const auto some = decode_prefixes(attributes);
                     prefixes.insert(prefixes.end(), some.begin(), some.end());
                   });
  return prefixes;
}

}  // namespace plait

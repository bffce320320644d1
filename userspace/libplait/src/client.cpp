// SPDX-License-Identifier: GPL-2.0
// Each operation as one request.
#include "plait/client.hpp"

#include <cerrno>

#include "netlink.hpp"
#include "objects.hpp"
#include "plait.h"

namespace plait {
namespace {

Request about(const std::string& name, const char* verb, std::uint8_t command) {
  Request request("device " + name + ": " + verb, command, PLAIT_A_DEVICE);
  request.put_text(PLAIT_A_DEVICE_IFNAME, name);
  return request;
}

Request about(StrandId id, const char* verb, std::uint8_t command) {
  Request request("strand " + std::to_string(id.id) + ": " + verb, command, PLAIT_A_STRAND);
  request.put(PLAIT_A_STRAND_IFINDEX, id.ifindex).put(PLAIT_A_STRAND_ID, id.id);
  return request;
}

Request about(KeyId id, const char* verb, std::uint8_t command) {
  Request request("key of session " + std::to_string(id.session) + " epoch " +
                      std::to_string(id.epoch) + ": " + verb,
                  command, PLAIT_A_KEY);
  request.put(PLAIT_A_KEY_IFINDEX, id.ifindex)
      .put(PLAIT_A_KEY_SESSION, id.session)
      .put(PLAIT_A_KEY_EPOCH, id.epoch);
  return request;
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
    throw Error({.code = EPROTO,
                 .operation = request.name(),
                 .text = "the kernel sent no answer to a get"});
  }
  return std::move(objects.front());
}

std::optional<std::uint8_t> octet(std::optional<bool> flag) {
  return flag ? std::optional<std::uint8_t>(*flag ? 1 : 0) : std::nullopt;
}

}  // namespace

class Client::Connection : public Socket {
 public:
  Connection() : Socket(PLAIT_FAMILY_NAME) {}
};

Client::Client() : connection_(std::make_unique<Connection>()) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::device_new(const NewDevice& device) {
  auto request = about(device.name, "new", PLAIT_CMD_DEVICE_NEW);
  request.put(PLAIT_A_DEVICE_LANES, device.lanes).put(PLAIT_A_DEVICE_WINDOW, device.window);
  connection_->ask(request);
}

void Client::device_set(const std::string& name, const DeviceChange& change) {
  auto request = about(name, "set", PLAIT_CMD_DEVICE_SET);
  request.put(PLAIT_A_DEVICE_WINDOW, change.window);
  connection_->ask(request);
}

void Client::device_del(const std::string& name) {
  auto request = about(name, "del", PLAIT_CMD_DEVICE_DEL);
  connection_->ask(request);
}

Device Client::device_get(const std::string& name) {
  return one(*connection_, about(name, "get", PLAIT_CMD_DEVICE_GET), decode_device);
}

std::vector<Device> Client::device_list() {
  Request request("devices: list", PLAIT_CMD_DEVICE_GET, PLAIT_A_DEVICE);
  return collect(*connection_, request.dump(), decode_device);
}

void Client::strand_new(const NewStrand& strand) {
  auto request = about(strand.id, "new", PLAIT_CMD_STRAND_NEW);
  request.put_octets(PLAIT_A_STRAND_REMOTE, strand.remote.octets())
      .put(PLAIT_A_STRAND_PORT, strand.port)
      .put(PLAIT_A_STRAND_REMOTE_PORT, strand.remote_port)
      .put(PLAIT_A_STRAND_LINK, strand.link);
  if (strand.local) {
    request.put_octets(PLAIT_A_STRAND_LOCAL, strand.local->octets());
  }
  connection_->ask(request);
}

void Client::strand_set(StrandId id, const StrandChange& change) {
  auto request = about(id, "set", PLAIT_CMD_STRAND_SET);
  request.put(PLAIT_A_STRAND_REMOTE_PORT, change.remote_port).put(PLAIT_A_STRAND_LINK, change.link);
  if (change.remote) {
    request.put_octets(PLAIT_A_STRAND_REMOTE, change.remote->octets());
  }
  connection_->ask(request);
}

void Client::strand_del(StrandId id) {
  auto request = about(id, "del", PLAIT_CMD_STRAND_DEL);
  connection_->ask(request);
}

Strand Client::strand_get(StrandId id) {
  return one(*connection_, about(id, "get", PLAIT_CMD_STRAND_GET), decode_strand);
}

std::vector<Strand> Client::strand_list(std::optional<std::uint32_t> ifindex) {
  Request request("strands: list", PLAIT_CMD_STRAND_GET, PLAIT_A_STRAND);
  return collect(*connection_, request.put(PLAIT_A_STRAND_IFINDEX, ifindex).dump(), decode_strand);
}

void Client::key_new(const NewKey& key) {
  auto request = about(key.id, "new", PLAIT_CMD_KEY_NEW);
  const auto cipher =
      key.cipher ? std::optional(static_cast<std::uint32_t>(*key.cipher)) : std::nullopt;
  request.put(PLAIT_A_KEY_CIPHER, cipher)
      .put(PLAIT_A_KEY_LOCAL_INDEX, key.local_index)
      .put(PLAIT_A_KEY_REMOTE_INDEX, key.remote_index)
      .put_octets(PLAIT_A_KEY_TX_KEY, key.tx.octets())
      .put_octets(PLAIT_A_KEY_RX_KEY, key.rx.octets())
      .put(PLAIT_A_KEY_PEER_LANES, key.peer_lanes)
      .put(PLAIT_A_KEY_TX_COUNTER, key.tx_counter)
      .put(PLAIT_A_KEY_ACTIVE, octet(key.active));
  connection_->ask(request);
}

void Client::key_activate(KeyId id) {
  auto request = about(id, "set active", PLAIT_CMD_KEY_SET);
  request.put(PLAIT_A_KEY_ACTIVE, octet(true));
  connection_->ask(request);
}

void Client::key_del(KeyId id) {
  auto request = about(id, "del", PLAIT_CMD_KEY_DEL);
  connection_->ask(request);
}

Key Client::key_get(KeyId id) {
  return one(*connection_, about(id, "get", PLAIT_CMD_KEY_GET), decode_key);
}

std::vector<Key> Client::key_list(std::optional<std::uint32_t> ifindex) {
  Request request("keys: list", PLAIT_CMD_KEY_GET, PLAIT_A_KEY);
  return collect(*connection_, request.put(PLAIT_A_KEY_IFINDEX, ifindex).dump(), decode_key);
}

}  // namespace plait

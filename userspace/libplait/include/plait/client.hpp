// SPDX-License-Identifier: GPL-2.0
// The control of plait.ko: devices, strands and keys over generic netlink.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plait/error.hpp"
#include "plait/objects.hpp"

namespace plait {

/// A netlink connection to the module, in the network namespace of the thread that made it.
/// Each call is one request and waits for its answer; every one throws Error when the kernel
/// refuses. Changes need CAP_NET_ADMIN. Not for two threads at once.
class Client {
 public:
  /// Throws NotLoaded if the module is not there.
  Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Makes a device without a strand: strand_new() gives it one.
  void device_new(const NewDevice& device);
  void device_set(const std::string& name, const DeviceChange& change);
  void device_del(const std::string& name);
  Device device_get(const std::string& name);
  std::vector<Device> device_list();

  void strand_new(const NewStrand& strand);
  void strand_set(StrandId id, const StrandChange& change);
  void strand_del(StrandId id);
  Strand strand_get(StrandId id);
  /// The strands of one device, or of all.
  std::vector<Strand> strand_list(std::optional<std::uint32_t> ifindex = {});

  void key_new(const NewKey& key);
  /// Makes transmit use this key epoch instead of the one it used.
  void key_activate(KeyId id);
  void key_del(KeyId id);
  Key key_get(KeyId id);
  /// The keys of one device, or of all.
  std::vector<Key> key_list(std::optional<std::uint32_t> ifindex = {});

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// The control of plait.ko: devices, strands, keys and prefixes over generic netlink.
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
class PLAIT_API Client {
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
  void key_set(KeyId id, const KeyChange& change);
  void key_del(KeyId id);
  Key key_get(KeyId id);
  /// The keys of one device, or of all.
  std::vector<Key> key_list(std::optional<std::uint32_t> ifindex = {});

  /// Allows one range more. A new device has 0.0.0.0/0 and ::/0: everything.
  void prefix_add(std::uint32_t ifindex, const Prefix& prefix);
  /// These ranges in place of all that the device had, in one step.
  void prefix_set(std::uint32_t ifindex, const std::vector<Prefix>& prefixes);
  void prefix_del(std::uint32_t ifindex, const Prefix& prefix);
  /// Whether this very range is in the device's list.
  bool prefix_has(std::uint32_t ifindex, const Prefix& prefix);
  /// The ranges of one device, or of all.
  std::vector<DevicePrefix> prefix_list(std::optional<std::uint32_t> ifindex = {});

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// What the module tells of itself: keys and strands that come and go, limits, carrier, MTU.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "plait/error.hpp"
#include "plait/objects.hpp"

namespace plait {

enum class EventKind : std::uint32_t {
  unknown = 0,  ///< of a kernel newer than this library: see Event::number
  key_installed = 1,
  key_activated = 2,  ///< transmit seals with it now
  key_removed = 3,
  key_limit_near = 4,     ///< install the next epoch soon
  key_limit_reached = 5,  ///< it seals or opens no more
  carrier_up = 6,
  carrier_down = 7,
  strand_changed = 8,  ///< made, or set
  strand_removed = 9,
  mtu_changed = 10,    ///< the device's MTU followed the path
  strand_spoilt = 11,  ///< many datagrams with a right header fail to open
  lost = 0xffffffff,   ///< not from the kernel: it had more to tell than was read in time
};

/// "key-installed", "carrier-up", …, "unknown", "lost".
PLAIT_API std::string_view to_string(EventKind kind);

/// One event: its device, and the strand or key that it is about. They hold what the kernel
/// sent with the event; the rest has its default.
struct Event {
  EventKind kind = EventKind::unknown;
  std::uint32_t number = 0;  ///< the kind as the kernel sent it
  Device device;
  std::optional<Strand> strand;
  std::optional<Key> key;
};

/// A subscription to the events of all devices in the network namespace of the thread that
/// made it. Not for two threads at once.
class PLAIT_API Events {
 public:
  /// Throws NotLoaded if the module is not there, NotPermitted without CAP_NET_ADMIN.
  Events();
  Events(Events&&) noexcept;
  Events& operator=(Events&&) noexcept;
  ~Events();

  /// Readable when next() has something. Belongs to this object.
  [[nodiscard]] int fd() const;

  /// The next event, or nullopt if there is none now: it does not wait. After EventKind::lost,
  /// ask Client for what there is.
  std::optional<Event> next();

 private:
  class Subscription;
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace plait

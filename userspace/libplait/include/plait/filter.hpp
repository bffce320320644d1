// SPDX-License-Identifier: GPL-2.0
// The XDP filter in front of the module: attached to underlay interfaces, looked at, taken
// away. docs/xdp.md says what it does and who may read its maps.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "plait/export.hpp"

namespace plait {

enum class FilterMode {
  native,   ///< in the interface's driver, before the kernel allocates anything
  generic,  ///< in the stack, for drivers that cannot: drops copies alone, and saves next to
            ///< nothing
};

/// "native", "generic".
PLAIT_API std::string to_string(FilterMode mode);

/// Why a filter cannot be attached, detached or read, with the remedy where there is one.
class PLAIT_API FilterError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An attached filter.
struct Filter {
  std::uint32_t ifindex = 0;
  std::string name;                ///< the interface's; empty if it is in another network namespace
  std::uint64_t net = 0;           ///< cookie of its network namespace
  std::optional<FilterMode> mode;  ///< nothing: it runs no more, or not in this namespace
  bool hears = false;              ///< it judges: the module has told it everything, lately
  bool moved = false;              ///< its interface has left the namespace: everything passes
  bool complete = false;           ///< every session found room in the maps: if not, what there
                                   ///< are no keys for passes unjudged
};

/// A map that all filters of the host share: how full it is; about, while it changes.
struct FilterMap {
  std::string name;  ///< "sockets", "sessions", "lanes", "windows"
  std::uint32_t entries = 0;
  std::uint32_t max = 0;
  std::uint64_t net = 0;     ///< cookie of the network namespace that has the most of them
  std::uint32_t of_net = 0;  ///< how many those are
};

/// What a filter has done with datagrams to plait's ports.
struct FilterCounter {
  std::string name;     ///< "tag"
  std::string meaning;  ///< "wrong header tag"
  bool drop = false;    ///< dropped; else passed
  std::uint64_t value = 0;
};

/// Attaches the filter to an interface of this thread's network namespace, beside other XDP
/// programs, and has the module tell it everything. Without a mode: native, or else generic.
/// Throws FilterError, or Error if the module is not there.
PLAIT_API Filter filter_attach(const std::string& interface, std::optional<FilterMode> mode = {});

/// Takes it away. The last one takes the listener with it, so that the module can be unloaded.
PLAIT_API void filter_detach(const std::string& interface);

/// Takes all of this namespace away, and what is left of filters whose interface is gone.
/// Returns the names of the interfaces that had one.
PLAIT_API std::vector<std::string> filter_detach_all();

/// All filters of the host, in whatever namespace.
PLAIT_API std::vector<Filter> filter_list();

/// How full the maps are; nothing if there is no filter.
PLAIT_API std::vector<FilterMap> filter_maps();

/// The counters of a filter of this namespace: passes first, then drops in the order of checks.
PLAIT_API std::vector<FilterCounter> filter_counters(const std::string& interface);

}  // namespace plait

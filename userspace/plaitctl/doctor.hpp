// SPDX-License-Identifier: GPL-2.0
// Why a device does not pass traffic: what was gathered, and what follows from it. diagnose()
// is a pure function, so that every cause can be tried without a kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json.hpp"
#include "overhear.hpp"
#include "plait/objects.hpp"
#include "probe.hpp"
#include "rtnl.hpp"

namespace plaitctl {

/// All that diagnose() knows.
struct Facts {
  /// A value at the beginning and at the end of the time that was watched.
  template <typename Value>
  struct Twice {
    Value before{};
    Value after{};
  };

  /// Where datagrams with a receiver index of this device came from.
  struct Source {
    Endpoint from;
    unsigned count = 0;  ///< as many as were looked at
  };

  /// A strand and the network below it.
  struct Path {
    Twice<plait::Strand> strand;
    tools::Way way;
    bool local_here = true;           ///< its own address is on this host
    std::optional<tools::Link> link;  ///< what the way leads out of
    Twice<std::uint16_t> next_hop;    ///< NUD_… of whom the way leads to first; 0: not known
    std::vector<Bounce> bounces;      ///< ICMP errors about what was sent there, by others
    std::vector<Bounce> own;          ///< such errors by this host itself
    std::vector<Source> elsewhere;    ///< where else datagrams for this device came from
    std::optional<Probe> probe;       ///< if one was asked for
  };

  std::string device;               ///< its name, as it was asked for
  bool loaded = false;              ///< the module's family is there
  bool module_file = false;         ///< there is a plait.ko for the running kernel
  std::string kernel;               ///< release of the running kernel
  std::string refusal;              ///< what the module said, if it would not tell of the device
  bool permitted = false;           ///< CAP_NET_ADMIN
  std::optional<tools::Link> link;  ///< the interface of that name
  double seconds = 0;               ///< how long it was watched
  Twice<plait::Device> state;
  std::vector<Path> paths;  ///< a strand each
  std::string deafness;     ///< why not all that arrives could be listened for
  bool keys_known = true;   ///< the module told of its keys
  std::vector<plait::Key> keys;
  std::vector<plait::Prefix> prefixes;      ///< allowed
  std::vector<plait::Address> addresses;    ///< the device's own
  std::vector<plait::Prefix> routes;        ///< that lead into the device
  int rp_filter = 0;                        ///< the larger of the device's and "all"
  Twice<std::uint64_t> reverse_path_drops;  ///< of the whole namespace
  bool forwards = true;                     ///< IPv4 packets from the device to other hosts
  Twice<std::uint64_t> not_forwarded;       ///< IpInAddrErrors of the whole namespace
  Twice<std::uint64_t> without_route;       ///< IpExtInNoRoutes of the whole namespace
  std::string nftables;                     ///< "nft list ruleset", empty if not to be had
};

/// Something that stops traffic, or a part of it.
struct Finding {
  std::string id;                       ///< a word for programs: "rx_tag", "no-route"
  std::string cause;                    ///< what is wrong
  std::string evidence;                 ///< what was seen
  std::string remedy;                   ///< what to do, commands included
  std::vector<std::string> steps = {};  ///< and if there is more than one cause, in this order
};

/// In the order in which one should look at them. A finding that explains the rest stands alone.
std::vector<Finding> diagnose(const Facts& facts);

/// What diagnose() could not look at, or should be known beside it.
std::vector<std::string> remarks(const Facts& facts);

std::string view_findings(const Facts& facts, const std::vector<Finding>& findings,
                          const std::vector<std::string>& remarks);
Json findings_json(const Facts& facts, const std::vector<Finding>& findings,
                   const std::vector<std::string>& remarks);

/// The chain on hook input that drops what no rule accepts, "inet filter input", if there is one
/// and no rule speaks of that port or of answers (ct state established). Empty else.
std::string chain_that_drops(const std::string& nftables, std::uint16_t port);

}  // namespace plaitctl

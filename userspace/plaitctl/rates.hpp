// SPDX-License-Identifier: GPL-2.0
// What moves, a second: from two samples of counters.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "json.hpp"
#include "plait/client.hpp"
#include "rtnl.hpp"

namespace plaitctl {

/// The counters of devices at one time.
struct Sample {
  std::chrono::steady_clock::time_point time;
  std::vector<plait::Device> devices;
  std::vector<plait::Strand> strands;
  bool keys_known = true;  ///< the module told of its keys
  std::vector<plait::Key> keys;
  std::vector<tools::Link> links;  ///< of those devices
};

/// Of one device, or of all. Throws plait::Error as plait::Client does.
Sample take_sample(plait::Client& client, const std::optional<std::string>& device);

/// What comes in and goes out, a second.
struct Flow {
  double in_bits = 0;
  double out_bits = 0;
  double in_packets = 0;
  double out_packets = 0;
};

struct Rates {
  struct OfStrand {
    plait::Strand strand;
    Flow flow;  ///< UDP payload
  };
  struct Drop {
    std::string counter;
    std::string meaning;
    double per_second = 0;
  };
  struct OfDevice {
    plait::Device device;
    bool up = false;
    Flow flow;  ///< inner packets
    std::vector<OfStrand> strands;
    std::vector<Drop> drops;        ///< those that move, the fastest first
    std::optional<plait::Key> key;  ///< which transmit uses
  };
  double seconds = 0;      ///< between the samples
  bool keys_known = true;  ///< as in the later sample
  std::vector<OfDevice> devices;
};

/// Devices and strands that are not in both samples have no flow.
Rates rates(const Sample& before, const Sample& after);

/// Tables for people, lines that end with a newline.
std::string view_rates(const Rates& rates);
/// An array of objects, one a device.
Json rates_json(const Rates& rates);

}  // namespace plaitctl

// SPDX-License-Identifier: GPL-2.0
// How objects are shown: as a table, or as JSON whose names plaitctl(8) documents.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plait/objects.hpp"

namespace plaitctl {

enum class Format { table, json };

/// Turns an interface index into a name.
using NameOf = std::function<std::string(std::uint32_t ifindex)>;

/// Each view ends with a newline, or is empty if there is nothing to tabulate.
std::string view(const std::vector<plait::Device>& devices, Format format);
/// device_name: of plait devices; link_name: of underlay interfaces.
std::string view(const std::vector<plait::Strand>& strands, const NameOf& device_name,
                 const NameOf& link_name, Format format);
std::string view(const std::vector<plait::Key>& keys, const NameOf& device_name, Format format);
std::string view(const std::vector<plait::DevicePrefix>& prefixes, const NameOf& device_name,
                 Format format);
/// Counters of each device. The table leaves out those that are zero unless with_zeros; JSON
/// has every one.
std::string view_stats(const std::vector<plait::Device>& devices, bool with_zeros, Format format);

}  // namespace plaitctl

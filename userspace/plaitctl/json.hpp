// SPDX-License-Identifier: GPL-2.0
// Objects as JSON, by the names that plaitctl(8) documents.
#pragma once

#include <nlohmann/json.hpp>

#include "plait/objects.hpp"
#include "view.hpp"

namespace plaitctl {

using Json = nlohmann::ordered_json;

Json to_json(const plait::Device& device);
Json to_json(const plait::Strand& strand, const NameOf& device_name, const NameOf& link_name);
Json to_json(const plait::Key& key, const NameOf& device_name);

}  // namespace plaitctl

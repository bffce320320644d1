// SPDX-License-Identifier: GPL-2.0
// Nothing that came over the network is used before its type and its range were looked at.
#include "json.hpp"

#include <fmt/format.h>

#include <cmath>

namespace plaitbench {

const Json& member(const Json& object, const char* name) {
  if (!object.is_object()) throw ProtocolError(fmt::format("no object where \"{}\" is due", name));
  const auto found = object.find(name);
  if (found == object.end()) throw ProtocolError(fmt::format("\"{}\" is lacking", name));
  return *found;
}

std::uint64_t number_of(const Json& object, const char* name, std::uint64_t min,
                        std::uint64_t max) {
  const auto& value = member(object, name);
  if (!value.is_number_unsigned()) {
    throw ProtocolError(fmt::format("\"{}\" is no whole number", name));
  }
  const auto number = value.get<std::uint64_t>();
  if (number < min || number > max) {
    throw ProtocolError(fmt::format("\"{}\" is {}: {} to {} is allowed", name, number, min, max));
  }
  return number;
}

double real_of(const Json& object, const char* name, double min, double max) {
  const auto& value = member(object, name);
  if (!value.is_number()) throw ProtocolError(fmt::format("\"{}\" is no number", name));
  const auto number = value.get<double>();
  if (!std::isfinite(number) || number < min || number > max) {
    throw ProtocolError(fmt::format("\"{}\" is {}: {} to {} is allowed", name, number, min, max));
  }
  return number;
}

std::string text_of(const Json& object, const char* name, std::size_t longest) {
  const auto& value = member(object, name);
  if (!value.is_string()) throw ProtocolError(fmt::format("\"{}\" is no text", name));
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > longest) {
    throw ProtocolError(fmt::format("\"{}\" is longer than {} characters", name, longest));
  }
  return text;
}

bool truth_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_boolean())
    throw ProtocolError(fmt::format("\"{}\" is neither true nor false", name));
  return value.get<bool>();
}

}  // namespace plaitbench

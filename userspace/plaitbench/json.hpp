// SPDX-License-Identifier: GPL-2.0
// Objects whose names keep their order, and reading them when a stranger may have sent them.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace plaitbench {

using Json = nlohmann::ordered_json;

/// The other side said what it must not say.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value of that name; throws ProtocolError if it is lacking.
const Json& member(const Json& object, const char* name);

/// A whole number from min to max; throws ProtocolError.
std::uint64_t number_of(const Json& object, const char* name, std::uint64_t min, std::uint64_t max);
/// A finite number from min to max; throws ProtocolError.
double real_of(const Json& object, const char* name, double min, double max);
/// Text of at most that length; throws ProtocolError.
std::string text_of(const Json& object, const char* name, std::size_t longest = 256);
bool truth_of(const Json& object, const char* name);

}  // namespace plaitbench

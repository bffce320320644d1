// SPDX-License-Identifier: GPL-2.0
// Messages on the control connection: a length in four octets, network byte order, and as many of
// JSON, an object whose "type" says what it is.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "json.hpp"

namespace plaitbench {

/// What a message may be long. What a stranger says first is shorter.
constexpr std::size_t longest_frame = std::size_t{256} << 10;
constexpr std::size_t longest_first_frame = 4096;

/// Throws ProtocolError if it is too long to be sent.
std::vector<std::byte> encode_frame(const Json& message);

/// Takes octets as they come and gives messages.
class FrameReader {
 public:
  explicit FrameReader(std::size_t longest) : longest_(longest) {}

  void allow(std::size_t longest) { longest_ = longest; }

  void take(std::span<const std::byte> octets);

  /// The next whole message, if it is there. Throws ProtocolError if what is there cannot become
  /// one: too long, no JSON, no object with a type.
  std::optional<Json> next();

  /// Nothing is left that was not given.
  [[nodiscard]] bool empty() const { return octets_.empty(); }

  /// No more than that is of use before next() was called.
  [[nodiscard]] std::size_t room() const;

 private:
  std::size_t longest_;
  std::vector<std::byte> octets_;
};

}  // namespace plaitbench

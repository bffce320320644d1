// SPDX-License-Identifier: GPL-2.0
// The length is looked at before a single octet behind it is kept.
#include "frame.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plaitbench {
namespace {

constexpr std::size_t length_size = 4;

std::size_t length_of(std::span<const std::byte> octets) {
  std::size_t length = 0;
  for (const std::byte octet : octets.first(length_size)) {
    length = length << 8 | std::to_integer<std::size_t>(octet);
  }
  return length;
}

}  // namespace

std::vector<std::byte> encode_frame(const Json& message) {
  const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > longest_frame) {
    throw ProtocolError(fmt::format("a message of {} octets is too long", text.size()));
  }
  std::vector<std::byte> octets(length_size + text.size());
  for (std::size_t i = 0; i < length_size; i++) {
    octets[i] = static_cast<std::byte>(text.size() >> 8 * (length_size - 1 - i));
  }
  std::ranges::copy(std::as_bytes(std::span(text)), octets.begin() + length_size);
  return octets;
}

std::size_t FrameReader::room() const {
  return length_size + longest_ - std::min(length_size + longest_, octets_.size());
}

void FrameReader::take(std::span<const std::byte> octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
}

std::optional<Json> FrameReader::next() {
  if (octets_.size() < length_size) return {};
  const std::size_t length = length_of(octets_);
  if (length > longest_) {
    throw ProtocolError(fmt::format("a message of {} octets, {} are allowed: is that plaitbench?",
                                    length, longest_));
  }
  if (octets_.size() < length_size + length) return {};
  const std::string text(reinterpret_cast<const char*>(octets_.data()) + length_size, length);
  octets_.erase(octets_.begin(),
                octets_.begin() + static_cast<std::ptrdiff_t>(length_size + length));
  Json message = Json::parse(text, nullptr, false);
  if (message.is_discarded()) throw ProtocolError("what came is no JSON");
  text_of(message, "type");
  return message;
}

}  // namespace plaitbench

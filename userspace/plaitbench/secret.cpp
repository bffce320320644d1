// SPDX-License-Identifier: GPL-2.0
// A secret stands behind the head of a datagram.
#include "secret.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace plaitbench {

Secret random_secret() {
  Secret secret{};
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return secret;
}

std::string to_text(const Secret& secret) {
  constexpr auto digits = "0123456789abcdef";
  std::string text;
  for (const std::byte octet : secret) {
    text += digits[std::to_integer<unsigned>(octet >> 4)];
    text += digits[std::to_integer<unsigned>(octet & std::byte{0xf})];
  }
  return text;
}

std::optional<Secret> secret_from_text(const std::string& text) {
  constexpr int hexadecimal = 16;
  Secret secret{};
  if (text.size() != 2 * secret.size()) return {};
  for (std::size_t i = 0; i < secret.size(); i++) {
    const char* at = &text[2 * i];
    unsigned octet = 0;
    const auto [end, error] = std::from_chars(at, at + 2, octet, hexadecimal);
    if (error != std::errc() || end != at + 2) return {};
    secret[i] = static_cast<std::byte>(octet);
  }
  return secret;
}

std::vector<std::byte> secret_datagram(Kind kind, const Secret& secret) {
  std::vector<std::byte> octets(stamp_size + secret.size());
  write_stamp(std::span(octets).first<stamp_size>(),
              {.trial = 0, .sequence = 0, .kind = kind, .time_ns = 0});
  std::ranges::copy(secret, octets.begin() + stamp_size);
  return octets;
}

std::optional<Secret> read_secret(std::span<const std::byte> datagram, Kind kind) {
  const auto stamp = read_stamp(datagram);
  Secret secret{};
  if (!stamp || stamp->kind != kind || datagram.size() != stamp_size + secret.size()) return {};
  std::ranges::copy(datagram.subspan(stamp_size), secret.begin());
  return secret;
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// Noise: random octets, dressed up step by step so that some of it passes each
// check and dies at the next, up to a right header tag over random ciphertext.
#include <algorithm>

#include "modes.hpp"

namespace forge {
namespace {

constexpr std::size_t kLongest = 2000;

Octets noise(Workshop& shop, std::size_t length) {
  Dice& dice = shop.dice;
  Octets d = dice.octets(length);
  const auto level = dice.below(8);  // from 5 on: nothing but noise
  if (length < PLAIT_HDR_LEN || level >= 5) return d;
  d[PLAIT_OFF_VERSION] = PLAIT_VERSION;
  if (level < 1) return d;
  d[PLAIT_OFF_TYPE] &= 0x7f;
  plait_put_be32(&d[PLAIT_OFF_INDEX], shop.keys().index);
  if (level < 2) return d;
  plait_put_be16(&d[PLAIT_OFF_EPOCH], shop.keys().epoch);
  if (level < 3) return d;
  // High counters, which no real traffic has used.
  d[PLAIT_OFF_PN] = 0;
  d[PLAIT_OFF_PN + 1] |= 0x80;
  if (level < 4) return d;
  retag(shop.keys(), d);
  return d;
}

}  // namespace

Stream random_stream(Workshop& shop) {
  return [&shop](std::size_t left) {
    Buffer buffer;
    Dice& dice = shop.dice;
    buffer.ecn = static_cast<std::uint8_t>(dice.below(4));
    std::size_t length = dice.one_in(40) ? 0 : dice.below(kLongest + 1);
    std::size_t count = 1;
    if (dice.one_in(shop.aggregates)) {
      length = dice.between(1, kLongestSegment);
      count = dice.between(1, segments_of(length, left));
    }
    for (std::size_t i = 0; i < count; i++) {
      const bool last = count > 1 && i + 1 == count;
      buffer.datagrams.push_back(noise(shop, last ? dice.between(1, length) : length));
    }
    return buffer;
  };
}

}  // namespace forge

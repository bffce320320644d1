// SPDX-License-Identifier: GPL-2.0
// Valid datagrams with one thing changed. Each way knows what must become of its
// datagram, and the engine has to agree before anything is sent.
#include <algorithm>
#include <stdexcept>

#include "modes.hpp"

namespace forge {
namespace {

constexpr std::size_t kSourceMin = PLAIT_SOURCE_OVERHEAD;
constexpr std::size_t kAny = 2000;

// What a way of spoiling works with.
struct Bench {
  Workshop& shop;
  const Keys& keys;
  std::uint64_t counter;
  std::size_t length;

  Octets valid() const { return sealed_of_length(shop, keys, counter, length); }
  Octets valid(std::size_t other) const { return sealed_of_length(shop, keys, counter, other); }

  void flip_bit(Octets& d, std::size_t first, std::size_t end) const {
    d[first + shop.dice.below(end - first)] ^= static_cast<std::uint8_t>(1 << shop.dice.below(8));
  }
  // Another value than the one that stands there.
  void change(std::uint8_t& octet) const {
    octet = static_cast<std::uint8_t>(octet + 1 + shop.dice.below(255));
  }
};

struct Way {
  const char* how;
  plait_verdict expected;
  std::size_t shortest;
  std::size_t longest;
  Octets (*make)(const Bench&);
};

Octets with_type(const Bench& b) {
  Octets d = b.valid();
  do {
    d[PLAIT_OFF_TYPE] = static_cast<std::uint8_t>(b.shop.dice.below(0x80));
  } while (d[PLAIT_OFF_TYPE] == PLAIT_TYPE_SOURCE);
  return d;
}

Octets with_counter(const Bench& b) {
  Octets d = b.valid();
  // Upwards only: a lower one might be taken already by real traffic.
  plait_put_be64(&d[PLAIT_OFF_PN], plait_pn(0, b.counter + 1 + b.shop.dice.below(1 << 20)));
  return d;
}

Octets cut(const Bench& b) {
  Octets d = b.valid(b.length + 1 + b.shop.dice.below(100));
  d.resize(b.length);
  return d;
}

Octets extended(const Bench& b) {
  const auto more = b.shop.dice.between(1, b.length - kSourceMin);
  return joined(b.valid(b.length - more), b.shop.dice.octets(more));
}

Octets retagged(const Bench& b, Octets d) {
  retag(b.keys, d);
  return d;
}

Octets with_epoch(const Bench& b) {
  Octets d = b.valid();
  const auto other = b.keys.epoch + b.shop.dice.between(1, 0xffff);
  plait_put_be16(&d[PLAIT_OFF_EPOCH], static_cast<u16>(other));
  return b.shop.dice.one_in(2) ? retagged(b, d) : d;
}

Octets with_lane(const Bench& b) {
  Octets d = b.valid();
  b.change(d[PLAIT_OFF_PN]);
  return b.shop.dice.one_in(2) ? retagged(b, d) : d;
}

Octets with_index(const Bench& b) {
  Octets d = b.valid();
  const auto known = [&](std::uint32_t index) {
    return std::any_of(b.shop.sessions.begin(), b.shop.sessions.end(),
                       [&](const Keys& keys) { return keys.index == index; });
  };
  do {
    plait_put_be32(&d[PLAIT_OFF_INDEX], static_cast<u32>(b.shop.dice.number()));
  } while (known(plait_get_be32(&d[PLAIT_OFF_INDEX])));
  return b.shop.dice.one_in(2) ? retagged(b, d) : d;
}

Octets handshake(const Bench& b) {
  Octets d = b.shop.dice.octets(b.length);
  d[PLAIT_OFF_TYPE] = static_cast<std::uint8_t>(PLAIT_TYPE_HANDSHAKE | b.shop.dice.below(4));
  d[PLAIT_OFF_VERSION] = PLAIT_VERSION;
  return b.length < PLAIT_HDR_LEN ? d : retagged(b, d);
}

Octets with_other_keys(const Bench& b, bool right_tag) {
  Keys other = b.keys;
  b.change(other.aead[b.shop.dice.below(other.aead.size())]);
  if (!right_tag) other.tag.k0 ^= 1ULL << b.shop.dice.below(64);
  return sealed_of_length(b.shop, other, b.counter, b.length);
}

constexpr Way kWays[] = {
    {"payload spoilt under a right header tag", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) {
       Octets d = b.valid();
       b.flip_bit(d, PLAIT_HDR_LEN, d.size() - PLAIT_AUTH_LEN);
       return d;
     }},
    {"authentication tag", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) {
       Octets d = b.valid();
       b.flip_bit(d, d.size() - PLAIT_AUTH_LEN, d.size());
       return d;
     }},
    {"header tag", PLAIT_DROP_RX_TAG, kSourceMin, kAny,
     [](const Bench& b) {
       Octets d = b.valid();
       b.flip_bit(d, PLAIT_OFF_TAG, PLAIT_OFF_STRAND);
       return d;
     }},
    {"strand or timestamp", PLAIT_DROP_RX_TAG, kSourceMin, kAny,
     [](const Bench& b) {
       Octets d = b.valid();
       b.flip_bit(d, PLAIT_OFF_STRAND, PLAIT_STRAND_HALF);
       return d;
     }},
    {"version", PLAIT_DROP_PORT_VERSION, PLAIT_PROTECTED_MIN, kAny,
     [](const Bench& b) {
       Octets d = b.valid(std::max(b.length, kSourceMin));
       d.resize(b.length);
       b.change(d[PLAIT_OFF_VERSION]);
       return b.shop.dice.one_in(2) ? retagged(b, d) : d;
     }},
    {"handshake", PLAIT_DROP_PORT_HANDSHAKE, PLAIT_HANDSHAKE_MIN, kAny, handshake},
    {"short handshake", PLAIT_DROP_PORT_SHORT, 18, PLAIT_HANDSHAKE_MIN - 1, handshake},
    {"type", PLAIT_DROP_RX_TAG, kSourceMin, kAny, with_type},
    {"type, tagged again", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) { return retagged(b, with_type(b)); }},
    {"key epoch", PLAIT_DROP_RX_EPOCH, kSourceMin, kAny, with_epoch},
    {"receiver index", PLAIT_DROP_PORT_INDEX, kSourceMin, kAny, with_index},
    {"lane", PLAIT_DROP_RX_LANE, kSourceMin, kAny, with_lane},
    {"counter", PLAIT_DROP_RX_TAG, kSourceMin, kAny, with_counter},
    {"counter, tagged again", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) { return retagged(b, with_counter(b)); }},
    {"too short", PLAIT_DROP_PORT_SHORT, 0, kSourceMin - 1,
     [](const Bench& b) {
       Octets d = b.valid(kSourceMin + b.shop.dice.below(100));
       d.resize(b.length);
       return d;
     }},
    {"truncated", PLAIT_DROP_RX_TAG, kSourceMin, kAny, cut},
    {"truncated, tagged again", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) { return retagged(b, cut(b)); }},
    {"extended", PLAIT_DROP_RX_TAG, kSourceMin + 1, kAny, extended},
    {"extended, tagged again", PLAIT_DROP_RX_AUTH, kSourceMin + 1, kAny,
     [](const Bench& b) { return retagged(b, extended(b)); }},
    {"other keys", PLAIT_DROP_RX_TAG, kSourceMin, kAny,
     [](const Bench& b) { return with_other_keys(b, false); }},
    {"other AEAD key", PLAIT_DROP_RX_AUTH, kSourceMin, kAny,
     [](const Bench& b) { return with_other_keys(b, true); }},
};

// One bit anywhere: what becomes of it depends on where, and the engine says.
Spoilt flip_one(const Bench& b) {
  Octets d = b.valid();
  b.flip_bit(d, 0, d.size());
  const plait_verdict verdict = b.shop.receiver->judge(d);
  return {std::move(d), "one bit", verdict};
}

}  // namespace

Octets sealed_of_length(Workshop& shop, const Keys& keys, std::uint64_t counter,
                        std::size_t length) {
  const std::size_t room = length - kSourceMin;
  const Ip ip{.version = shop.dice.one_in(2) ? 4U : 6U};
  const std::size_t headers = header_length(ip) + PLAIT_UDP_LEN;
  const bool partial = shop.dice.one_in(2);
  const Octets inside =
      room < headers ? Octets(room)
                     : udp_packet(ip, kClosedPort, shop.dice.octets(room - headers), partial);
  Header header;
  header.counter = counter;
  header.strand_sequence = static_cast<std::uint32_t>(counter);
  header.timestamp = static_cast<std::uint32_t>(shop.dice.number());
  return seal(keys, header, symbol(shop.dice, inside, partial));
}

Spoilt spoil(Workshop& shop, const Keys& keys, std::uint64_t counter, std::size_t length) {
  const Bench bench{shop, keys, counter, length};
  std::vector<const Way*> fit;
  for (const auto& way : kWays) {
    if (length >= way.shortest && length <= way.longest) fit.push_back(&way);
  }
  if (length >= kSourceMin && shop.dice.one_in(fit.size() + 1)) {
    Spoilt spoilt = flip_one(bench);
    if (spoilt.expected == PLAIT_OK) throw std::logic_error("one bit changed, and still accepted");
    return spoilt;
  }
  const Way& way = *fit.at(shop.dice.below(fit.size()));
  Spoilt spoilt{way.make(bench), way.how, way.expected};
  const plait_verdict verdict = shop.receiver->judge(spoilt.datagram);
  if (verdict != way.expected || spoilt.datagram.size() != length) {
    throw std::logic_error(std::string(way.how) + ", " + std::to_string(length) +
                           " octets: expected " + Receiver::name_of(way.expected) +
                           ", the engine says " + Receiver::name_of(verdict));
  }
  return spoilt;
}

Stream mutate_stream(Workshop& shop) {
  return [&shop](std::size_t left) {
    Buffer buffer;
    std::size_t length = shop.dice.below(kAny + 1);
    std::size_t count = 1;
    if (shop.dice.one_in(shop.aggregates)) {
      length = shop.dice.between(kSourceMin, kLongestSegment);
      count = shop.dice.between(1, segments_of(length, left));
    }
    for (std::size_t i = 0; i < count; i++) {
      const bool last = count > 1 && i + 1 == count;
      const std::size_t own = last ? shop.dice.between(1, length) : length;
      buffer.datagrams.push_back(spoil(shop, shop.keys(), shop.counter++, own).datagram);
    }
    return buffer;
  };
}

}  // namespace forge

// SPDX-License-Identifier: GPL-2.0
// Authentic datagrams that hold nonsense, or sense in odd shapes. A peer with keys
// can send these, so nothing but the inner checks stands between them and the stack.
#include <algorithm>
#include <iterator>

#include "modes.hpp"

namespace forge {
namespace {

constexpr std::size_t kLongestSymbol = 30000 - PLAIT_PROTECTED_MIN;
constexpr std::size_t kLongestPlaintext = kLongestSegment - PLAIT_PROTECTED_MIN;
constexpr std::uint8_t kAck = 0x10, kPush = 0x18;
constexpr std::uint8_t kIcmp = 1, kHopByHop = 0;

// The plaintext of one datagram and the type it goes by.
struct Odd {
  Octets plaintext;
  std::uint8_t type = PLAIT_TYPE_SOURCE;
};

Ip any_ip(Dice& dice) {
  return {.version = dice.one_in(2) ? 4U : 6U, .ecn = static_cast<std::uint8_t>(dice.below(4))};
}

std::uint8_t either_transport(Dice& dice) {
  return dice.one_in(2) ? PLAIT_PROTO_UDP : PLAIT_PROTO_TCP;
}

Octets any_udp(Dice& dice, const Ip& ip, bool partial) {
  return udp_packet(ip, kClosedPort, dice.octets(dice.below(200)), partial);
}

Octets any_tcp(Dice& dice, const Ip& ip, bool partial) {
  return tcp_packet(ip, static_cast<std::uint32_t>(dice.number()), kAck,
                    dice.octets(dice.below(600)), partial);
}

Odd as_symbol(Dice& dice, const Octets& rest, bool partial = false) {
  return {symbol(dice, rest, partial)};
}

// --- packets whose header lies about lengths ---------------------------------

Odd total_below_header(Dice& dice) {
  Octets p = any_udp(dice, {}, false);
  plait_put_be16(&p[2], static_cast<u16>(dice.below(PLAIT_IPV4_LEN)));
  return as_symbol(dice, p);
}

Odd length_past_end(Dice& dice) {
  const Ip ip = any_ip(dice);
  Octets p = any_udp(dice, ip, false);
  std::uint8_t* field = &p[ip.version == 4 ? 2 : 4];
  plait_put_be16(field, static_cast<u16>(plait_get_be16(field) + dice.between(1, 20000)));
  return as_symbol(dice, p, dice.one_in(2));
}

Odd bad_header_length(Dice& dice) {
  Octets p = any_udp(dice, {}, false);
  // Below five words, or longer than the packet.
  if (dice.one_in(2)) {
    p[0] = static_cast<std::uint8_t>(0x40 | dice.below(5));
  } else {
    p[0] = 0x4f;
    p.resize(PLAIT_IPV4_LEN + dice.below(40));
    plait_put_be16(&p[2], static_cast<u16>(p.size()));
  }
  return as_symbol(dice, p);
}

Odd other_version(Dice& dice) {
  Octets p = any_udp(dice, any_ip(dice), false);
  p[0] = static_cast<std::uint8_t>((dice.one_in(2) ? 0x50 : 0x70 + 0x10 * dice.below(9)) | 5);
  return as_symbol(dice, p);
}

Odd cut_header(Dice& dice) {
  const Ip ip = any_ip(dice);
  Octets p = any_udp(dice, ip, false);
  p.resize(dice.between(1, header_length(ip) - 1));
  return as_symbol(dice, p);
}

// --- bundles and padding -----------------------------------------------------

Octets bundle_of(Dice& dice, bool partial) {
  Ip ip = any_ip(dice);
  Octets all;
  for (auto left = dice.between(2, 12); left > 0; left--) {
    ip.version = dice.one_in(2) ? 4 : 6;
    all = joined(all, dice.one_in(3) ? any_tcp(dice, ip, partial) : any_udp(dice, ip, partial));
  }
  return all;
}

Odd bundle(Dice& dice) {
  const bool partial = dice.one_in(2);
  return as_symbol(dice, bundle_of(dice, partial), partial);
}

Odd bundle_then_padding(Dice& dice) {
  const bool partial = dice.one_in(2);
  Octets padding = dice.octets(dice.between(1, 300));
  padding[0] &= 0x0f;  // only the first octet says that it is padding
  return as_symbol(dice, joined(bundle_of(dice, partial), padding), partial);
}

Odd bundle_then_nonsense(Dice& dice) {
  const bool partial = dice.one_in(2);
  return as_symbol(dice, joined(bundle_of(dice, partial), length_past_end(dice).plaintext),
                   partial);
}

Odd bundle_of_the_tiniest(Dice& dice) {
  Octets all;
  for (auto left = dice.between(1, 300); left > 0; left--) {
    all = joined(all, ip_packet({.protocol = static_cast<std::uint8_t>(dice.below(256))}, {}));
  }
  return as_symbol(dice, all, dice.one_in(4));
}

Odd padding_alone(Dice& dice) {
  Octets padding = dice.octets(dice.below(1000));
  if (!padding.empty()) padding[0] &= 0x0f;
  return as_symbol(dice, padding, dice.one_in(2));
}

// --- flag C where it may not stand, and where it is strange --------------------

Odd partial_fragment(Dice& dice) {
  const Ip ip{
      .protocol = either_transport(dice),
      .fragment = static_cast<std::uint16_t>(dice.one_in(2) ? 0x2000 : dice.between(1, 99))};
  return as_symbol(dice, ip_packet(ip, dice.octets(dice.between(8, 400))), true);
}

Odd partial_other_protocol(Dice& dice) {
  Ip ip = any_ip(dice);
  ip.protocol = dice.one_in(3) ? kHopByHop : kIcmp;
  return as_symbol(dice, ip_packet(ip, dice.octets(dice.between(0, 400))), true);
}

Odd partial_without_transport(Dice& dice) {
  Ip ip = any_ip(dice);
  ip.protocol = either_transport(dice);
  return as_symbol(dice, ip_packet(ip, dice.octets(dice.below(24))), true);
}

Odd partial_with_options(Dice& dice) {
  Ip ip{.ecn = static_cast<std::uint8_t>(dice.below(4))};
  ip.options = static_cast<std::uint8_t>(4 * dice.below(11));
  return as_symbol(dice, dice.one_in(2) ? any_udp(dice, ip, true) : any_tcp(dice, ip, true), true);
}

Odd partial_wrong_sum(Dice& dice) {
  Octets p = any_udp(dice, any_ip(dice), true);
  p.back() ^= 1;
  return as_symbol(dice, p, true);
}

// --- datagrams that are no symbols, and symbols of noise -------------------------

Odd unknown_type(Dice& dice) {
  const auto type = dice.one_in(2) ? PLAIT_TYPE_REPAIR : dice.between(4, 0x7f);
  return {dice.octets(dice.below(600)), static_cast<std::uint8_t>(type)};
}

Odd control(Dice& dice) {
  Octets items;
  for (auto left = dice.below(8); left > 0; left--) {
    const auto length = dice.below(60);
    Octets item = {static_cast<std::uint8_t>(dice.below(10)), 0, 0,
                   static_cast<std::uint8_t>(dice.one_in(5) ? 255 : length)};
    items = joined(items, joined(item, dice.octets(length)));
  }
  return {items, PLAIT_TYPE_CONTROL};
}

Odd noise(Dice& dice) {
  return {dice.octets(dice.between(PLAIT_INNER_LEN, 1200))};
}

Odd noise_in_a_header(Dice& dice) {
  Octets p = dice.octets(dice.between(PLAIT_IPV6_LEN, 1200));
  const bool v4 = dice.one_in(2);
  p[0] = static_cast<std::uint8_t>(v4 ? 0x40 | dice.between(5, 10) : 0x60);
  plait_put_be16(&p[v4 ? 2 : 4], static_cast<u16>(p.size() - (v4 ? 0 : PLAIT_IPV6_LEN)));
  return as_symbol(dice, p, dice.one_in(2));
}

Odd huge(Dice& dice) {
  const bool partial = dice.one_in(2);
  const Ip ip = any_ip(dice);
  const std::size_t headers = header_length(ip) + PLAIT_UDP_LEN + PLAIT_INNER_LEN;
  const std::size_t room =
      dice.one_in(3) ? kLongestSymbol - headers : dice.between(2000, kLongestSymbol - headers);
  return as_symbol(dice, udp_packet(ip, kClosedPort, dice.octets(room), partial), partial);
}

Odd too_long(Dice& dice) {
  return as_symbol(dice, Octets(dice.between(kLongestSymbol - PLAIT_INNER_LEN + 1, 65000)));
}

using Kind = Odd (*)(Dice&);
constexpr Kind kKinds[] = {total_below_header,
                           length_past_end,
                           bad_header_length,
                           other_version,
                           cut_header,
                           bundle,
                           bundle_then_padding,
                           bundle_then_nonsense,
                           bundle_of_the_tiniest,
                           padding_alone,
                           partial_fragment,
                           partial_other_protocol,
                           partial_without_transport,
                           partial_with_options,
                           partial_wrong_sum,
                           unknown_type,
                           control,
                           noise,
                           noise_in_a_header,
                           huge,
                           too_long};

// A run of TCP segments that belong together, now and then with one that does not.
std::vector<Odd> tcp_run(Dice& dice, std::size_t most) {
  const Ip ip{.version = dice.one_in(2) ? 4U : 6U, .ecn = PLAIT_ECN_ECT_0};
  const std::size_t size = dice.between(1, 1200);
  auto sequence = static_cast<std::uint32_t>(dice.number());
  std::vector<Odd> run;
  const std::size_t whole = PLAIT_INNER_LEN + header_length(ip) + PLAIT_TCP_LEN + size;
  for (auto left = std::min<std::size_t>(most, dice.between(2, 40)); left > 0; left--) {
    if (dice.one_in(8)) {
      // As long as the segments, so that it stands in the aggregate between them.
      run.push_back({dice.octets(whole)});
      continue;
    }
    if (dice.one_in(8)) {
      run.push_back(kKinds[dice.below(std::size(kKinds) - 2)](dice));
      continue;
    }
    const std::size_t own = dice.one_in(10) ? dice.between(0, size) : size;
    run.push_back(as_symbol(
        dice, tcp_packet(ip, sequence, dice.one_in(10) ? kPush : kAck, dice.octets(own), true),
        true));
    sequence += static_cast<std::uint32_t>(dice.one_in(20) ? own + 1 : own);
  }
  return run;
}

class Inner {
 public:
  explicit Inner(Workshop& shop) : shop_(shop) {}

  Buffer next(std::size_t left) {
    Dice& dice = shop_.dice;
    if (waiting_.empty() && dice.one_in(20)) {
      waiting_ = tcp_run(dice, left);
      std::reverse(waiting_.begin(), waiting_.end());
      run_ecn_ = static_cast<std::uint8_t>(dice.below(4));
    }
    Buffer buffer;
    if (!waiting_.empty()) {
      buffer.ecn = run_ecn_;
      take_run(buffer);
      return buffer;
    }
    buffer.ecn = static_cast<std::uint8_t>(dice.below(4));
    Octets first = sealed(kKinds[dice.below(std::size(kKinds))](dice));
    // Some share an aggregate with another, which may be no longer.
    if (left > 1 && first.size() <= kLongestSegment && dice.one_in(4)) {
      Octets second = sealed(kKinds[dice.below(std::size(kKinds) - 2)](dice));
      if (second.size() <= first.size()) {
        buffer.datagrams = {first, second};
        return buffer;
      }
      shop_.counter--;  // not sent: its number is free
    }
    buffer.datagrams = {first};
    return buffer;
  }

 private:
  // As many of the waiting ones as may share an aggregate: a shorter one ends it.
  void take_run(Buffer& buffer) {
    const std::size_t length = waiting_.back().plaintext.size();
    const std::size_t most = length > kLongestPlaintext ? 1 : segments_of(length + 100, 64);
    while (!waiting_.empty() && buffer.datagrams.size() < most) {
      const std::size_t own = waiting_.back().plaintext.size();
      if (own > length) break;
      buffer.datagrams.push_back(sealed(waiting_.back()));
      waiting_.pop_back();
      if (own < length) break;
    }
  }

  Octets sealed(const Odd& odd) {
    Header header;
    header.counter = shop_.counter++;
    header.type = odd.type;
    header.strand = static_cast<std::uint8_t>(shop_.dice.below(256));
    return seal(shop_.keys(), header, odd.plaintext);
  }

  Workshop& shop_;
  std::vector<Odd> waiting_;
  std::uint8_t run_ecn_ = 0;
};

}  // namespace

Stream inner_stream(Workshop& shop) {
  return [inner = std::make_shared<Inner>(shop)](std::size_t left) { return inner->next(left); };
}

}  // namespace forge

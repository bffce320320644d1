// SPDX-License-Identifier: GPL-2.0
// Frames made and read, octet by octet and without any code of the filter's.
#include "frames.hpp"

#include <algorithm>

namespace frames {
namespace {

constexpr std::size_t filter_extensions = 6;  // more are none of the filter's business
constexpr std::size_t filter_vlans = 2;

void put16(Octets& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append(Octets& out, const Octets& more) {
  out.insert(out.end(), more.begin(), more.end());
}

Octets udp(const Wrapping& w, const Octets& datagram) {
  Octets out;
  put16(out, w.source_port);
  put16(out, w.port);
  put16(out, static_cast<unsigned>(static_cast<int>(datagram.size()) + 8 + w.length_error));
  put16(out, 0x1234);
  append(out, datagram);
  return out;
}

Octets ipv4(const Wrapping& w, const Octets& payload) {
  Octets out;
  const auto header = 20 + w.options;
  out.push_back(static_cast<std::uint8_t>(0x40 | header / 4));
  out.push_back(0);
  put16(out, static_cast<unsigned>(header + payload.size()));
  put16(out, 1);
  put16(out, w.fragment);
  out.push_back(64);
  out.push_back(w.protocol);
  put16(out, 0);
  out.insert(out.end(), w.source.begin(), w.source.begin() + 4);
  out.insert(out.end(), w.destination.begin(), w.destination.begin() + 4);
  out.insert(out.end(), w.options, 1);
  append(out, payload);
  return out;
}

Octets ipv6(const Wrapping& w, const Octets& payload) {
  auto extensions = w.extensions;
  if (w.fragment != 0) extensions.push_back(44);
  Octets out{0x60, 0, 0, 0};
  put16(out, static_cast<unsigned>(8 * extensions.size() + payload.size()));
  out.push_back(extensions.empty() ? w.protocol : extensions.front());
  out.push_back(64);
  out.insert(out.end(), w.source.begin(), w.source.end());
  out.insert(out.end(), w.destination.begin(), w.destination.end());
  for (std::size_t i = 0; i < extensions.size(); i++) {
    out.push_back(i + 1 < extensions.size() ? extensions[i + 1] : w.protocol);
    const bool routing = extensions[i] == 43;  // no segments left; else PadN (RFC 8200 4.2)
    out.insert(out.end(), {0, std::uint8_t{1}, std::uint8_t(routing ? 0 : 4), 0, 0, 0, 0});
  }
  append(out, payload);
  return out;
}

unsigned get16(const Octets& frame, std::size_t at) {
  return frame[at] << 8 | frame[at + 1];
}

// The UDP header at an offset, `room` octets of the packet from there.
Reading read_udp(const Octets& frame, Reading reading, std::size_t at, std::size_t room) {
  if (frame.size() < at + room || room < 8) {
    reading.kind = Reading::Kind::broken;
    return reading;
  }
  const std::size_t length = get16(frame, at + 4);
  reading.port = static_cast<std::uint16_t>(get16(frame, at + 2));
  if (length < 8 || length > room) {
    reading.kind = Reading::Kind::broken;
    return reading;
  }
  reading.kind = Reading::Kind::datagram;
  reading.datagram.assign(frame.begin() + static_cast<long>(at) + 8,
                          frame.begin() + static_cast<long>(at + length));
  return reading;
}

Reading read_ipv4(const Octets& frame, std::size_t at) {
  Reading reading{.family = 4};
  if (frame.size() < at + 20 || frame[at] >> 4 != 4 || frame[at + 9] != 17 ||
      (get16(frame, at + 6) & 0x3fff) != 0) {
    return reading;
  }
  const std::size_t header = std::size_t{4} * (frame[at] & 15U);
  const std::size_t total = get16(frame, at + 2);
  std::copy_n(frame.begin() + static_cast<long>(at) + 16, 4, reading.destination.begin());
  if (header < 20 || total < header) {
    reading.kind = Reading::Kind::broken;
    return reading;
  }
  return read_udp(frame, reading, at + header, total - header);
}

Reading read_ipv6(const Octets& frame, std::size_t at) {
  Reading reading{.family = 6};
  if (frame.size() < at + 40 || frame[at] >> 4 != 6) return reading;
  std::size_t room = get16(frame, at + 4);
  unsigned next = frame[at + 6];
  std::copy_n(frame.begin() + static_cast<long>(at) + 24, 16, reading.destination.begin());
  at += 40;
  for (std::size_t seen = 0; next == 0 || next == 43 || next == 60; seen++) {
    if (seen == filter_extensions || frame.size() < at + 2) return reading;
    if (next == 43 && (frame.size() < at + 4 || frame[at + 3] != 0)) return reading;
    const std::size_t length = std::size_t{8} * (frame[at + 1] + 1U);
    if (length > room) {
      reading.kind = Reading::Kind::broken;
      return reading;
    }
    next = frame[at];
    at += length;
    room -= length;
  }
  return next == 17 ? read_udp(frame, reading, at, room) : reading;
}

}  // namespace

Octets make(const Wrapping& w, const Octets& datagram) {
  Octets out{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  for (unsigned i = 0; i < w.vlans; i++) {
    put16(out, i + 1 < w.vlans ? 0x88a8 : 0x8100);
    put16(out, 5);
  }
  put16(out, w.family == 4 ? 0x0800 : 0x86dd);
  const auto payload = udp(w, datagram);
  append(out, w.family == 4 ? ipv4(w, payload) : ipv6(w, payload));
  return out;
}

Reading read(const Octets& frame) {
  std::size_t at = 12;
  if (frame.size() < 14) return {};
  unsigned type = get16(frame, at);
  for (std::size_t seen = 0; type == 0x8100 || type == 0x88a8; seen++) {
    at += 4;
    if (seen == filter_vlans || frame.size() < at + 2) return {};
    type = get16(frame, at);
  }
  at += 2;
  if (type == 0x0800) return read_ipv4(frame, at);
  if (type == 0x86dd) return read_ipv6(frame, at);
  return {};
}

}  // namespace frames

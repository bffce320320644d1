// SPDX-License-Identifier: GPL-2.0
// The receiver that plait.ko is held against. Where plait.ko has limits of its
// own (a longest datagram), they stand here by value, not by include.
#include "receiver.hpp"

namespace forge {
namespace {

constexpr std::size_t kLongestDatagram = 30000;  // netdrv/plait.h, PLAIT_DGRAM_MAX

struct Lookup {
  const std::vector<std::pair<const Keys*, plait_rx_keys*>>* known;

  static plait_rx_keys* find(void* context, u32 index, u16 epoch, plait_verdict* why) {
    *why = PLAIT_DROP_PORT_INDEX;
    for (const auto& [keys, rx] : *static_cast<Lookup*>(context)->known) {
      if (keys->index == index) {
        if (keys->epoch == epoch) return rx;
        *why = PLAIT_DROP_RX_EPOCH;
      }
    }
    return nullptr;
  }
};

}  // namespace

Receiver::Receiver(const std::vector<Keys>& sessions, std::uint32_t window_span) {
  for (const auto& keys : sessions) {
    auto session = std::make_unique<Session>();
    session->keys = keys;
    session->bits.resize(plait_window_bytes(window_span) / sizeof(u64));
    plait_window_init(&session->rx.window, session->bits.data(), window_span);
    session->rx.tag_key = keys.tag;
    session->rx.lane = 0;
    sessions_.push_back(std::move(session));
  }
}

const char* Receiver::name_of(plait_verdict verdict) {
  switch (verdict) {
#define PLAIT_X(NAME, name, meaning) \
  case PLAIT_DROP_##NAME:            \
    return #name;
    PLAIT_DROPS(PLAIT_X)
#undef PLAIT_X
    default:
      return "ok";
  }
}

plait_rx_dgram Receiver::check(const Octets& datagram) const {
  std::vector<std::pair<const Keys*, plait_rx_keys*>> known;
  for (const auto& session : sessions_) {
    known.emplace_back(&session->keys, &session->rx);
  }
  Lookup lookup{&known};
  plait_rx_dgram d{};
  d.at = datagram.data();
  d.len = static_cast<u32>(datagram.size());
  plait_check_batch(&d, 1, &Lookup::find, &lookup);
  return d;
}

Receiver::Session* Receiver::owner_of(const Octets& datagram) const {
  if (plait_check_form(datagram.data(), static_cast<u32>(datagram.size())) != PLAIT_OK) {
    return nullptr;
  }
  for (const auto& session : sessions_) {
    if (session->keys.index == plait_get_be32(&datagram[PLAIT_OFF_INDEX])) return session.get();
  }
  return nullptr;
}

plait_verdict Receiver::judge(const Octets& datagram) const {
  const plait_rx_dgram d = check(datagram);
  if (d.verdict != PLAIT_OK) return d.verdict;
  if (datagram.size() > kLongestDatagram) return PLAIT_DROP_RX_LONG;
  if (!open(owner_of(datagram)->keys, datagram)) return PLAIT_DROP_RX_AUTH;
  // What CONTROL says is ignored, but it is received.
  const bool known = d.hdr.type == PLAIT_TYPE_SOURCE || d.hdr.type == PLAIT_TYPE_CONTROL;
  return known ? PLAIT_OK : PLAIT_DROP_RX_TYPE;
}

void Receiver::take(const Buffer& buffer) {
  for (const auto& datagram : buffer.datagrams)
    take(datagram, buffer.ecn);
}

// What belongs to no device counts for the port.
void Receiver::take(const Octets& datagram, std::uint8_t ecn) {
  const plait_rx_dgram d = check(datagram);
  const plait_verdict verdict = judge(datagram);
  Session* const found = owner_of(datagram);
  if (!d.keys) {
    (found ? found->counts : port_)[name_of(verdict)]++;
    return;
  }
  Session& owner = *found;
  const bool authentic = verdict == PLAIT_OK || verdict == PLAIT_DROP_RX_TYPE;
  if (verdict != PLAIT_OK) owner.counts[name_of(verdict)]++;
  if (!authentic) return;
  plait_window_accept(&owner.rx.window, plait_pn_counter(d.hdr.pn));
  owner.counts["rx_datagrams"]++;
  if (d.hdr.type == PLAIT_TYPE_SOURCE) deliver(owner, *open(owner.keys, datagram), ecn);
}

void Receiver::deliver(Session& session, const Octets& symbol, std::uint8_t ecn) {
  const bool partial = symbol[7] & PLAIT_INNER_PARTIAL_CSUM;
  u32 offset = PLAIT_INNER_LEN;
  plait_packet packet{};
  unsigned int found = 0;
  int more = 0;
  while ((more = plait_bundle_next(symbol.data(), static_cast<u32>(symbol.size()), &offset,
                                   &packet)) > 0) {
    found++;
    deliver_packet(session.counts, Octets(packet.at, packet.at + packet.len), ecn, partial);
  }
  if (more < 0) {
    session.counts["rx_inner"]++;
  } else if (!found) {
    session.counts["rx_padding"]++;
  }
}

void Receiver::deliver_packet(Counts& counts, Octets packet, std::uint8_t ecn, bool partial) {
  const auto length = static_cast<u32>(packet.size());
  plait_csum_place place{};
  plait_verdict verdict = plait_ecn_decapsulate(packet.data(), ecn);
  if (partial && !plait_csum_find(packet.data(), length, &place)) verdict = PLAIT_DROP_RX_INNER;
  if (verdict != PLAIT_OK) {
    counts[name_of(verdict)]++;
    return;
  }
  counts["packets"]++;
  counts["bytes"] += length;
}

}  // namespace forge

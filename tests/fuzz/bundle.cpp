// SPDX-License-Identifier: GPL-2.0
// core/packet.c, the walk over a source symbol: packets, padding and noise as the
// input has them. The walk must end where the reference does, and its packets must
// cover everything in front of that end without a gap.
#include "reference.h"

using namespace plait_fuzz;

namespace {

// Several items, each a packet, some octets, or padding; then a few octets damaged.
Octets symbol(Input& in) {
  Octets sym(PLAIT_INNER_LEN);
  const bool damaged = in.bit();
  for (int items = 0; items < 12 && !in.empty(); items++) {
    Octets item;
    switch (const u8 kind = in.octet(); kind & 3) {
      case 0:
      case 1: {
        PacketSpec spec = packet_spec(in);
        spec.payload = pattern(kind >> 2);
        item = plait_test::make_packet(spec);
        break;
      }
      case 2:
        item = in.octets(kind >> 2);
        break;
      default:
        item = Octets(kind >> 2, 0);
    }
    sym.insert(sym.end(), item.begin(), item.end());
  }
  if (damaged) damage(sym, in, sym.size());
  if (in.bit()) sym.erase(sym.end() - in.below(size32(sym) - PLAIT_INNER_LEN + 1), sym.end());
  return alone(sym);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  const bool raw = in.bit();
  Octets sym = raw ? in.rest() : symbol(in);
  if (sym.size() < PLAIT_INNER_LEN) sym = alone(Octets(PLAIT_INNER_LEN));
  const Octets before(sym);

  u32 at = PLAIT_INNER_LEN;
  for (;;) {
    const u32 begin = at;
    const Octets left(before.begin() + begin, before.end());
    plait_packet packet{};
    const int more = plait_bundle_next(sym.data(), size32(sym), &at, &packet);

    if (left.empty() || left[0] < 0x10) {
      REQUIRE_EQUAL(more, 0);
    } else if (const auto length = ip_length(left); !length) {
      REQUIRE(more == -1);
    } else {
      REQUIRE_EQUAL(more, 1);
      REQUIRE(packet.at == sym.data() + begin);
      REQUIRE_EQUAL(packet.len, *length);
      REQUIRE_EQUAL(at, begin + *length);
      continue;
    }
    REQUIRE_EQUAL(at, begin);
    break;
  }
  REQUIRE_OCTETS(sym, before);
  return 0;
}

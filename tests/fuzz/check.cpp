// SPDX-License-Identifier: GPL-2.0
// core/check.c: batches of datagrams at the lanes of a receiver with three key epochs,
// some with the right tag, each one's verdict against docs/protocol.md section 8 word by
// word. Some of those that pass are accepted, as by the AEAD, and the windows move.
#include <map>
#include <memory>

#include "reference.h"

using namespace plait_fuzz;

namespace {

using Name = std::pair<u32, u16>;  // receiver index, key epoch
constexpr Name kNames[] = {{0x01020304, 7}, {0x01020304, 8}, {0xfffffffe, 0xffff}};

struct Datagram {
  Octets header;  // 32 octets or fewer: no more may be read
  u32 length = 0;
};

// The engine's side: key epochs with their windows. All that knows how
// plait_check_batch() is called stands here.
class Engine {
 public:
  Engine(u8 lanes, u32 span) {
    for (const auto& name : kNames) {
      Epoch& e = epochs_[name];
      for (size_t i = 0; i < e.key.size(); i++)
        e.key[i] = static_cast<u8>(name.first + name.second * 7U + i);
      e.lanes.resize(lanes);
      for (u8 lane = 0; lane < lanes; lane++) {
        e.memory.emplace_back(new u64[plait_window_bytes(span) / 8]);
        plait_window_init(&e.lanes[lane].window, e.memory.back().get(), span);
        plait_tag_key_load(&e.lanes[lane].tag_key, e.key.data());
        e.lanes[lane].lane = lane;
      }
    }
  }

  std::vector<plait_rx_dgram> check(u8 lane, const std::vector<Datagram>& batch) {
    std::vector<plait_rx_dgram> d(batch.size());
    for (size_t i = 0; i < d.size(); i++) {
      d[i].at = batch[i].header.data();
      d[i].len = batch[i].length;
    }
    lookups = 0;
    lane_ = lane;
    plait_check_batch(d.data(), static_cast<unsigned>(d.size()), lookup, this);
    return d;
  }

  plait_verdict accept(const Name& name, u8 lane, u64 counter) {
    return plait_window_accept(&epochs_.at(name).lanes.at(lane).window, counter);
  }

  bool knows(const Name& name) const { return epochs_.count(name); }
  const TagKey& key(const Name& name) const { return epochs_.at(name).key; }
  const plait_rx_keys* keys(const Name& name, u8 lane) const {
    return knows(name) ? &epochs_.at(name).lanes[lane] : nullptr;
  }

  unsigned lookups = 0;

 private:
  struct Epoch {
    TagKey key{};
    std::vector<plait_rx_keys> lanes;
    std::vector<std::unique_ptr<u64[]>> memory;
  };

  static plait_rx_keys* lookup(void* ctx, u32 index, u16 epoch, plait_verdict* why) {
    auto* self = static_cast<Engine*>(ctx);
    self->lookups++;
    const auto it = self->epochs_.find({index, epoch});
    if (it != self->epochs_.end()) return &it->second.lanes[self->lane_];
    const bool index_known = index == kNames[0].first || index == kNames[2].first;
    *why = index_known ? PLAIT_DROP_RX_EPOCH : PLAIT_DROP_PORT_INDEX;
    return nullptr;
  }

  std::map<Name, Epoch> epochs_;
  u8 lane_ = 0;
};

Name name_of(const Datagram& d) {
  return {static_cast<u32>(get(d.header, kIndex)), static_cast<u16>(get(d.header, kEpoch))};
}

// The page's side.
class Model {
 public:
  explicit Model(u32 span) : span_(span) {}

  Window& window(const Name& name, u8 lane) {
    return windows_.try_emplace({name, lane}, span_).first->second;
  }

  // Steps 1 and 2.
  static plait_verdict form(const Datagram& d) {
    if (d.length < 48) return PLAIT_DROP_PORT_SHORT;
    if (get(d.header, kVersion) != 1) return PLAIT_DROP_PORT_VERSION;
    const u64 type = get(d.header, kType);
    if (type >= 0x80) return d.length < 64 ? PLAIT_DROP_PORT_SHORT : PLAIT_DROP_PORT_HANDSHAKE;
    return type == 1 && d.length < 56 ? PLAIT_DROP_PORT_SHORT : PLAIT_OK;
  }

  // Steps 1 to 5, at a lane.
  plait_verdict verdict(u8 lane, const Datagram& d, const Engine& engine) {
    if (const plait_verdict why = form(d); why != PLAIT_OK) return why;
    const Name name = name_of(d);
    if (name.first != 0x01020304 && name.first != 0xfffffffe) return PLAIT_DROP_PORT_INDEX;
    if (!engine.knows(name)) return PLAIT_DROP_RX_EPOCH;
    if (get(d.header, kLane) != lane) return PLAIT_DROP_RX_LANE;
    if (header_tag(engine.key(name), d.header, d.length) !=
        Octets(d.header.begin(), d.header.begin() + 8))
      return PLAIT_DROP_RX_TAG;
    return window(name, lane).verdict(get(d.header, kCounter));
  }

 private:
  u32 span_;
  std::map<std::pair<Name, u8>, Window> windows_;
};

u64 counter(Input& in, const Window& w) {
  const u8 kind = in.octet();
  switch (kind & 3) {
    case 0:
      return w.top() + 1;
    case 1:
      return w.top() - (kind >> 2);
    case 2:
      return (w.top() / 64 - w.span() / 64) * 64 + (kind >> 2);
    default:
      return in.number(7);
  }
}

Datagram datagram(Input& in, Model& model, const Engine& engine, u8 lane) {
  Datagram d;
  const u8 how = in.octet();
  d.length = static_cast<u32>(in.usual({56, 1472, 64, 63, 55, 48, 47, 65507}, 2));
  if (how < 32) {
    d.header = in.octets(32);
    d.header.resize(32);
  } else {
    const Name name = kNames[in.octet() % std::size(kNames)];
    d.header.resize(32);
    put(d.header, kType, in.usual({1, 1, 1, 2, 3, 0x7f, 0x81}, 1));
    put(d.header, kVersion, in.usual({1, 1, 1, 1, 0, 2}, 1));
    put(d.header, kIndex, how & 1 ? name.first : in.usual({0x01020304, 0xfffffffe, 5}, 4));
    put(d.header, kEpoch, how & 2 ? name.second : in.usual({7, 8, 9, 0xffff}, 2));
    put(d.header, kLane, in.usual({lane, lane, lane, lane, lane ^ 1U, 0, 16, 255}, 1));
    put(d.header, kCounter, counter(in, model.window(name, lane)));
  }
  if (how & 28 && engine.knows(name_of(d))) {
    const Octets tag = header_tag(engine.key(name_of(d)), d.header, d.length);
    std::copy(tag.begin(), tag.end(), d.header.begin());
    if ((how & 28) == 4) damage(d.header, in, 32);
  }
  d.header.resize(std::min<size_t>(d.length, 32));
  d.header = alone(d.header);
  return d;
}

unsigned runs(const std::vector<Datagram>& batch) {
  unsigned count = 0;
  std::optional<Name> last;
  for (const Datagram& d : batch) {
    if (Model::form(d) != PLAIT_OK || last == name_of(d)) continue;
    last = name_of(d);
    count++;
  }
  return count;
}

void check_batch(Input& in, Model& model, Engine& engine, u8 lane) {
  std::vector<Datagram> batch(in.below(9));
  for (Datagram& d : batch)
    d = datagram(in, model, engine, lane);

  const auto got = engine.check(lane, batch);
  REQUIRE_EQUAL(engine.lookups, runs(batch));
  for (size_t i = 0; i < batch.size(); i++) {
    const Datagram& d = batch[i];
    REQUIRE_EQUAL(got[i].verdict, model.verdict(lane, d, engine));
    if (Model::form(d) != PLAIT_OK) {
      REQUIRE(!got[i].keys);
      continue;
    }
    REQUIRE(got[i].keys == engine.keys(name_of(d), lane));
    REQUIRE_EQUAL(got[i].hdr.pn, bits(d.header, 192, 64));
    REQUIRE_EQUAL(got[i].hdr.type, get(d.header, kType));
  }

  // The AEAD has them in order; twins of one batch meet only here (step 7).
  for (size_t i = 0; i < batch.size(); i++) {
    if (got[i].verdict != PLAIT_OK || !in.bit()) continue;
    const u64 c = get(batch[i].header, kCounter);
    Window& w = model.window(name_of(batch[i]), lane);
    const plait_verdict expected = w.verdict(c);
    REQUIRE_EQUAL(engine.accept(name_of(batch[i]), lane, c), expected);
    if (expected == PLAIT_OK) w.accept(c);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  const u8 lanes = static_cast<u8>(1 + in.usual({0, 1, 3, 15}, 1) % 16);
  const u32 span = 64U << in.below(3);
  Engine engine(lanes, span);
  Model model(span);
  for (int batches = 0; batches < 16 && !in.empty(); batches++)
    check_batch(in, model, engine, static_cast<u8>(in.below(lanes)));
  return 0;
}

// SPDX-License-Identifier: GPL-2.0
// The filter against the engine: generated frames through BPF_PROG_TEST_RUN and through
// plait_check_batch(). The filter drops nothing that the engine would take; where it is told
// at once, and within the window that it remembers, verdicts and reasons are the same; where it
// is told late, as by a poll's end, it still drops nothing that the engine would take.
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace {

using frames::Octets;
using frames::Reading;
using frames::Wrapping;

constexpr std::uint16_t port = 7777;

// How many frames: CI's number, or the large one.
std::uint64_t frame_count() {
  return std::getenv("PLAIT_FULL") != nullptr ? 10'000'000 : 1'000'000;
}

unsigned counted_as(plait_verdict verdict) {
  switch (verdict) {
    case PLAIT_OK:
      return PLAIT_FILTER_PASS_VALID;
    case PLAIT_DROP_PORT_SHORT:
      return PLAIT_FILTER_SHORT;
    case PLAIT_DROP_PORT_VERSION:
      return PLAIT_FILTER_VERSION;
    case PLAIT_DROP_PORT_HANDSHAKE:
      return PLAIT_FILTER_HANDSHAKE;
    case PLAIT_DROP_PORT_INDEX:
      return PLAIT_FILTER_INDEX;
    case PLAIT_DROP_RX_EPOCH:
      return PLAIT_FILTER_EPOCH;
    case PLAIT_DROP_RX_LANE:
      return PLAIT_FILTER_LANE;
    case PLAIT_DROP_RX_TAG:
      return PLAIT_FILTER_TAG;
    case PLAIT_DROP_RX_OLD:
      return PLAIT_FILTER_OLD;
    case PLAIT_DROP_RX_DUPLICATE:
      return PLAIT_FILTER_DUPLICATE;
    default:
      ADD_FAILURE() << "no verdict of the checks: " << verdict;
      return PLAIT_FILTER_COUNTS;
  }
}

struct Lane {
  plait_rx_keys keys{};
  std::vector<u64> bits;
  std::uint32_t slot = 0;
  std::uint64_t told = 0;  // newest block that the filter was told
};

struct Epoch {
  std::vector<Lane> lanes;
  plait_tag_key tag_key{};
  std::uint64_t secret = 0;
};

struct Session {
  std::uint32_t index = 0;
  std::uint8_t lanes = 1;
  std::uint32_t span = 8192;
  std::uint16_t newest = 0;
  std::map<std::uint16_t, Epoch> epochs;
};

// The module's part: sessions with windows, and what it tells the filter of them.
class Module {
 public:
  Module(xdp::Program& program, std::mt19937_64& random, bool late)
      : program_(program), random_(random), late_(late) {
    for (std::uint32_t slot = 0; slot < 256; slot++)
      free_.push_back(slot);
    const std::uint32_t spans[] = {64, 1024, 8192, 65536};
    for (std::size_t i = 0; i < 8; i++) {
      Session session;
      session.index = static_cast<std::uint32_t>(random_());
      session.lanes = static_cast<std::uint8_t>(1 + random_() % 4);
      session.span = spans[i % 4];
      sessions_.push_back(std::move(session));
      next_epoch(sessions_.back());
    }
  }

  Session& any() { return sessions_[random_() % sessions_.size()]; }

  // The next epoch beside the last one; the one before that goes.
  void next_epoch(Session& s) {
    const auto id = s.epochs.empty() ? static_cast<std::uint16_t>(random_())
                                     : static_cast<std::uint16_t>(s.newest + 1);
    tell_accepted();
    if (s.epochs.size() == 2) remove(s, static_cast<std::uint16_t>(id - 2));
    Epoch& e = s.epochs[id];
    e.tag_key = {random_(), random_()};
    e.secret = random_();
    e.lanes.resize(s.lanes);
    for (std::uint8_t lane = 0; lane < s.lanes; lane++) {
      Lane& l = e.lanes[lane];
      l.bits.resize(s.span / 64);
      plait_window_init(&l.keys.window, l.bits.data(), s.span);
      l.keys.tag_key = e.tag_key;
      l.keys.lane = lane;
      l.slot = free_.back();
      free_.pop_back();
      program_.window(l.slot) = {};
      program_.add_lane(s.index, id, lane,
                        {.tag_key = e.tag_key, .secret = e.secret, .span = s.span, .slot = l.slot});
    }
    s.newest = id;
    tell(s);
  }

  // As the receive path after the AEAD: recorded, and told; if late, by tell_accepted().
  void accept(Lane& lane, std::uint64_t counter) {
    if (plait_window_accept(&lane.keys.window, counter) != PLAIT_OK) return;
    untold_.emplace_back(&lane, counter >> 5);
    if (!late_) tell_accepted();
  }

  // What is in the engine's window by now, of each block in which something was accepted.
  void tell_accepted() {
    for (const auto& [lane, block] : untold_) {
      auto& window = program_.window(lane->slot);
      const auto top = lane->keys.window.top;
      // After a leap, words of long ago could pass for the new ones.
      const bool leap = block > lane->told + PLAIT_FILTER_WORDS;
      const auto span = std::min<std::uint64_t>(lane->bits.size() * 2, PLAIT_FILTER_WORDS);
      const auto last = leap ? top >> 5 : block;
      auto first = leap ? last - std::min(last, span - 1) : block;
      for (first = std::max(first, plait_filter_oldest(top)); first <= last; first++) {
        window.word[first & (PLAIT_FILTER_WORDS - 1)] =
            plait_filter_word(&lane->keys.window, first);
      }
      window.top = std::max<std::uint64_t>(window.top, top);
      lane->told = std::max(lane->told, block);
    }
    untold_.clear();
  }

  // The engine's verdict on a datagram; keys: of its lane, if it got that far.
  plait_verdict judge(const Octets& datagram, plait_rx_keys** keys) {
    plait_rx_dgram d{};
    d.at = datagram.data();
    d.len = static_cast<u32>(datagram.size());
    Request request{this, datagram.size() > PLAIT_OFF_PN ? datagram[PLAIT_OFF_PN] : 0U};
    plait_check_batch(&d, 1, lookup, &request);
    *keys = d.keys;
    return d.verdict;
  }

  Epoch* epoch_of(const plait_rx_keys* keys) {
    for (auto& session : sessions_) {
      for (auto& [id, epoch] : session.epochs) {
        for (auto& lane : epoch.lanes) {
          if (&lane.keys == keys) return &epoch;
        }
      }
    }
    return nullptr;
  }

 private:
  struct Request {
    Module* module;
    unsigned lane;
  };

  static plait_rx_keys* lookup(void* context, u32 index, u16 epoch, plait_verdict* why) {
    const auto& request = *static_cast<Request*>(context);
    *why = PLAIT_DROP_PORT_INDEX;
    for (auto& session : request.module->sessions_) {
      if (session.index != index) continue;
      *why = PLAIT_DROP_RX_EPOCH;
      const auto e = session.epochs.find(epoch);
      if (e == session.epochs.end()) return nullptr;
      // One that the device does not have is judged in its first.
      return &e->second.lanes[request.lane < session.lanes ? request.lane : 0].keys;
    }
    return nullptr;
  }

  void remove(Session& s, std::uint16_t id) {
    for (std::uint8_t lane = 0; lane < s.lanes; lane++) {
      program_.del_lane(s.index, id, lane);
      free_.insert(free_.begin(), s.epochs[id].lanes[lane].slot);
    }
    s.epochs.erase(id);
  }

  void tell(const Session& s) {
    plait_filter_epochs epochs{};
    epochs.lanes = s.lanes;
    for (const auto& [id, epoch] : s.epochs) {
      epochs.id[id & 1] = id;
      epochs.there[id & 1] = 1;
    }
    program_.add_session(s.index, epochs);
  }

  xdp::Program& program_;
  std::mt19937_64& random_;
  std::vector<Session> sessions_;
  std::vector<std::uint32_t> free_;
  bool late_;
  std::vector<std::pair<Lane*, std::uint64_t>> untold_{};
};

// A frame, and who accepts it if the engine lets it pass.
struct Generated {
  Octets frame;
  Lane* lane = nullptr;
  std::uint64_t counter = 0;
  bool authentic = false;
};

class Generator {
 public:
  Generator(Module& module, std::mt19937_64& random) : module_(module), random_(random) {}

  Generated next() {
    Generated g;
    Octets datagram = make_datagram(g);
    if (one_in(20)) spoil(datagram);
    g.frame = frames::make(make_wrapping(), datagram);
    if (one_in(30)) spoil(g.frame);
    if (one_in(60)) g.frame.resize(14 + random_() % (g.frame.size() - 13));
    // The kernel runs no frame shorter than an Ethernet header.
    return g;
  }

 private:
  bool one_in(std::uint64_t n) { return random_() % n == 0; }

  void spoil(Octets& octets) {
    if (!octets.empty()) octets[random_() % octets.size()] ^= 1U << random_() % 8;
  }

  // Around the newest counter, mostly; sometimes far ahead or long ago.
  std::uint64_t counter_for(const Lane& lane) {
    const auto top = lane.keys.window.top;
    switch (random_() % 16) {
      case 0:
        return top + random_() % 100000;
      case 1:
        return one_in(50) ? top + (std::uint64_t{1} << (32 + random_() % 8)) : top + 1;
      case 2:
        return top - std::min(top, random_() % 100000);
      case 3:
        return top - std::min(top, random_() % 9000);
      case 4:
      case 5:
      case 6:
        return top - std::min(top, random_() % 128);
      default:
        return top + 1 + random_() % 3;
    }
  }

  Octets make_datagram(Generated& g) {
    Session& session = module_.any();
    auto e =
        std::next(session.epochs.begin(), static_cast<long>(random_() % session.epochs.size()));
    auto lane = static_cast<std::uint8_t>(random_() % session.lanes);
    plait_hdr h{};
    h.index = one_in(20) ? static_cast<std::uint32_t>(random_()) : session.index;
    h.epoch = one_in(20) ? static_cast<std::uint16_t>(e->first + random_() % 5) : e->first;
    g.lane = &e->second.lanes[lane];
    g.counter = counter_for(*g.lane) & PLAIT_COUNTER_MASK;
    h.pn = plait_pn(one_in(20) ? random_() % 256 : lane, g.counter);
    h.type = static_cast<std::uint8_t>(one_in(10) ? random_() : 1 + random_() % 3);
    h.version = one_in(40) ? static_cast<std::uint8_t>(random_()) : PLAIT_VERSION;
    h.strand = one_in(10) ? static_cast<std::uint8_t>(random_()) : 0;
    h.strand_seq = static_cast<std::uint32_t>(random_());
    h.tstamp_us = static_cast<std::uint32_t>(random_());
    Octets octets(one_in(10) ? 32 + random_() % 40 : 56 + random_() % 300);
    for (auto& octet : octets)
      octet = static_cast<std::uint8_t>(random_());
    const plait_tag_key wrong{random_(), random_()};
    plait_hdr_encode(octets.data(), &h, one_in(15) ? &wrong : &e->second.tag_key,
                     static_cast<u32>(octets.size()));
    g.authentic = !one_in(10);
    if (one_in(100)) octets.resize(random_() % octets.size());
    return octets;
  }

  Wrapping make_wrapping() {
    Wrapping w;
    w.family = one_in(2) ? 6 : 4;
    if (w.family == 6) {
      w.source = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
      w.destination = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    }
    w.port = one_in(30) ? static_cast<std::uint16_t>(random_()) : port;
    if (one_in(40)) w.destination[1]++;
    w.vlans = one_in(3) ? static_cast<unsigned>(random_() % 4) : 0;
    w.options = one_in(4) ? 4 * static_cast<unsigned>(random_() % 11) : 0;
    if (one_in(4)) {
      const std::uint8_t kinds[] = {43, 60};
      const auto count = random_() % 9;
      for (std::uint64_t i = 0; i < count; i++)
        w.extensions.push_back(kinds[random_() % 2]);
      if (count != 0 && one_in(2)) w.extensions.front() = 0;
    }
    if (one_in(40))
      w.fragment = one_in(2) ? 0x2000 : static_cast<std::uint16_t>(random_() & 0x3fff);
    if (one_in(60)) w.length_error = static_cast<int>(random_() % 21) - 10;
    if (one_in(80)) w.protocol = static_cast<std::uint8_t>(random_());
    return w;
  }

  Module& module_;
  std::mt19937_64& random_;
};

bool is_ours(const Reading& reading) {
  const std::array<std::uint8_t, 16> four{192, 0, 2, 2};
  const std::array<std::uint8_t, 16> six{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  return reading.kind == Reading::Kind::datagram && reading.port == port &&
         reading.destination == (reading.family == 4 ? four : six);
}

std::uint64_t counter_of(const Reading& reading) {
  return plait_pn_counter(plait_get_be64(reading.datagram.data() + PLAIT_OFF_PN));
}

// The AEAD's part, for what passed the checks.
void open_datagram(Module& module, const Generated& g, const Reading& reading,
                   const plait_rx_keys* keys) {
  if (g.authentic && keys == &g.lane->keys) module.accept(*g.lane, counter_of(reading));
}

// A seed that is told, a filter with its sockets, and what is generated for it.
// NOLINTNEXTLINE(cert-msc51-cpp): SetUp() seeds it
class XdpDifferential : public xdp::WithProgram {
 protected:
  void SetUp() override {
    WithProgram::SetUp();
    if (IsSkipped()) return;
    const char* given = std::getenv("SEED");
    const auto seed = given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device()();
    std::cout << "seed: " << seed << " (SEED in the environment repeats a run)\n";
    random_.seed(seed);
    for (const int family : {4, 6}) {
      plait_filter_socket socket{};
      socket.net = xdp::own_net;
      socket.port = __builtin_bswap16(port);
      socket.family = static_cast<std::uint8_t>(family);
      const std::uint8_t four[] = {192, 0, 2, 2};
      const std::uint8_t six[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
      std::memcpy(socket.addr, family == 4 ? four : six, family == 4 ? 4 : 16);
      program_->add_socket(socket);
    }
  }

  std::mt19937_64 random_;
};

TEST_F(XdpDifferential, verdicts_are_the_engines) {
  Module module(*program_, random_, false);
  Generator generator(module, random_);
  xdp::Counts expected{};
  std::uint64_t taken = 0, unwatched = 0;

  for (std::uint64_t i = 0; i < frame_count(); i++) {
    if (random_() % 5000 == 0) module.next_epoch(module.any());
    auto g = generator.next();
    const auto reading = frames::read(g.frame);
    if (reading.kind == Reading::Kind::broken) {  // the stack drops it: either will do
      const auto outcome = program_->run(g.frame);
      for (unsigned c = 0; c < expected.size(); c++)
        expected[c] += outcome.counted[c];
      unwatched++;
      continue;
    }
    const auto action = program_->action(g.frame);
    if (!is_ours(reading)) {
      ASSERT_EQ(action, XDP_PASS) << "frame " << i << " is not plait's";
      continue;
    }
    plait_rx_keys* keys = nullptr;
    const auto verdict = module.judge(reading.datagram, &keys);
    auto count = counted_as(verdict);
    if (verdict == PLAIT_DROP_RX_DUPLICATE) {
      if ((counter_of(reading) >> 5) < plait_filter_oldest(keys->window.top)) {
        count = PLAIT_FILTER_PASS_VALID;  // older than what the filter remembers
      } else if (plait_copy_is_checked(module.epoch_of(keys)->secret,
                                       plait_get_le64(reading.datagram.data()))) {
        count = PLAIT_FILTER_PASS_COPY;
      }
    }
    // Of a frame to another interface nothing is said.
    constexpr std::uint8_t own[] = {2, 0, 0, 0, 0, 2};
    if (count > PLAIT_FILTER_PASS_FOREIGN && !std::equal(own, own + 6, g.frame.begin())) {
      count = PLAIT_FILTER_PASS_FOREIGN;
    }
    expected[count]++;
    if (verdict == PLAIT_OK) {
      ASSERT_EQ(action, XDP_PASS) << "frame " << i << ": the engine takes it";
      taken++;
    }
    ASSERT_EQ(action, count <= PLAIT_FILTER_PASS_FOREIGN ? XDP_PASS : XDP_DROP)
        << "frame " << i << ": " << xdp::name_of(count) << ", the engine says " << verdict;
    if (verdict == PLAIT_OK) open_datagram(module, g, reading, keys);
    if (i % 1000 == 0) {
      const auto counts = program_->counts();
      for (unsigned c = 0; c < counts.size(); c++) {
        ASSERT_EQ(counts[c], expected[c]) << "by frame " << i << ": " << xdp::name_of(c);
      }
    }
  }
  std::cout << frame_count() << " frames; " << taken << " the engine takes, " << unwatched
            << " the stack drops by itself;";
  for (unsigned c = 0; c < expected.size(); c++) {
    std::cout << ' ' << xdp::name_of(c) << ' ' << expected[c];
  }
  std::cout << '\n';
  EXPECT_GT(taken, frame_count() / 10);
  for (const unsigned c :
       {PLAIT_FILTER_SHORT, PLAIT_FILTER_VERSION, PLAIT_FILTER_HANDSHAKE, PLAIT_FILTER_INDEX,
        PLAIT_FILTER_EPOCH, PLAIT_FILTER_LANE, PLAIT_FILTER_TAG, PLAIT_FILTER_OLD,
        PLAIT_FILTER_DUPLICATE, PLAIT_FILTER_PASS_COPY}) {
    EXPECT_GT(expected[c], frame_count() / 10000) << xdp::name_of(c);
  }
}

TEST_F(XdpDifferential, told_late_it_drops_nothing_that_the_engine_takes) {
  Module module(*program_, random_, true);
  Generator generator(module, random_);
  std::uint64_t taken = 0, duplicates = 0, missed = 0;

  for (std::uint64_t i = 0; i < frame_count() / 4; i++) {
    if (random_() % 5000 == 0) module.next_epoch(module.any());
    if (random_() % 64 == 0) module.tell_accepted();
    const auto g = generator.next();
    const auto reading = frames::read(g.frame);
    if (reading.kind == Reading::Kind::broken) continue;
    const auto action = program_->action(g.frame);
    if (!is_ours(reading)) {
      ASSERT_EQ(action, XDP_PASS) << "frame " << i << " is not plait's";
      continue;
    }
    plait_rx_keys* keys = nullptr;
    const auto verdict = module.judge(reading.datagram, &keys);
    if (verdict == PLAIT_DROP_RX_DUPLICATE) {
      duplicates++;
      missed += action == XDP_PASS ? 1 : 0;
    }
    if (verdict != PLAIT_OK) continue;
    ASSERT_EQ(action, XDP_PASS) << "frame " << i << ": the engine takes it";
    taken++;
    open_datagram(module, g, reading, keys);
  }
  std::cout << taken << " taken, " << duplicates << " duplicates of which " << missed
            << " passed the filter\n";
  EXPECT_GT(taken, frame_count() / 40);
  EXPECT_GT(missed, 0U);
  EXPECT_LT(missed, duplicates);
}

}  // namespace

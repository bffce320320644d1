// SPDX-License-Identifier: GPL-2.0
// A table of frames, one property each: the filter's verdict and what it counts.
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <fstream>
#include <memory>
#include <string>

#include "program.hpp"

namespace {

using frames::Octets;
using frames::Wrapping;
using xdp::Program;

constexpr std::uint32_t index_known = 0x1234;
constexpr std::uint32_t lanes = 2;
constexpr std::uint64_t accepted = 10000;  // the newest counter of lane 0
constexpr plait_tag_key tag_key{1, 2};
constexpr plait_tag_key handshake_key{3, 4};
constexpr plait_tag_key cookie_secret{5, 6};
constexpr std::uint64_t copy_secret = 0x9e3779b97f4a7c15;
constexpr unsigned nothing = PLAIT_FILTER_COUNTS;

// What is unusual in a header.
struct Unusual {
  unsigned lane = 0;
  std::uint32_t index = index_known;
  std::uint16_t epoch = 0;
  std::uint8_t type = PLAIT_TYPE_SOURCE;
  std::uint8_t version = PLAIT_VERSION;
  std::uint32_t tstamp_us = 0;
};

Octets datagram(std::uint64_t counter, const Unusual& unusual = {}, std::size_t length = 120) {
  Octets octets(length, 0xaa);
  plait_hdr h{};
  h.pn = plait_pn(unusual.lane, counter);
  h.index = unusual.index;
  h.epoch = unusual.epoch;
  h.type = unusual.type;
  h.version = unusual.version;
  h.tstamp_us = unusual.tstamp_us;
  octets.resize(std::max<std::size_t>(length, PLAIT_HDR_LEN));
  plait_hdr_encode(octets.data(), &h, &tag_key, static_cast<u32>(length));
  octets.resize(length);
  return octets;
}

// An accepted datagram whose copies are, or are not, in the share that is opened.
Octets copy(bool checked) {
  for (Unusual h;; h.tstamp_us++) {
    auto octets = datagram(accepted, h);
    if (plait_copy_is_checked(copy_secret, plait_get_le64(octets.data())) == checked) return octets;
  }
}

Octets handshake(std::uint64_t sender, bool with_tag = true, const Wrapping* cookie = nullptr) {
  Octets octets(148, 0xbb);
  plait_put_be64(octets.data() + 16, sender);
  octets[PLAIT_OFF_TYPE] = PLAIT_TYPE_HANDSHAKE_INIT;
  octets[PLAIT_OFF_VERSION] = PLAIT_VERSION;
  const auto length = static_cast<u32>(octets.size());
  if (cookie != nullptr) {
    plait_tag_key key{};
    std::array<std::uint8_t, 16> source{};
    std::copy_n(cookie->source.begin(), cookie->family == 4 ? 4 : 16, source.begin());
    plait_cookie(&cookie_secret, source.data(), __builtin_bswap16(cookie->source_port), &key);
    plait_put_le64(octets.data() + PLAIT_OFF_COOKIE_TAG,
                   plait_cookie_tag(&key, octets.data(), length));
  }
  const auto tag = plait_header_tag(&handshake_key, octets.data(), length);
  plait_put_le64(octets.data(), with_tag ? tag : ~tag);
  return octets;
}

plait_filter_socket socket_on(std::uint16_t port, const Wrapping& at, bool any = false,
                              std::uint32_t link = 0) {
  plait_filter_socket socket{};
  socket.net = xdp::own_net;
  socket.port = __builtin_bswap16(port);
  socket.family = static_cast<std::uint8_t>(at.family);
  socket.link = link;
  if (!any) std::copy_n(at.destination.begin(), at.family == 4 ? 4 : 16, socket.addr);
  return socket;
}

Wrapping over_ipv6() {
  return {.family = 6,
          .source = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
          .destination = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
}

// To another host, behind this one: enter_namespace() has the routes.
void lead_through(Wrapping& at) {
  if (at.family == 4) {
    at.destination = {203, 0, 113, 1};
  } else {
    at.destination[5] = 9;
  }
}

// One filter for all tests: 7777 is bound to an address of either family, 7778 to none, 7779
// has a controller, 7780 is bound to another interface.
class Xdp : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    try {
      shared_ = std::make_unique<Program>();
    } catch (const std::runtime_error& error) {
      why_not_ = error.what();
      return;
    }
    for (const auto& at : {Wrapping{}, over_ipv6()}) {
      shared_->add_socket(socket_on(7777, at));
      shared_->add_socket(socket_on(7778, at, true));
      shared_->add_socket(
          socket_on(7779, at),
          {.tags = 1, .secrets = 1, .tag = {handshake_key}, .secret = {cookie_secret}});
      shared_->add_socket(socket_on(7780, at, false, 99));
    }
    shared_->add_session(index_known, {.id = {0, 0}, .there = {1, 0}, .lanes = lanes, .zero = 0});
    for (std::uint8_t lane = 0; lane < lanes; lane++) {
      shared_->add_lane(index_known, 0, lane,
                        {.tag_key = tag_key, .secret = copy_secret, .span = 8192, .slot = lane});
    }
    auto& window = shared_->window(0);
    window.top = accepted;
    window.word[(accepted >> 5) & (PLAIT_FILTER_WORDS - 1)] =
        (accepted >> 5) << 32 | 1U << (accepted & 31);
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    if (!shared_) GTEST_SKIP() << why_not_;
  }

  // What becomes of a datagram so wrapped; count: enum plait_filter_count, or nothing.
  static void expect(const std::string& what, const Octets& datagram, unsigned count,
                     const Wrapping& wrapping = {}) {
    expect_frame(what, frames::make(wrapping, datagram), count);
  }
  static void expect_frame(const std::string& what, const Octets& frame, unsigned count) {
    const auto outcome = shared_->run(frame);
    EXPECT_EQ(outcome.action,
              count == nothing || count <= PLAIT_FILTER_PASS_FOREIGN ? XDP_PASS : XDP_DROP)
        << what;
    for (unsigned i = 0; i < PLAIT_FILTER_COUNTS; i++) {
      EXPECT_EQ(outcome.counted[i], i == count ? 1U : 0U) << what << ": " << xdp::name_of(i);
    }
  }

  static std::unique_ptr<Program> shared_;
  static std::string why_not_;
};
std::unique_ptr<Program> Xdp::shared_;
std::string Xdp::why_not_;

TEST_F(Xdp, datagrams_are_judged_in_the_order_of_the_checks) {
  expect("new", datagram(accepted + 1), PLAIT_FILTER_PASS_VALID);
  expect("late but not accepted", datagram(accepted - 100), PLAIT_FILTER_PASS_VALID);
  expect("of another lane", datagram(accepted, {.lane = 1}), PLAIT_FILTER_PASS_VALID);
  expect("accepted already", copy(false), PLAIT_FILTER_DUPLICATE);
  expect("the same, in the share", copy(true), PLAIT_FILTER_PASS_COPY);
  expect("too old", datagram(accepted - 8192 - 64), PLAIT_FILTER_OLD);
  expect("nothing in it", Octets{}, PLAIT_FILTER_SHORT);
  expect("47 octets", datagram(accepted + 1, {}, 47), PLAIT_FILTER_SHORT);
  expect("55 octets", datagram(accepted + 1, {}, 55), PLAIT_FILTER_SHORT);
  expect("control of 48", datagram(accepted + 1, {.type = PLAIT_TYPE_CONTROL}, 48),
         PLAIT_FILTER_PASS_VALID);
  expect("version", datagram(accepted + 1, {.version = 2}), PLAIT_FILTER_VERSION);
  expect("index", datagram(accepted + 1, {.index = 5}), PLAIT_FILTER_INDEX);
  expect("epoch", datagram(accepted + 1, {.epoch = 1}), PLAIT_FILTER_EPOCH);
  expect("epoch of the same slot", datagram(accepted + 1, {.epoch = 2}), PLAIT_FILTER_EPOCH);
  expect("lane", datagram(accepted + 1, {.lane = 2}), PLAIT_FILTER_LANE);
  auto spoilt = datagram(accepted + 1);
  spoilt[12] ^= 1;
  expect("time stamp spoilt", spoilt, PLAIT_FILTER_TAG);
  auto longer = datagram(accepted + 1);
  longer.push_back(0);
  expect("an octet more", longer, PLAIT_FILTER_TAG);
}

TEST_F(Xdp, a_copy_that_is_dropped_is_an_arrival_of_its_strand) {
  const auto before = shared_->window(0).copies[0];
  expect("copy", copy(false), PLAIT_FILTER_DUPLICATE);
  EXPECT_EQ(shared_->window(0).copies[0], before + 1);
  expect("copy in the share", copy(true), PLAIT_FILTER_PASS_COPY);
  EXPECT_EQ(shared_->window(0).copies[0], before + 1);
}

TEST_F(Xdp, headers_around_the_datagram_are_walked_over) {
  for (auto base : {Wrapping{}, over_ipv6()}) {
    for (base.vlans = 0; base.vlans < 4; base.vlans++) {
      expect(std::to_string(base.vlans) + " tags", datagram(1U << 20, {.index = 5}),
             base.vlans <= 2 ? unsigned{PLAIT_FILTER_INDEX} : nothing, base);
    }
  }
  for (unsigned options = 0; options <= 40; options += 4) {
    expect("options", datagram(1, {.index = 5}), PLAIT_FILTER_INDEX, {.options = options});
  }
  auto six = over_ipv6();
  for (six.extensions = {}; six.extensions.size() < 8;
       six.extensions.push_back(six.extensions.size() % 2 != 0 ? 60 : 43)) {
    expect(std::to_string(six.extensions.size()) + " extension headers", datagram(1, {.index = 5}),
           six.extensions.size() <= 6 ? unsigned{PLAIT_FILTER_INDEX} : nothing, six);
  }
}

TEST_F(Xdp, what_is_not_ours_passes_untouched) {
  const auto stranger = datagram(1, {.index = 5});
  expect("another port", stranger, nothing, {.port = 53});
  expect("another address", stranger, nothing, {.destination = {192, 0, 2, 3}});
  expect("TCP", stranger, nothing, {.protocol = 6});
  expect("a socket of another interface", stranger, nothing, {.port = 7780});
  expect("first fragment", stranger, nothing, {.fragment = 0x2000});
  expect("later fragment", stranger, nothing, {.fragment = 100});
  auto six = over_ipv6();
  six.fragment = 1;
  expect("IPv6 fragment", stranger, nothing, six);
  expect("UDP length past the packet", stranger, nothing, {.length_error = 1});
  expect("UDP length below its header", Octets{}, nothing, {.length_error = -1});
  expect_frame("ARP", Octets{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1}, nothing);
}

TEST_F(Xdp, a_socket_without_address_hears_this_host_alone) {
  for (auto at : {Wrapping{}, over_ipv6()}) {
    at.port = 7778;
    expect("ours", datagram(1, {.index = 5}), PLAIT_FILTER_INDEX, at);
    expect("ours, valid", datagram(accepted + 5), PLAIT_FILTER_PASS_VALID, at);
    auto through = at;
    lead_through(through);
    expect("forwarded", datagram(1, {.index = 5}), PLAIT_FILTER_PASS_FOREIGN, through);
  }
}

// The setting of one interface, of those that enter_namespace() has made forward.
void forwarding(const char* path, bool on) {
  std::ofstream(path) << (on ? 1 : 0);
}

TEST_F(Xdp, a_vlan_may_forward_where_the_interface_below_does_not) {
  for (auto at : {Wrapping{}, over_ipv6()}) {
    const auto* path = at.family == 4 ? "/proc/sys/net/ipv4/conf/lo/forwarding"
                                      : "/proc/sys/net/ipv6/conf/lo/forwarding";
    at.port = 7778;
    lead_through(at);
    const auto stranger = datagram(1, {.index = 5});
    forwarding(path, false);
    expect("nowhere else to go", stranger, PLAIT_FILTER_INDEX, at);
    at.vlans = 1;
    expect("perhaps to be forwarded", stranger, PLAIT_FILTER_PASS_FOREIGN, at);
    forwarding(path, true);
  }
}

TEST_F(Xdp, a_socket_that_comes_or_goes_is_heeded_at_once) {
  for (auto at : {Wrapping{}, over_ipv6()}) {
    at.port = 7781;
    const auto stranger = datagram(1, {.index = 5});
    const auto bound = socket_on(at.port, at);
    const auto any = socket_on(at.port, at, true);
    for (int round = 0; round < 3; round++) {
      shared_->add_socket(any);
      expect("bound to no address", stranger, PLAIT_FILTER_INDEX, at);
      shared_->add_socket(bound);
      expect("and to one", stranger, PLAIT_FILTER_INDEX, at);
      shared_->del_socket(any);
      expect("to one alone", stranger, PLAIT_FILTER_INDEX, at);
      shared_->del_socket(bound);
      expect("to none", stranger, nothing, at);
    }
  }
}

// What is remembered says how the socket is bound: of a wrong tag that decides.
TEST_F(Xdp, a_socket_is_remembered_with_the_way_it_is_bound) {
  auto forged = datagram(accepted + 9);
  forged[0] ^= 1;
  for (auto at : {Wrapping{}, over_ipv6()}) {
    at.port = 7782;
    lead_through(at);
    const auto bound = socket_on(at.port, at);
    const auto any = socket_on(at.port, at, true);
    for (int round = 0; round < 3; round++) {
      shared_->add_socket(bound);
      expect("bound to the address", forged, PLAIT_FILTER_TAG, at);
      shared_->del_socket(bound);
      shared_->add_socket(any);
      expect("to none", forged, PLAIT_FILTER_PASS_FOREIGN, at);
      shared_->del_socket(any);
    }
  }
}

// A link-local source is never forwarded, so a look-up says that it is for this host.
TEST_F(Xdp, one_source_says_nothing_of_where_anothers_datagrams_go) {
  auto through = over_ipv6();
  through.port = 7778;
  lead_through(through);
  auto neighbour = through;
  neighbour.source = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xb, 0xad};
  for (int round = 0; round < 20; round++) {
    shared_->run(frames::make(neighbour, datagram(1, {.index = 5})));
    expect("forwarded", datagram(1, {.index = 5}), PLAIT_FILTER_PASS_FOREIGN, through);
  }
}

TEST_F(Xdp, frames_to_another_interface_are_not_this_hosts) {
  auto frame = frames::make({}, datagram(1, {.index = 5}));
  expect_frame("ours", frame, PLAIT_FILTER_INDEX);
  frame[5] ^= 1;
  expect_frame("bridged, or a macvlan's", frame, PLAIT_FILTER_PASS_FOREIGN);
}

TEST_F(Xdp, a_routing_header_that_leads_on_is_none_of_ours) {
  auto at = over_ipv6();
  at.extensions = {43};
  auto frame = frames::make(at, datagram(1, {.index = 5}));
  expect_frame("at its end", frame, PLAIT_FILTER_INDEX);
  frame[14 + 40 + 3] = 1;
  expect_frame("one segment left", frame, nothing);
}

TEST_F(Xdp, one_copy_replayed_is_opened_at_a_limited_rate) {
  const auto drawn = frames::make({}, copy(true));
  unsigned passed = 0;
  for (unsigned i = 0; i < 100 * PLAIT_COPY_BURST; i++) {
    passed += shared_->action(drawn) == XDP_PASS ? 1 : 0;
  }
  EXPECT_GE(passed, 1U);
  EXPECT_LE(passed, 10 * PLAIT_COPY_BURST);
  shared_->window(0).opened = 0;
}

TEST_F(Xdp, without_knowledge_all_pass) {
  const auto stranger = datagram(1, {.index = 5});
  shared_->set_state(true, false);
  expect("an index that may be a session's", stranger, PLAIT_FILTER_PASS_UNSURE);
  expect("epoch", datagram(1, {.epoch = 1}), PLAIT_FILTER_PASS_UNSURE);
  shared_->set_state(false);
  expect("long unheard of", stranger, PLAIT_FILTER_PASS_UNSURE);
  expect("a copy", copy(false), PLAIT_FILTER_PASS_UNSURE);
  shared_->set_state(true);
  shared_->set_moved(true);
  expect("moved to another namespace", stranger, nothing);
  shared_->set_moved(false);
  expect("as before", stranger, PLAIT_FILTER_INDEX);
}

TEST_F(Xdp, handshakes_have_their_tag_and_their_limit) {
  expect("nobody answers them", handshake(1), PLAIT_FILTER_HANDSHAKE);
  auto short_one = handshake(1);
  short_one.resize(PLAIT_HANDSHAKE_MIN - 1);
  expect("short", short_one, PLAIT_FILTER_SHORT);
  for (auto at : {Wrapping{}, over_ipv6()}) {
    at.port = 7779;
    expect("wrong tag", handshake(1, false), PLAIT_FILTER_HANDSHAKE_TAG, at);
    unsigned passed = 0;
    for (std::uint64_t i = 0; i < std::uint64_t{10} * PLAIT_HANDSHAKE_BURST; i++) {
      auto from = at;  // anywhere in the prefix
      from.source[at.family == 4 ? 3 : 15] = static_cast<std::uint8_t>(i);
      passed += shared_->action(frames::make(from, handshake(i))) == XDP_PASS ? 1 : 0;
    }
    EXPECT_GE(passed, PLAIT_HANDSHAKE_BURST);
    EXPECT_LE(passed, 3 * PLAIT_HANDSHAKE_BURST) << "in a second at most";
    const auto drops = shared_->counts()[PLAIT_FILTER_HANDSHAKE_LIMIT];
    EXPECT_GT(drops, 0U);
    for (std::uint64_t i = 0; i < std::uint64_t{3} * PLAIT_HANDSHAKE_BURST; i++) {
      expect("with a cookie", handshake(i, true, &at), PLAIT_FILTER_PASS_HANDSHAKE, at);
    }
    auto thief = at;
    thief.source_port++;
    EXPECT_EQ(shared_->action(frames::make(thief, handshake(1, true, &at))), XDP_DROP)
        << "another's cookie, and no token left";
    auto neighbour = at;
    neighbour.source[at.family == 4 ? 2 : 6] ^= 1;
    expect("of another prefix", handshake(1), PLAIT_FILTER_PASS_HANDSHAKE, neighbour);
  }
}

}  // namespace

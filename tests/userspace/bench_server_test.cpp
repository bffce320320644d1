// SPDX-License-Identifier: GPL-2.0
// plaitbench's server on loopback: with a client that measures, and with others that are busy,
// silent, noisy, gone, or liars.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <thread>

#include "clock.hpp"
#include "frame.hpp"
#include "net.hpp"
#include "peer.hpp"
#include "secret.hpp"
#include "server.hpp"

namespace {

using plaitbench::Control;
using plaitbench::Fd;
using plaitbench::FrameReader;
using plaitbench::Gone;
using plaitbench::Json;
using plaitbench::Kind;
using plaitbench::Peer;
using plaitbench::Refused;
using plaitbench::Secret;
using plaitbench::SocketName;
using plaitbench::Spec;
using plaitbench::Stop;
using std::chrono::milliseconds;

const auto loopback = plait::Address::parse("127.0.0.1");
constexpr milliseconds patience{20'000};
constexpr milliseconds moment{300};

class BenchServer : public testing::Test {
 protected:
  // The server's thread ends with the test.
  BenchServer() : server_(loopback, 0, Stop(end_.get_token()), [](const std::string&) {}) {
    thread_ = std::jthread([this] { EXPECT_THROW(server_.run(), plaitbench::Interrupted); });
  }
  ~BenchServer() override { end_.request_stop(); }

  [[nodiscard]] SocketName name() const { return {loopback, server_.port()}; }

  [[nodiscard]] Fd connection() const { return plaitbench::connect_to({name()}, patience, Stop()); }
  [[nodiscard]] Control control() const {
    return {connection(), FrameReader(plaitbench::longest_frame), Stop()};
  }
  // One that has been let in; the server may still be seeing its last client out.
  [[nodiscard]] Control welcomed(Json& welcome) const {
    for (;;) {
      Control control = this->control();
      control.send(hello());
      try {
        welcome = control.expect("welcome", patience);
        return control;
      } catch (const Refused&) {
        std::this_thread::sleep_for(milliseconds(20));
      }
    }
  }
  [[nodiscard]] Peer peer() const { return {"127.0.0.1", server_.port(), "lo", Stop()}; }

  static Json hello() {
    return {{"type", "hello"}, {"protocol", plaitbench::protocol_number}, {"version", "test"}};
  }

  // A new client is served.
  void expect_alive() const {
    Json welcome;
    Control control = welcomed(welcome);
    EXPECT_EQ(plaitbench::text_of(welcome, "type"), "welcome");
    control.send({{"type", "bye"}});
  }

  std::stop_source end_;
  plaitbench::Server server_;
  std::jthread thread_;
};

Spec udp_spec(bool reverse) {
  Spec spec;
  spec.reverse = reverse;
  spec.seconds = 0.3;
  spec.trial = 7;
  spec.payloads = {1000};
  spec.rate = 1000;
  return spec;
}

// What the server says before it closes the connection.
std::string last_words(Control& control) {
  try {
    while (control.receive(patience)) {
    }
    return "nothing";
  } catch (const Refused& refused) {
    return refused.what();
  } catch (const Gone&) {
    return "gone";
  }
}

TEST_F(BenchServer, measures_datagrams_in_both_directions) {
  Peer peer = this->peer();
  EXPECT_EQ(peer.device().name, "lo");
  EXPECT_GE(peer.prove(), 1500U);
  for (const bool reverse : {false, true}) {
    const auto trial = peer.run(udp_spec(reverse));
    // A busy machine may not reach the rate; what was sent must come.
    EXPECT_GT(trial.sent.packets, 0U);
    EXPECT_LE(trial.sent.packets, 300U);
    EXPECT_EQ(trial.received.packets, trial.sent.packets);
    EXPECT_EQ(trial.received.octets, 1000 * trial.sent.packets);
    EXPECT_EQ(trial.received.duplicates, 0U);
    EXPECT_GT(trial.receiver.cpu.cpus, 0U);
  }
  peer.leave();
}

TEST_F(BenchServer, every_size_of_a_mix_arrives) {
  Peer peer = this->peer();
  peer.prove();
  Spec spec = udp_spec(false);
  spec.payloads = {36, 548, 36, 1472};
  spec.rate = 0;
  spec.burst = 300;
  const auto trial = peer.run(spec);
  EXPECT_FALSE(trial.sent.segmentation);
  EXPECT_EQ(trial.received.packets, 300U);
  EXPECT_EQ(trial.received.octets, 300U / 4 * (36 + 548 + 36 + 1472));
}

TEST_F(BenchServer, super_packets_are_taken_apart_and_counted) {
  Peer peer = this->peer();
  peer.prove();
  Spec spec = udp_spec(false);
  spec.rate = 0;
  spec.burst = 500;
  spec.repeat = 2;
  spec.pause_ms = 50;
  const auto trial = peer.run(spec);
  EXPECT_TRUE(trial.sent.segmentation);
  EXPECT_EQ(trial.sent.packets, 1000U);
  EXPECT_EQ(trial.received.packets, 1000U);
  EXPECT_EQ(trial.received.octets, 1'000'000U);
}

TEST_F(BenchServer, probes_come_back_with_their_time) {
  Peer peer = this->peer();
  peer.prove();
  for (const bool reverse : {false, true}) {
    Spec spec = udp_spec(reverse);
    spec.probes = 100;
    const auto trial = peer.run(spec);
    EXPECT_GT(trial.sent.round_trips.count(), 0U);
    EXPECT_LE(trial.sent.round_trips.count(), (trial.sent.packets + 9) / 10);
    EXPECT_GT(trial.sent.round_trips.min(), 0U);
    EXPECT_LT(trial.sent.round_trips.percentile(50), 1'000'000'000U);
  }
}

TEST_F(BenchServer, measures_tcp_in_both_directions) {
  Peer peer = this->peer();
  for (const bool reverse : {false, true}) {
    Spec spec;
    spec.traffic = Spec::Traffic::stream;
    spec.reverse = reverse;
    spec.seconds = 0.2;
    spec.streams = 3;
    const auto bulk = peer.run(spec);
    EXPECT_GT(bulk.sent.octets, 0U);
    EXPECT_EQ(bulk.received.octets, bulk.sent.octets);
    spec.traffic = Spec::Traffic::request;
    const auto requests = peer.run(spec);
    EXPECT_GT(requests.sent.packets, 0U);
    EXPECT_EQ(requests.received.packets, requests.sent.packets);
    EXPECT_EQ(requests.sent.round_trips.count(), requests.sent.packets);
  }
}

TEST_F(BenchServer, tells_a_second_client_that_it_is_busy) {
  {
    const Peer first = this->peer();
    try {
      const Peer second = this->peer();
      FAIL() << "the second was let in";
    } catch (const Refused& refused) {
      EXPECT_NE(std::string(refused.what()).find("busy with another client"), std::string::npos);
    }
  }
  expect_alive();
}

TEST_F(BenchServer, survives_garbage) {
  const std::string request = "GET / HTTP/1.1\r\n\r\n";
  const Fd noisy = connection();
  ASSERT_GT(send(noisy.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
  Control listens(Fd(dup(noisy.get())), FrameReader(plaitbench::longest_frame), Stop());
  EXPECT_NE(last_words(listens).find("is that plaitbench?"), std::string::npos);
  for (const Json& word : {Json{{"type", "trial"}}, Json{{"type", "hello"}},
                           Json{{"type", "stream"}, {"secret", "x"}}}) {
    Control control = this->control();
    control.send(word);
    EXPECT_NE(last_words(control), "nothing") << word;
  }
  expect_alive();
}

TEST_F(BenchServer, says_what_to_do_about_another_protocol) {
  Control control = this->control();
  control.send({{"type", "hello"}, {"protocol", 99}, {"version", "9"}});
  EXPECT_NE(last_words(control).find("install the same plaitbench on both"), std::string::npos);
}

TEST_F(BenchServer, silent_connections_are_in_nobodys_way) {
  std::vector<Fd> silent(40);
  for (auto& one : silent)
    one = connection();
  // Some are at the door, and when it is full the newest are turned away.
  Control turned_away(std::move(silent.back()), FrameReader(plaitbench::longest_frame), Stop());
  EXPECT_NE(last_words(turned_away).find("connections that say nothing"), std::string::npos);
  silent.clear();
  std::this_thread::sleep_for(moment);
  expect_alive();
}

TEST_F(BenchServer, a_client_that_goes_in_the_middle_of_a_trial_is_forgotten) {
  for (const bool reverse : {false, true}) {
    Json welcome;
    Control control = welcomed(welcome);
    Spec spec;
    spec.traffic = Spec::Traffic::stream;
    spec.reverse = reverse;
    spec.seconds = 60;
    control.send({{"type", "trial"}, {"spec", to_json(spec)}});
    const auto accepted = control.expect("accepted", patience);
    Control stream = this->control();
    stream.send({{"type", "stream"}, {"secret", plaitbench::text_of(accepted, "secret")}});
    if (reverse) {
      control.send({{"type", "ready"}});
    } else {
      control.expect("ready", patience);
    }
  }
  expect_alive();
}

// The client's UDP socket, as it should be.
class Liar {
 public:
  Liar(const SocketName& server, const Json& welcome)
      : udp_(plaitbench::udp_at(SocketName(loopback, 0))),
        cookie_(plaitbench::secret_from_text(plaitbench::text_of(welcome, "cookie")).value()) {
    plaitbench::connect_udp(udp_.get(), server);
  }

  void say_hello(const Secret& secret) const {
    const auto datagram = plaitbench::secret_datagram(Kind::hello, secret);
    ASSERT_EQ(send(udp_.get(), datagram.data(), datagram.size(), 0),
              static_cast<ssize_t>(datagram.size()));
  }
  [[nodiscard]] const Secret& cookie() const { return cookie_; }

  // Octets and datagrams that come until none does.
  [[nodiscard]] std::pair<std::size_t, unsigned> harvest() const {
    std::size_t octets = 0;
    unsigned datagrams = 0;
    std::array<std::byte, 65'536> buffer{};
    while (plaitbench::readable(udp_.get(), moment)) {
      const ssize_t got = recv(udp_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      octets += static_cast<std::size_t>(got);
      datagrams++;
    }
    return {octets, datagrams};
  }

 private:
  Fd udp_;
  Secret cookie_;
};

TEST_F(BenchServer, sends_nothing_to_an_address_that_is_not_proven) {
  Json welcome;
  Control control = welcomed(welcome);
  const Liar liar(name(), welcome);
  liar.say_hello(plaitbench::random_secret());  // a wrong cookie
  EXPECT_EQ(liar.harvest().second, 0U);
  liar.say_hello(liar.cookie());  // the right one: a challenge, as large as the hello
  const auto [octets, datagrams] = liar.harvest();
  EXPECT_EQ(datagrams, 1U);
  EXPECT_EQ(octets, plaitbench::secret_datagram(Kind::hello, liar.cookie()).size());
  control.send({{"type", "trial"}, {"spec", to_json(udp_spec(true))}});
  EXPECT_NE(last_words(control).find("before the client's UDP address is proven"),
            std::string::npos);
  EXPECT_EQ(liar.harvest().second, 0U);
}

TEST_F(BenchServer, a_wrong_proof_is_none) {
  Json welcome;
  Control control = welcomed(welcome);
  const Liar liar(name(), welcome);
  liar.say_hello(liar.cookie());
  EXPECT_EQ(liar.harvest().second, 1U);
  control.send({{"type", "proof"}, {"nonce", plaitbench::to_text(plaitbench::random_secret())}});
  EXPECT_NE(last_words(control).find("not what the challenge said"), std::string::npos);
  expect_alive();
}

TEST_F(BenchServer, challenges_come_to_an_end) {
  Json welcome;
  const Control control = welcomed(welcome);
  const Liar liar(name(), welcome);
  unsigned challenges = 0;
  for (int i = 0; i < 100; i++)
    liar.say_hello(liar.cookie());
  for (unsigned more = liar.harvest().second; more > 0; more = liar.harvest().second)
    challenges += more;
  EXPECT_GT(challenges, 0U);
  EXPECT_LE(challenges, 32U);
}

TEST_F(BenchServer, a_host_without_a_server_is_told_apart) {
  const auto free_port = plaitbench::own_name(plaitbench::listen_at({loopback, 0}).get()).port();
  try {
    const Peer peer("127.0.0.1", free_port, {}, Stop());
    FAIL() << "connected";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("start \"plaitbench server\" there"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(BenchServer, another_device_than_the_wanted_one_is_refused) {
  try {
    const Peer peer("127.0.0.1", server_.port(), "plait0", Stop());
    FAIL() << "measured";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("is routed by lo, not by plait0"), std::string::npos)
        << error.what();
  }
}

}  // namespace

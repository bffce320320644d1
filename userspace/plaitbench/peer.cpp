// SPDX-License-Identifier: GPL-2.0
// Greeting, proof, trials.
#include "peer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "session.hpp"

namespace plaitbench {
namespace {

constexpr Control::Milliseconds patience{10'000};

Fd connect_with_advice(const std::string& host, std::uint16_t port,
                       const std::optional<std::string>& device, const Stop& stop) {
  const auto names = resolve(host, port);
  // Before anything is sent: if it would go another way, it is for nothing.
  if (device) device_to(names.front().address(), device);
  try {
    return connect_to(names, patience, stop);
  } catch (const std::system_error& error) {
    const auto* advice =
        error.code().value() == ECONNREFUSED
            ? "start \"plaitbench server\" there, or give its --port"
            : "is the tunnel up (plaitctl doctor), and does a firewall there let the port in?";
    throw std::runtime_error(fmt::format("{}: {}", error.what(), advice));
  }
}

Control greet(Fd fd, const Stop& stop) {
  Control control(std::move(fd), FrameReader(longest_frame), stop);
  control.send({{"type", "hello"}, {"protocol", protocol_number}, {"version", PLAIT_VERSION}});
  return control;
}

Secret secret_of(const Json& message, const char* name) {
  const auto secret = secret_from_text(text_of(message, name));
  if (!secret) throw ProtocolError(fmt::format("\"{}\" is no secret", name));
  return *secret;
}

}  // namespace

Peer::Peer(const std::string& host, std::uint16_t port, const std::optional<std::string>& device,
           const Stop& stop)
    : control_(greet(connect_with_advice(host, port, device, stop), stop)),
      host_(device_to(peer_name(control_.fd()).address(), device)) {
  const auto welcome = control_.expect("welcome", patience);
  number_of(welcome, "protocol", protocol_number, protocol_number);
  server_ = member(welcome, "host");
  client_ = host_.describe();
  udp_port_ = static_cast<std::uint16_t>(number_of(welcome, "udp_port", 1, UINT16_MAX));
  cookie_ = secret_of(welcome, "cookie");
}

std::uint32_t Peer::header_size() const {
  constexpr std::uint32_t of_ipv4 = 20 + 8;
  constexpr std::uint32_t of_ipv6 = 40 + 8;
  return name().is_ipv6() ? of_ipv6 : of_ipv4;
}

// Says hello until the server answers.
Secret Peer::wait_for_challenge() {
  constexpr unsigned tries = 12;
  constexpr std::chrono::milliseconds each{400};
  const auto hello = secret_datagram(Kind::hello, cookie_);
  int error = 0;
  for (unsigned i = 0; i < tries; i++) {
    control_.stop().check();
    if (send(udp_.get(), hello.data(), hello.size(), 0) < 0) error = errno;
    if (!readable(udp_.get(), each)) continue;
    std::array<std::byte, stamp_size + sizeof(Secret) + 1> octets{};
    const ssize_t got = recv(udp_.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (got < 0) {
      error = errno;
      continue;
    }
    const auto datagram = std::span(octets).first(static_cast<std::size_t>(got));
    if (const auto nonce = read_secret(datagram, Kind::challenge)) return *nonce;
  }
  throw std::runtime_error(fmt::format(
      "TCP reaches the server, UDP port {} does not{}: a firewall on either host, or in between; "
      "or a NAT that changes the address (--tests tcp,rr need no UDP)",
      udp_port_, error == 0 ? "" : ": " + std::generic_category().message(error)));
}

std::uint32_t Peer::prove() {
  constexpr std::uint64_t smallest_mtu = 68;
  constexpr std::uint64_t largest_mtu = 65'536;
  udp_ = udp_at(own_name(control_.fd()).with_port(0));
  connect_udp(udp_.get(), name().with_port(udp_port_));
  control_.send({{"type", "proof"}, {"nonce", to_text(wait_for_challenge())}});
  const auto proven = control_.expect("proven", patience);
  const auto there =
      static_cast<std::uint32_t>(number_of(proven, "mtu", smallest_mtu, largest_mtu));
  return std::min(there, path_mtu(udp_.get()));
}

Trial Peer::run(const Spec& spec) {
  control_.send({{"type", "trial"}, {"spec", to_json(spec)}});
  const auto accepted = control_.expect("accepted", patience);
  Carrier carrier{.udp = udp_.get(), .streams = {}};
  if (spec.traffic != Spec::Traffic::udp) {
    const auto greeting =
        encode_frame({{"type", "stream"}, {"secret", text_of(accepted, "secret")}});
    const unsigned wanted = spec.traffic == Spec::Traffic::request ? 1 : spec.streams;
    for (unsigned i = 0; i < wanted; i++) {
      carrier.streams.push_back(connect_to({name()}, patience, control_.stop()));
      if (send(carrier.streams.back().get(), greeting.data(), greeting.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(greeting.size())) {
        fail("a connection for a TCP trial");
      }
    }
  }
  return spec.reverse ? run_as_receiver(control_, carrier, host_, spec)
                      : run_as_sender(control_, carrier, host_, spec);
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// A client must show that it gets what is sent to its UDP address before anything but a challenge
// is sent there: an address that belongs to somebody else would be flooded in its name.
#include "session.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "clock.hpp"

namespace plaitbench {
namespace {

constexpr unsigned most_challenges = 32;
constexpr std::uint64_t longest_idle_ns = 60'000 * ms_in_ns;
constexpr Control::Milliseconds patience{10'000};

}  // namespace

Session::Session(Control control, Json hello, Desk& desk, Log log)
    : control_(std::move(control)),
      hello_(std::move(hello)),
      desk_(desk),
      log_(std::move(log)),
      client_(peer_name(control_.fd())),
      cookie_(random_secret()) {}

void Session::run() {
  try {
    welcome();
    while (!over_)
      idle();
  } catch (const Gone&) {
    throw;
  } catch (const Interrupted&) {
    control_.send({{"type", "refused"}, {"text", "the server was ended"}});
    throw;
  } catch (const std::exception& error) {
    // It may be gone, too: then there is nobody to be told.
    control_.send({{"type", "refused"}, {"text", std::string(error.what())}});
    throw;
  }
}

void Session::welcome() {
  const auto number = number_of(hello_, "protocol", 0, UINT32_MAX);
  if (number != protocol_number) {
    throw ProtocolError(
        fmt::format("the server is plaitbench {}, protocol {}; the client speaks protocol {}: "
                    "install the same plaitbench on both",
                    PLAIT_VERSION, protocol_number, number));
  }
  host_.emplace(device_to(client_.address(), {}));
  const auto own = own_name(control_.fd());
  udp_ = udp_at(own);
  log_(fmt::format("{}: client {}, by {}", client_.to_string(), text_of(hello_, "version"),
                   host_->device().name));
  control_.send({{"type", "welcome"},
                 {"protocol", protocol_number},
                 {"host", host_->describe()},
                 {"udp_port", own.port()},
                 {"cookie", to_text(cookie_)}});
}

// Until a message, a datagram, or the end of patience.
void Session::idle() {
  const std::uint64_t end = now_ns() + longest_idle_ns;
  for (;;) {
    constexpr int step_ms = 100;
    std::array<pollfd, 2> waiting{
        {{.fd = control_.fd(), .events = POLLIN, .revents = 0},
         {.fd = proven_ ? -1 : udp_.get(), .events = POLLIN, .revents = 0}}};
    poll(waiting.data(), waiting.size(), step_ms);
    if (waiting[1].revents != 0) answer_hello();
    const auto message = control_.receive(Control::Milliseconds(0));
    if (message) {
      const auto type = text_of(*message, "type");
      if (type == "proof") return proof(*message);
      if (type == "trial") return trial(*message);
      if (type != "bye") throw ProtocolError("\"" + type + "\" is no request");
      over_ = true;
      return;
    }
    if (now_ns() >= end) throw Gone("the client asked for nothing for a minute");
  }
}

// From the control connection's own address, with its cookie; a challenge goes back.
void Session::answer_hello() {
  std::array<std::byte, stamp_size + sizeof(Secret) + 1> octets{};
  SocketName from;
  const ssize_t got =
      recvfrom(udp_.get(), octets.data(), octets.size(), MSG_DONTWAIT, from.get(), &from.length);
  if (got < 0) return;  // an error that an earlier challenge has caused
  const auto datagram = std::span(octets).first(static_cast<std::size_t>(got));
  if (from.address() != client_.address() || read_secret(datagram, Kind::hello) != cookie_ ||
      challenges_ >= most_challenges) {
    return;
  }
  challenges_++;
  if (!claimed_ || claimed_->port() != from.port()) {
    claimed_ = from;
    nonce_ = random_secret();
  }
  const auto challenge = secret_datagram(Kind::challenge, nonce_);
  // If it does not get there, the client says hello again.
  (void)sendto(udp_.get(), challenge.data(), challenge.size(), MSG_DONTWAIT, from.get(),
               from.length);
}

void Session::proof(const Json& message) {
  if (!claimed_ || secret_from_text(text_of(message, "nonce")) != nonce_) {
    throw ProtocolError("that is not what the challenge said");
  }
  connect_udp(udp_.get(), *claimed_);
  proven_ = true;
  control_.send({{"type", "proven"}, {"mtu", path_mtu(udp_.get())}});
}

void Session::trial(const Json& message) {
  const Spec spec = spec_from_json(member(message, "spec"));
  Carrier carrier;
  if (spec.traffic == Spec::Traffic::udp) {
    if (!proven_) throw ProtocolError("no UDP trial before the client's UDP address is proven");
    carrier.udp = udp_.get();
    control_.send({{"type", "accepted"}});
  } else {
    const unsigned wanted = spec.traffic == Spec::Traffic::request ? 1 : spec.streams;
    control_.send({{"type", "accepted"}, {"secret", to_text(desk_.expect(wanted))}});
    carrier.streams = desk_.collect(patience, control_.stop());
  }
  if (spec.reverse) {
    run_as_sender(control_, carrier, *host_, spec);
  } else {
    run_as_receiver(control_, carrier, *host_, spec);
  }
}

}  // namespace plaitbench

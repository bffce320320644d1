// SPDX-License-Identifier: GPL-2.0
// One thread at the door, one with the client that is in.
#include "server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "clock.hpp"

namespace plaitbench {
namespace {

constexpr std::size_t most_visitors = 32;
constexpr std::uint64_t visit_ns = 5'000 * ms_in_ns;  // to say what one wants
constexpr int step_ms = 100;

// All that is told to one that is not let in; if it does not take it, it need not know.
void turn_away(const Fd& fd, const std::string& why) {
  const auto frame = encode_frame({{"type", "refused"}, {"text", why}});
  (void)send(fd.get(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

Server::Server(const std::optional<plait::Address>& address, std::uint16_t port, Stop stop, Log log)
    : port_(port), stop_(std::move(stop)), log_(std::move(log)) {
  std::vector<plait::Address> addresses;
  if (address) {
    addresses = {*address};
  } else {
    addresses = {plait::Address::parse("0.0.0.0"), plait::Address::parse("::")};
  }
  for (const auto& one : addresses) {
    try {
      listeners_.push_back(listen_at(SocketName(one, port_)));
    } catch (const std::system_error& error) {
      // A kernel without IPv6.
      if (error.code().value() != EAFNOSUPPORT || listeners_.empty()) throw;
      continue;
    }
    const auto name = own_name(listeners_.back().get());
    port_ = name.port();
    log_("listening at " + name.to_string() + ", TCP and UDP");
  }
}

void Server::run() {
  for (;;) {
    stop_.check();
    std::vector<pollfd> waiting;
    for (const auto& listener : listeners_)
      waiting.push_back({.fd = listener.get(), .events = POLLIN, .revents = 0});
    for (const auto& visitor : visitors_)
      waiting.push_back({.fd = visitor.fd.get(), .events = POLLIN, .revents = 0});
    poll(waiting.data(), waiting.size(), step_ms);
    const std::uint64_t now = now_ns();
    std::size_t at = listeners_.size();
    visitors_.remove_if([&](Visitor& visitor) {
      const bool said = waiting[at++].revents != 0;
      return (said && !hear(visitor)) || now >= visitor.until_ns;
    });
    for (std::size_t i = 0; i < listeners_.size(); i++) {
      if (waiting[i].revents != 0) accept_from(listeners_[i].get());
    }
  }
}

void Server::accept_from(int listener) {
  SocketName name;
  Fd fd(accept4(listener, name.get(), &name.length, SOCK_CLOEXEC));
  if (!fd) return;  // it went before we came, or there are no descriptors left: later
  if (visitors_.size() >= most_visitors) {
    turn_away(fd, "the server is busy: too many connections that say nothing");
    return;
  }
  visitors_.push_back({.fd = std::move(fd),
                       .reader = FrameReader(longest_first_frame),
                       .until_ns = now_ns() + visit_ns,
                       .name = name});
}

// Returns whether the visitor may stay at the door.
bool Server::hear(Visitor& visitor) {
  std::array<std::byte, 1024> octets{};
  const ssize_t got = recv(visitor.fd.get(), octets.data(),
                           std::min(octets.size(), visitor.reader.room()), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  visitor.reader.take(std::span(octets).first(static_cast<std::size_t>(got)));
  try {
    auto message = visitor.reader.next();
    if (!message) return true;
    first_word(visitor, std::move(*message));
  } catch (const ProtocolError& error) {
    log_(fmt::format("{}: turned away: {}", visitor.name.to_string(), error.what()));
    turn_away(visitor.fd, error.what());
  }
  return false;
}

void Server::first_word(Visitor& visitor, Json message) {
  const auto type = text_of(message, "type");
  if (type == "stream") {
    // Nothing may stand behind it: the session has not begun the trial yet.
    if (!visitor.reader.empty() ||
        !desk_.hand_over(text_of(message, "secret"), std::move(visitor.fd))) {
      throw ProtocolError("no trial waits for this connection");
    }
  } else if (type == "hello") {
    let_in(visitor, std::move(message));
  } else {
    throw ProtocolError("\"" + type + "\" is no greeting");
  }
}

void Server::let_in(Visitor& visitor, Json hello) {
  if (running_ && !running_->over) {
    log_(fmt::format("{}: told that we are busy", visitor.name.to_string()));
    turn_away(visitor.fd, "the server is busy with another client: try again when it is done");
    return;
  }
  running_ = std::make_unique<Running>();
  visitor.reader.allow(longest_frame);
  running_->thread = std::jthread([this, name = visitor.name.to_string(),
                                   fd = std::move(visitor.fd), reader = std::move(visitor.reader),
                                   hello = std::move(hello),
                                   &over = running_->over](const std::stop_token& end) mutable {
    try {
      Session(Control(std::move(fd), std::move(reader), Stop(end)), std::move(hello), desk_, log_)
          .run();
      log_(name + ": done");
    } catch (const Interrupted&) {
      log_(name + ": interrupted");
    } catch (const std::exception& error) {
      log_(fmt::format("{}: {}", name, error.what()));
    }
    over = true;
  });
}

}  // namespace plaitbench

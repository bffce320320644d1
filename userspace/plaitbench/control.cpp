// SPDX-License-Identifier: GPL-2.0
// Reads never wait longer than it takes to notice that the end was asked for.
#include "control.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "clock.hpp"

namespace plaitbench {
namespace {

constexpr std::chrono::milliseconds send_patience{10'000};
constexpr std::chrono::milliseconds step{100};
constexpr std::uint64_t alive_every_ns = 1000 * ms_in_ns;
constexpr std::uint64_t silence_ns = 10'000 * ms_in_ns;

}  // namespace

Control::Control(Fd fd, FrameReader reader, Stop stop)
    : fd_(std::move(fd)),
      reader_(std::move(reader)),
      stop_(std::move(stop)),
      said_ns_(now_ns()),
      heard_ns_(said_ns_) {
  set_patience(fd_.get(), send_patience, step);
}

void Control::send(const Json& message) {
  const auto octets = encode_frame(message);
  std::span<const std::byte> rest(octets);
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0)
      throw Gone("the other side takes no more: " + std::generic_category().message(errno));
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  said_ns_ = now_ns();
}

void Control::read() {
  std::array<std::byte, 4096> octets{};
  const ssize_t got =
      recv(fd_.get(), octets.data(), std::min(octets.size(), reader_.room()), MSG_DONTWAIT);
  if (got > 0) {
    reader_.take(std::span(octets).first(static_cast<std::size_t>(got)));
    heard_ns_ = now_ns();
  } else if (got == 0) {
    throw Gone("the other side closed the connection");
  } else if (errno != EAGAIN && errno != EINTR) {
    throw Gone("the other side is gone: " + std::generic_category().message(errno));
  }
}

std::optional<Json> Control::receive(Milliseconds patience) {
  const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(patience.count()) * ms_in_ns;
  for (;;) {
    stop_.check();
    while (auto message = reader_.next()) {
      const auto type = text_of(*message, "type");
      if (type == "refused") throw Refused(text_of(*message, "text", longest_first_frame));
      if (type != "alive") return message;
    }
    const std::uint64_t now = now_ns();
    const auto left = Milliseconds(now < end ? (end - now) / ms_in_ns : 0);
    if (readable(fd_.get(), std::min(left, step))) {
      read();
    } else if (now >= end) {
      return {};
    }
  }
}

Json Control::expect(const std::string& type, Milliseconds patience) {
  auto message = receive(patience);
  if (!message) throw Gone("the other side says nothing, but \"" + type + "\" is due");
  if (text_of(*message, "type") != type) {
    throw ProtocolError("the other side said \"" + text_of(*message, "type") + "\", but \"" + type +
                        "\" is due");
  }
  return std::move(*message);
}

std::optional<Json> Control::pulse() {
  const std::uint64_t now = now_ns();
  if (now - said_ns_ >= alive_every_ns) send({{"type", "alive"}});
  auto message = receive(Milliseconds(0));
  if (!message && now > heard_ns_ + silence_ns) {
    throw Gone("the other side was silent for ten seconds");
  }
  return message;
}

}  // namespace plaitbench

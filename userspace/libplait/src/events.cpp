// SPDX-License-Identifier: GPL-2.0
// The subscription to the family's group "events".
#include "events.hpp"

#include <linux/genetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "netlink.hpp"
#include "objects.hpp"
#include "plait.h"
#include "refuse.hpp"

namespace plait {
namespace {

constexpr std::array<std::string_view, 12> names{
    "unknown",        "key-installed",     "key-activated", "key-removed",
    "key-limit-near", "key-limit-reached", "carrier-up",    "carrier-down",
    "strand-changed", "strand-removed",    "mtu-changed",   "strand-spoilt"};

static_assert(static_cast<int>(EventKind::key_limit_reached) == PLAIT_EVENT_KIND_KEY_LIMIT_REACHED);
static_assert(static_cast<int>(EventKind::mtu_changed) == PLAIT_EVENT_KIND_MTU_CHANGED);
static_assert(static_cast<int>(EventKind::strand_spoilt) == PLAIT_EVENT_KIND_STRAND_SPOILT);
static_assert(names[PLAIT_EVENT_KIND_STRAND_SPOILT] == "strand-spoilt");

// No event message is longer: a device, and a strand or a key.
constexpr std::size_t max_message = 16384;

// Room for some thousand events, should nobody read for a while.
constexpr int receive_buffer = 1 << 20;

Event decode_event(const Attributes& attributes) {
  Event event;
  event.number = attributes.number<std::uint32_t>(PLAIT_A_EVENT_KIND).value_or(0);
  event.kind = event.number < names.size() ? EventKind{event.number} : EventKind::unknown;
  event.device = decode_device(attributes.nest(PLAIT_A_DEVICE));
  if (const auto strand = attributes.find(PLAIT_A_STRAND)) {
    event.strand = decode_strand(Attributes(strand->payload));
  }
  if (const auto key = attributes.find(PLAIT_A_KEY)) {
    event.key = decode_key(Attributes(key->payload));
  }
  return event;
}

}  // namespace

std::string_view to_string(EventKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return kind == EventKind::lost ? "lost" : number < names.size() ? names[number] : "unknown";
}

std::deque<Event> decode_events(std::span<const std::byte> octets, std::uint16_t family) {
  constexpr std::size_t attributes_start = NLMSG_HDRLEN + GENL_HDRLEN;
  std::deque<Event> events;
  each_message(octets, [&](const nlmsghdr& header, std::span<const std::byte> message) {
    if (header.nlmsg_type == family && message.size() >= attributes_start &&
        std::to_integer<int>(message[NLMSG_HDRLEN]) == PLAIT_CMD_EVENT) {
      events.push_back(decode_event(Attributes(message.subspan(attributes_start))));
    }
    return true;
  });
  return events;
}

class Events::Subscription {
 public:
  Subscription() {
    socket_.join(PLAIT_MCGRP_EVENTS);
    (void)setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }

  [[nodiscard]] int fd() const { return socket_.fd(); }

  std::optional<Event> next() {
    while (waiting_.empty() && receive()) {
    }
    if (waiting_.empty()) {
      return {};
    }
    Event event = std::move(waiting_.front());
    waiting_.pop_front();
    return event;
  }

 private:
  // False if there is nothing to receive now.
  bool receive() {
    std::vector<std::byte> octets(max_message);
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof(sender);
    const ssize_t length = recvfrom(socket_.fd(), octets.data(), octets.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (length < 0 && errno == ENOBUFS) {
      waiting_.push_back(
          {.kind = EventKind::lost, .number = 0, .device = {}, .strand = {}, .key = {}});
    } else if (length < 0 && errno != EINTR) {
      if (errno == EAGAIN) return false;
      refuse({.code = errno, .operation = "receive events"});
    } else if (length > 0 && sender.nl_pid == 0) {
      waiting_ = decode_events(std::span(octets).first(static_cast<std::size_t>(length)),
                               socket_.family());
    }
    return true;
  }

  Socket socket_;
  std::deque<Event> waiting_;
};

Events::Events() : subscription_(std::make_unique<Subscription>()) {}
Events::Events(Events&&) noexcept = default;
Events& Events::operator=(Events&&) noexcept = default;
Events::~Events() = default;

int Events::fd() const {
  return subscription_->fd();
}

std::optional<Event> Events::next() {
  return subscription_->next();
}

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// plaitctl monitor: the module's events as they come.
#include "monitor.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <system_error>

#include "commands.hpp"
#include "table.hpp"

namespace plaitctl {
namespace {

using plait::EventKind;

std::string device_name(const plait::Device& device) {
  return device.name.empty() ? fmt::format("if{}", device.ifindex) : device.name;
}

std::string details(const plait::Key& key, EventKind kind) {
  auto text = fmt::format("session {}, epoch {}", key.id.session, key.id.epoch);
  if (kind == EventKind::key_installed) {
    text += fmt::format(", {}, {}", to_string(key.cipher), to_string(key.activation));
  } else if (kind == EventKind::key_limit_near || kind == EventKind::key_limit_reached) {
    text += fmt::format(", {} sealed of {}", tools::human_count(key.sealed),
                        tools::human_count(key.hard_limit));
  }
  return text;
}

std::string details(const plait::Event& event) {
  if (event.kind == EventKind::lost) {
    return "events came faster than they were read: look with plaitctl what there is";
  }
  if (event.kind == EventKind::unknown) {
    return fmt::format("number {}, of a newer kernel module", event.number);
  }
  if (event.kind == EventKind::mtu_changed) {
    return fmt::format("{} octets", event.device.mtu);
  }
  if (event.key) {
    return details(*event.key, event.kind);
  }
  if (event.strand) {
    return fmt::format("strand {} to {}", event.strand->id.id,
                       endpoint(event.strand->remote, event.strand->remote_port));
  }
  return {};
}

std::string stamp(const std::tm& time, Time exact, char between) {
  using std::chrono::duration_cast;
  const auto since = exact.time_since_epoch();
  const auto ms =
      duration_cast<std::chrono::milliseconds>(since) - duration_cast<std::chrono::seconds>(since);
  return fmt::format("{0:%Y-%m-%d}{1}{0:%H:%M:%S}.{2:03}", time, between, ms.count());
}

// Waits until the events' descriptor can be read.
void wait(const plait::Events& events) {
  pollfd waiting{.fd = events.fd(), .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, -1) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
}

}  // namespace

std::string event_line(const plait::Event& event, Time time) {
  auto line =
      fmt::format("{}  {}  {}  {}",
                  stamp(fmt::localtime(std::chrono::system_clock::to_time_t(time)), time, ' '),
                  event.kind == EventKind::lost ? "-" : device_name(event.device),
                  to_string(event.kind), details(event));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

Json event_json(const plait::Event& event, Time time, const NameOf& link_name) {
  Json json{
      {"time", stamp(fmt::gmtime(std::chrono::system_clock::to_time_t(time)), time, 'T') + "Z"},
      {"event", to_string(event.kind)},
      {"number", event.number}};
  if (event.kind == EventKind::lost) {
    return json;
  }
  const auto name = [&](std::uint32_t) { return device_name(event.device); };
  json["ifindex"] = event.device.ifindex;
  json["device"] = device_name(event.device);
  json["mtu"] = event.device.mtu;
  json["carrier"] = event.device.carrier;
  if (event.strand) {
    json["strand"] = to_json(*event.strand, name, link_name);
  }
  if (event.key) {
    json["key"] = to_json(*event.key, name);
  }
  return json;
}

void add_monitor_command(CLI::App& root, Session& session) {
  auto device = std::make_shared<std::optional<std::string>>();
  Words words;
  words.name("DEV", Need::optional, link_name(*device), "only of this device");
  add_command(
      root, {"monitor"}, "Events as they come, one a line, until interrupted", std::move(words),
      [device, &session] {
        const auto ifindex = session.ifindex(*device);
        plait::Events events;
        for (;;) {
          wait(events);
          while (const auto event = events.next()) {
            const auto now = std::chrono::system_clock::now();
            if (ifindex && event->kind != EventKind::lost && event->device.ifindex != *ifindex) {
              continue;
            }
            print((session.json ? event_json(*event, now, interface_name).dump()
                                : event_line(*event, now)) +
                  "\n");
          }
        }
      });
}

}  // namespace plaitctl

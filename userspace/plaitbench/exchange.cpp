// SPDX-License-Identifier: GPL-2.0
// Each end tells of itself when its part is over; so both know the whole trial.
#include "exchange.hpp"

#include <optional>

#include "datagrams.hpp"
#include "streams.hpp"

namespace plaitbench {
namespace {

constexpr Control::Milliseconds patience{15'000};

Sent send_traffic(Control& control, Carrier& carrier, const Spec& spec) {
  const Pulse pulse = [&control] {
    if (control.pulse()) throw ProtocolError("the receiver speaks while it should listen");
  };
  switch (spec.traffic) {
    case Spec::Traffic::udp:
      return send_datagrams(carrier.udp, spec, pulse);
    case Spec::Traffic::stream:
      return send_streams(carrier.streams, spec, pulse);
    case Spec::Traffic::request:
      break;
  }
  return send_requests(carrier.streams.at(0), spec, pulse);
}

}  // namespace

Trial run_as_sender(Control& control, Carrier& carrier, Host& host, const Spec& spec) {
  Trial trial{.spec = spec, .sent = {}, .received = {}, .sender = {}, .receiver = {}};
  HostWatch watch(host);
  control.expect("ready", patience);
  trial.sent = send_traffic(control, carrier, spec);
  watch.stop_cpu();
  control.send({{"type", "sent"}, {"sent", to_json(trial.sent)}});
  const auto report = control.expect("received", patience);
  trial.received = received_from_json(member(report, "received"));
  trial.receiver = host_use_from_json(member(report, "host"));
  trial.sender = watch.use();
  control.send({{"type", "done"}, {"host", to_json(trial.sender)}});
  return trial;
}

Trial run_as_receiver(Control& control, Carrier& carrier, Host& host, const Spec& spec) {
  Trial trial{.spec = spec, .sent = {}, .received = {}, .sender = {}, .receiver = {}};
  HostWatch watch(host);
  bool told = false;
  const auto look = [&] {
    const auto message = control.pulse();
    if (!message) return;
    if (told || text_of(*message, "type") != "sent") {
      throw ProtocolError("the sender says something else than what it has sent");
    }
    watch.stop_cpu();
    trial.sent = sent_from_json(member(*message, "sent"));
    told = true;
  };
  control.send({{"type", "ready"}});
  if (spec.traffic == Spec::Traffic::udp) {
    trial.received = receive_datagrams(carrier.udp, spec, [&]() -> std::optional<std::uint64_t> {
      look();
      return told ? std::optional(trial.sent.packets) : std::nullopt;
    });
  } else {
    trial.received = spec.traffic == Spec::Traffic::stream
                         ? receive_streams(carrier.streams, spec, look)
                         : answer_requests(carrier.streams.at(0), spec, look);
    watch.stop_cpu();
    if (!told) {
      const auto message = control.expect("sent", patience);
      trial.sent = sent_from_json(member(message, "sent"));
    }
  }
  trial.receiver = watch.use();
  control.send({{"type", "received"},
                {"received", to_json(trial.received)},
                {"host", to_json(trial.receiver)}});
  trial.sender = host_use_from_json(member(control.expect("done", patience), "host"));
  return trial;
}

}  // namespace plaitbench

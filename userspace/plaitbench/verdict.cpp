// SPDX-License-Identifier: GPL-2.0
// A loss is looked for from the sender to the receiver; only what nobody has counted is the path's.
#include "verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace plaitbench {
namespace {

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}

std::string in_words(const Counter& counter) {
  return fmt::format("{} {} +{}{}", counter.where, counter.name, counter.value,
                     counter.meaning.empty() ? "" : fmt::format(" ({})", counter.meaning));
}

Counters drops_of(const HostUse& host) {
  Counters drops;
  std::ranges::copy_if(host.moved, std::back_inserter(drops), &Counter::drop);
  return drops;
}

class Judge {
 public:
  Judge(const Trial& trial, double tolerance) : trial_(trial), tolerance_(tolerance) {}

  Verdict verdict() {
    if (trial_.spec.traffic == Spec::Traffic::request) {
      add(Limit::round_trip, "one request at a time: what a round trip takes");
    } else if (trial_.spec.traffic == Spec::Traffic::stream) {
      tcp();
    } else if (trial_.loss() > tolerance_) {
      lost();
    } else if (!trial_.offered()) {
      not_offered();
    } else if (trial_.spec.rate <= 0 && trial_.spec.burst == 0) {
      held_back();  // as fast as can be: something always ends it
    } else {
      verdict_.evidence.emplace_back(trial_.spec.burst != 0
                                         ? "every burst came whole"
                                         : "the rate that was asked for was sent, and came");
    }
    std::ranges::move(asides_, std::back_inserter(verdict_.evidence));
    return std::move(verdict_);
  }

 private:
  void add(Limit limit, std::string sentence) {
    if (verdict_.evidence.empty()) verdict_.limit = limit;
    verdict_.evidence.push_back(std::move(sentence));
  }

  void add_cpu(Limit limit, const char* side, const HostUse& host, double thread) {
    if (thread >= full_cpu) {
      add(limit, fmt::format("{}: plaitbench used {} of a CPU", side, percent(thread)));
    } else if (host.cpu.busiest >= full_cpu && host.cpu.programs > host.cpu.busiest / 2 &&
               thread < full_cpu / 2) {
      // A tunnel in user space, or somebody who has nothing to do with it: who can tell?
      asides_.push_back(fmt::format("{}: a CPU was {} busy, but with other programs ({})", side,
                                    percent(host.cpu.busiest), percent(host.cpu.programs)));
    } else if (host.cpu.busiest >= full_cpu) {
      add(limit, fmt::format("{}: a CPU was {} busy (softirq: {})", side, percent(host.cpu.busiest),
                             percent(host.cpu.softirq)));
    }
    constexpr double much = 0.05;
    if (host.cpu.stolen >= much) {
      add(limit, fmt::format("{}: other guests of its machine took {} of its CPUs", side,
                             percent(host.cpu.stolen)));
    }
  }

  // What was counted, the most first, whoever has counted it.
  void add_drops() {
    struct Found {
      Limit limit;
      std::string sentence;
      std::uint64_t packets;
    };
    std::vector<Found> found;
    for (const auto& drop : drops_of(trial_.sender)) {
      found.push_back({Limit::sender_drops, "sender: " + in_words(drop), drop.value});
    }
    const std::uint64_t overflowed = trial_.received.overflowed;
    if (overflowed > 0) {
      found.push_back({Limit::receiver_socket,
                       fmt::format("receiver: its socket's buffer of {} octets was full for {} "
                                   "packets",
                                   trial_.received.buffer, overflowed),
                       overflowed});
    }
    for (const auto& drop : drops_of(trial_.receiver)) {
      // The same packets again, as the kernel's own counter has them.
      if (overflowed > 0 && drop.name == "RcvbufErrors") continue;
      found.push_back({Limit::receiver_drops, "receiver: " + in_words(drop), drop.value});
    }
    std::ranges::stable_sort(found, std::greater(), &Found::packets);
    for (auto& one : found)
      add(one.limit, std::move(one.sentence));
  }

  void lost() {
    add_drops();
    add_cpu(Limit::receiver_cpu, "receiver", trial_.receiver, trial_.received.thread);
    if (verdict_.evidence.empty()) {
      add(Limit::path, fmt::format("{} packets were lost, and no counter at either end moved: "
                                   "somebody in between dropped them",
                                   trial_.lost()));
    }
  }

  // TCP finds the limit by losing: drops are how it was told.
  void tcp() {
    add_drops();
    add_cpu(Limit::receiver_cpu, "receiver", trial_.receiver, trial_.received.thread);
    add_cpu(Limit::sender_cpu, "sender", trial_.sender, trial_.sent.thread);
    if (verdict_.evidence.empty()) {
      add(Limit::path,
          fmt::format("neither end was busy nor dropped anything: the path, or TCP's window; {} "
                      "segments were sent again",
                      trial_.sent.retransmitted));
    }
  }

  void not_offered() {
    held_back();
    verdict_.evidence.push_back(
        fmt::format("the sender reached {:.0f} of {:.0f} packets a second: higher rates were not "
                    "offered, so nothing is known of them",
                    trial_.sent_rate(), trial_.spec.rate));
  }

  void held_back() {
    if (trial_.sent.thread < full_cpu && (trial_.sent.no_buffers > 0 || trial_.sent.blocked > 0)) {
      add(Limit::sender_queue,
          fmt::format("sender: the send buffer or the device's queue was full (no room {} times; "
                      "plaitbench used {} of a CPU)",
                      trial_.sent.no_buffers, percent(trial_.sent.thread)));
    }
    add_cpu(Limit::sender_cpu, "sender", trial_.sender, trial_.sent.thread);
    if (verdict_.evidence.empty() && trial_.spec.rate <= 0) {
      add(Limit::sender_cpu,
          fmt::format("sender: nothing else ended it than the loop that sends; plaitbench used {} "
                      "of a CPU",
                      percent(trial_.sent.thread)));
    } else if (verdict_.evidence.empty()) {
      add(Limit::sender_late, fmt::format("sender: woken late, {:.1f} ms were lost to the rate",
                                          1000 * trial_.sent.stalled_seconds));
    }
  }

  const Trial& trial_;
  double tolerance_;
  Verdict verdict_;
  std::vector<std::string> asides_;  // what may have to do with it
};

}  // namespace

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::rate_reached:
      return "rate-reached";
    case Limit::sender_cpu:
      return "sender-cpu";
    case Limit::sender_queue:
      return "sender-queue";
    case Limit::sender_late:
      return "sender-late";
    case Limit::sender_drops:
      return "sender-drops";
    case Limit::receiver_socket:
      return "receiver-socket";
    case Limit::receiver_drops:
      return "receiver-drops";
    case Limit::receiver_cpu:
      return "receiver-cpu";
    case Limit::round_trip:
      return "round-trip";
    case Limit::path:
      break;
  }
  return "path";
}

Verdict verdict_of(const Trial& trial, double tolerance) {
  return Judge(trial, tolerance).verdict();
}

Json to_json(const Verdict& verdict) {
  return {{"limit", to_string(verdict.limit)}, {"evidence", verdict.evidence}};
}

}  // namespace plaitbench

// SPDX-License-Identifier: GPL-2.0
// RFC 2544's sections 26.1 to 26.4 in spirit: shorter trials, and a sender that is no instrument,
// so that what it could not offer is told apart from what was lost.
#include "suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "search.hpp"
#include "table.hpp"

namespace plaitbench {
namespace {

constexpr std::array latency_tenths{1, 5, 9};  // of the throughput
constexpr double probes_per_second = 1000;
constexpr std::uint64_t first_burst = 16;

std::string rate_text(double packets_per_second) {
  return packets_per_second <= 0
             ? "as fast as can be"
             : tools::human_count(static_cast<std::uint64_t>(packets_per_second)) + " packets/s";
}

}  // namespace

Suite::Suite(Plan plan, std::uint32_t header, Run run, Say say)
    : plan_(std::move(plan)),
      header_(header),
      run_(std::move(run)),
      say_(std::move(say)),
      next_trial_(static_cast<std::uint16_t>(std::random_device{}())) {}

std::size_t Suite::most_trials(Test test) const {
  constexpr std::size_t rungs = 10;
  constexpr std::size_t bursts = 18;
  switch (test) {
    case Test::throughput:
      return plan_.most_trials;
    case Test::loss:
      return rungs;
    case Test::latency:
      return latency_tenths.size() + 1;
    case Test::bursts:
      return bursts;
    case Test::tcp:
    case Test::rr:
      break;
  }
  return 1;
}

Spec Suite::spec_for(const Size& size) const {
  Spec spec;
  spec.reverse = plan_.reverse;
  spec.seconds = plan_.seconds;
  spec.batch = plan_.batch;
  spec.payloads = size.payloads(header_);
  return spec;
}

Trial Suite::run_trial(Outcome& outcome, const Spec& spec, const std::string& what) {
  say_(fmt::format("{} {}: {}", to_string(outcome.test), outcome.size ? outcome.size->name : "",
                   what));
  Spec numbered = spec;
  numbered.trial = next_trial_++;
  outcome.trials.push_back(run_(numbered));
  return outcome.trials.back();
}

Trial Suite::at_rate(Outcome& outcome, double rate, double probes) {
  Spec spec = spec_for(*outcome.size);
  spec.rate = rate;
  spec.probes = probes;
  constexpr int tries = 3;
  Trial trial = run_trial(outcome, spec, rate_text(rate));
  // A pause of its host, not the path, would be what is measured.
  for (int i = 1; i < tries && trial.paused(); i++) {
    trial = run_trial(outcome, spec, rate_text(rate) + ", again");
  }
  return trial;
}

bool Suite::passed(const Trial& trial) const {
  return trial.loss() <= plan_.tolerance;
}

Outcome Suite::run(Test test, const std::optional<Size>& size) {
  Outcome outcome;
  outcome.test = test;
  outcome.size = size;
  switch (test) {
    case Test::throughput:
      throughput(outcome);
      break;
    case Test::loss:
      loss(outcome);
      break;
    case Test::latency:
      latency(outcome);
      break;
    case Test::bursts:
      bursts(outcome);
      break;
    case Test::tcp:
      tcp(outcome, Spec::Traffic::stream);
      break;
    case Test::rr:
      tcp(outcome, Spec::Traffic::request);
      break;
  }
  return outcome;
}

// Without a rate that is asked for, what the sender can do.
double Suite::ceiling(Outcome& outcome) {
  const double rate = plan_.rate ? plan_.rate->packets_per_second(*outcome.size) : 0;
  const Trial first = at_rate(outcome, rate, 0);
  return rate > 0 ? rate : first.sent_rate();
}

void Suite::throughput(Outcome& outcome) {
  const double highest = ceiling(outcome);
  RateSearch search(highest, plan_.resolution, plan_.most_trials);
  const auto tell = [&](const Trial& trial) {
    search.tell(passed(trial), std::min(trial.sent_rate(), highest));
    // The last that failed says why there is no more; as long as none did, the best one.
    if (!passed(trial) || !search.failed()) {
      outcome.verdict = verdict_of(trial, plan_.tolerance);
    }
  };
  const Trial first = outcome.trials.back();
  search.guess(first.received_rate());
  tell(first);
  while (const auto rate = search.next()) {
    tell(at_rate(outcome, *rate, 0));
  }
  outcome.best = search.best();
  outcome.at_least = !search.failed();
  found_[outcome.size->name] = outcome.best;
}

void Suite::loss(Outcome& outcome) {
  const double highest = ceiling(outcome);
  outcome.verdict = verdict_of(outcome.trials.back(), plan_.tolerance);
  LossLadder ladder;
  ladder.tell(passed(outcome.trials.back()));
  while (const auto share = ladder.next()) {
    ladder.tell(passed(at_rate(outcome, *share * highest, 0)));
  }
}

// Round trips of probes within the load of one direction. Both ways are not loaded: the far end
// would measure the near end's echoes.
void Suite::latency(Outcome& outcome) {
  constexpr double tenth = 0.1;
  auto known = found_.find(outcome.size->name);
  if (known == found_.end() || known->second <= 0) {
    // No search for it: what comes through of all that there is.
    const double rate = plan_.rate ? plan_.rate->packets_per_second(*outcome.size) : 0;
    Outcome aside;
    aside.test = outcome.test;
    aside.size = outcome.size;
    const Trial trial = at_rate(aside, rate, 0);
    known = found_.insert_or_assign(outcome.size->name, trial.received_rate()).first;
  }
  for (const int tenths : latency_tenths) {
    at_rate(outcome, std::max(1.0, tenth * tenths * known->second), probes_per_second);
  }
  outcome.verdict = verdict_of(outcome.trials.back(), plan_.tolerance);
}

void Suite::bursts(Outcome& outcome) {
  BurstSearch search(first_burst, plan_.longest_burst);
  while (const auto length = search.next()) {
    Spec spec = spec_for(*outcome.size);
    spec.burst = *length;
    spec.repeat = plan_.repeat;
    const Trial trial = run_trial(outcome, spec, fmt::format("{} packets at once", *length));
    const bool pass = passed(trial);
    search.tell(pass);
    if (!pass || outcome.trials.size() == 1) {
      outcome.verdict = verdict_of(trial, plan_.tolerance);
    }
  }
  outcome.best = static_cast<double>(search.best());
  outcome.at_least = search.unlimited();
}

void Suite::tcp(Outcome& outcome, Spec::Traffic traffic) {
  Spec spec;
  spec.traffic = traffic;
  spec.reverse = plan_.reverse;
  spec.seconds = plan_.seconds;
  spec.streams = traffic == Spec::Traffic::stream ? plan_.streams : 1;
  const Trial trial = run_trial(
      outcome, spec, traffic == Spec::Traffic::stream ? "bulk" : "one octet there and back");
  outcome.verdict = verdict_of(trial, plan_.tolerance);
}

}  // namespace plaitbench

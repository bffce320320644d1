// SPDX-License-Identifier: GPL-2.0
// The tests: which trials each makes, and what comes out. They know no network, only somebody who
// runs a trial.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan.hpp"
#include "trial.hpp"
#include "verdict.hpp"

namespace plaitbench {

/// What one test found for one packet size; TCP's tests have none.
struct Outcome {
  Test test = Test::throughput;
  std::optional<Size> size;
  std::vector<Trial> trials;
  double best = 0;        ///< throughput: packets a second; bursts: packets
  bool at_least = false;  ///< nothing failed: more may pass
  Verdict verdict;        ///< what limited it
};

class Suite {
 public:
  using Run = std::function<Trial(const Spec&)>;
  using Say = std::function<void(const std::string&)>;

  /// header: octets of IP and UDP header. say: what is going on, before each trial.
  Suite(Plan plan, std::uint32_t header, Run run, Say say);

  /// How many trials the test takes at the most.
  [[nodiscard]] std::size_t most_trials(Test test) const;

  Outcome run(Test test, const std::optional<Size>& size);

 private:
  [[nodiscard]] Spec spec_for(const Size& size) const;
  Trial run_trial(Outcome& outcome, const Spec& spec, const std::string& what);
  Trial at_rate(Outcome& outcome, double rate, double probes);
  /// The highest rate that is to be offered, and what came of it when it was.
  double ceiling(Outcome& outcome);
  [[nodiscard]] bool passed(const Trial& trial) const;

  void throughput(Outcome& outcome);
  void loss(Outcome& outcome);
  void latency(Outcome& outcome);
  void bursts(Outcome& outcome);
  void tcp(Outcome& outcome, Spec::Traffic traffic);

  Plan plan_;
  std::uint32_t header_;
  Run run_;
  Say say_;
  std::uint16_t next_trial_;
  std::map<std::string, double> found_;  // the throughput of sizes, packets a second
};

}  // namespace plaitbench

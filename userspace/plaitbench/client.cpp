// SPDX-License-Identifier: GPL-2.0
// Tests in their order, a table as soon as one is done.
#include "client.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <system_error>

#include "peer.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "suite.hpp"

namespace plaitbench {
namespace {

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(), "standard output");
  }
}

bool has_sizes(Test test) {
  return test != Test::tcp && test != Test::rr;
}

std::vector<std::optional<Size>> sizes_for(Test test, const SizeList& list) {
  if (!has_sizes(test)) return {std::nullopt};
  return {list.sizes.begin(), list.sizes.end()};
}

class Client {
 public:
  Client(const ClientOptions& options, const Stop& stop)
      : options_(options),
        peer_(options.host, options.port, options.device, stop),
        progress_(!options.quiet) {}

  void run() {
    About about{.command = options_.command,
                .time = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))),
                .reverse = options_.plan.reverse,
                .mtu = 0,
                .client = peer_.client(),
                .server = peer_.server()};
    SizeList list;
    if (std::ranges::any_of(options_.plan.tests, has_sizes)) {
      about.mtu = peer_.prove();
      list = parse_sizes(options_.plan.sizes, about.mtu);
    }
    show(view_about(about));
    for (const auto& size : list.too_large) {
      fmt::print(stderr, "plaitbench: note: packets of {} are left out: the path takes {} octets\n",
                 size, about.mtu);
    }
    try {
      tests(list);
      peer_.leave();
    } catch (const std::exception& error) {
      // What has been measured is worth more than the minutes that it took.
      about.error = error.what();
      salvage(about);
      throw;
    }
    finish(about);
  }

 private:
  void tests(const SizeList& list) {
    Suite suite(
        options_.plan, peer_.header_size(), [this](const Spec& spec) { return trial(spec); },
        [this](const std::string& what) { progress_.show(what); });
    std::size_t steps = 0;
    for (const Test test : options_.plan.tests)
      steps += sizes_for(test, list).size() * suite.most_trials(test);
    progress_.plan(steps);

    std::size_t end = 0;  // of the steps of the tests that are done
    for (const Test test : options_.plan.tests) {
      for (const auto& size : sizes_for(test, list)) {
        present_.push_back(suite.run(test, size));
        end += suite.most_trials(test);
        progress_.skip_to(end);
      }
      finish_test();
    }
  }

  // The table of the present test, as far as it came.
  void finish_test() {
    progress_.clear();
    if (!present_.empty()) show(view_outcomes(present_));
    std::ranges::move(present_, std::back_inserter(all_));
    present_.clear();
  }

  void salvage(const About& about) {
    try {
      finish_test();
      finish(about);
    } catch (const std::system_error&) {
      // Nobody reads any more: the first error is the one to tell.
    }
  }

  void finish(const About& about) const {
    if (options_.json) print(report_json(about, all_).dump(2) + "\n");
  }

  Trial trial(const Spec& spec) {
    Trial trial = peer_.run(spec);
    progress_.step_done();
    return trial;
  }

  void show(const std::string& text) const {
    if (!options_.json) print(text + "\n");
  }

  const ClientOptions& options_;
  Peer peer_;
  Progress progress_;
  std::vector<Outcome> present_;  // of the present test, one a size
  std::vector<Outcome> all_;
};

}  // namespace

void run_client(const ClientOptions& options, const Stop& stop) {
  Client(options, stop).run();
}

}  // namespace plaitbench

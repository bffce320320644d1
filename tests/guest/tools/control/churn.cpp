// SPDX-License-Identifier: GPL-2.0
// plait-churn: changes devices, keys, namespaces, underlay and module by chance, under load.
// It asserts little: that each step ends, and that datagrams get through meanwhile. The
// kernel is the judge.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>  // environ

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

#include "load.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kUsage =
    R"(plait-churn SECONDS [--seed N] [--reload-every SECONDS] [--patience SECONDS] [--trace]

In the namespaces a and b of topology.sh, joined by eth0. The seed decides the steps; not when
each comes. --patience: what a step may take (default 20). --trace prints each step.
)";

struct Options {
  unsigned seconds = 0, reload_every = 15, patience = 20;
  std::uint64_t seed = std::random_device{}();
  bool trace = false;
};

Options parse(const std::vector<std::string>& args) {
  Options options;
  for (std::size_t i = 0; i < args.size(); i++) {
    const auto value = [&] { return std::stoull(args.at(++i)); };
    if (args[i] == "--seed") {
      options.seed = value();
    } else if (args[i] == "--reload-every") {
      options.reload_every = static_cast<unsigned>(value());
    } else if (args[i] == "--patience") {
      options.patience = static_cast<unsigned>(value());
    } else if (args[i] == "--trace") {
      options.trace = true;
    } else {
      options.seconds = static_cast<unsigned>(std::stoul(args[i]));
    }
  }
  if (options.seconds == 0) throw std::invalid_argument("how long?");
  return options;
}

/// Runs a shell's command; what it says is not of interest, but what it writes to file 3.
void run(const std::string& command) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, 1, 3);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  const char* args[] = {"bash", "-c", command.c_str(), nullptr};
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, "bash", &files, nullptr, const_cast<char* const*>(args), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::system_error(error, std::generic_category(), command);
  waitpid(pid, nullptr, 0);
}

/// Sees to it that each of several threads gets on.
class Watchdog {
 public:
  explicit Watchdog(unsigned patience) : patience_(patience) {}

  /// name: of what gets on when progress grows.
  void watch(const char* name, const std::atomic<std::uint64_t>& progress) {
    watched_.push_back({name, &progress, 0, Clock::now()});
  }
  void note(const char* step) {
    const std::scoped_lock lock(mutex_);
    last_.push_back(step);
    if (last_.size() > 20) last_.pop_front();
  }
  void run(const std::atomic<bool>& stop) {
    while (!stop) {
      std::this_thread::sleep_for(milliseconds(200));
      for (Watched& w : watched_) {
        if (*w.progress != w.seen) {
          w.seen = *w.progress;
          w.since = Clock::now();
        } else if (Clock::now() - w.since > patience_) {
          give_up(w.name);
        }
      }
    }
  }

 private:
  struct Watched {
    const char* name;
    const std::atomic<std::uint64_t>* progress;
    std::uint64_t seen;
    Clock::time_point since;
  };

  [[noreturn]] void give_up(const char* name) {
    std::printf("plait-churn: %s hang. The last steps:\n", name);
    for (const char* step : last_) {
      std::printf("  %s\n", step);
    }
    std::fflush(stdout);
    ::run("grep -H . /proc/" + std::to_string(getpid()) +
          "/task/*/{syscall,stack} >&3; ps -o pid,ppid,stat,args >&3");
    std::ofstream("/proc/sysrq-trigger") << 'w';  // to the console: who waits, and where
    std::this_thread::sleep_for(seconds(1));
    _exit(EXIT_FAILURE);
  }

  seconds patience_;
  std::vector<Watched> watched_{};
  std::mutex mutex_{};
  std::deque<const char*> last_{};
};

/// A thread that runs until all is over.
class Worker {
 public:
  template <typename Function>
  explicit Worker(Function function)
      : thread_([function] {
          try {
            function();
          } catch (const std::exception& error) {
            std::printf("plait-churn: %s\n", error.what());
            std::fflush(stdout);
            _exit(EXIT_FAILURE);
          }
        }) {}
  ~Worker() { thread_.join(); }

 private:
  std::thread thread_;
};

void churn(control::World& world, const Options& options, Watchdog& watchdog) {
  std::minstd_rand pause(static_cast<unsigned>(options.seed));
  const auto begin = Clock::now(), end = begin + seconds(options.seconds);
  auto reload = Clock::now() + seconds(options.reload_every);
  while (Clock::now() < end) {
    const char* name = "reload";
    if (Clock::now() > reload) {
      world.reload(options.patience);
      world.begin();
      reload = Clock::now() + seconds(options.reload_every);
    } else {
      name = world.step();
    }
    watchdog.note(name);
    if (options.trace) {
      const std::chrono::duration<double> now = Clock::now() - begin;
      std::printf("%.3f %s\n", now.count(), name);
    }
    std::this_thread::sleep_for(milliseconds(pause() % 4));
  }
}

void report(const control::World& world, std::uint64_t received) {
  unsigned steps = 0, requests = 0;
  for (const auto& [name, count] : world.steps()) {
    std::printf("%6u %s\n", count, name.c_str());
    steps += count;
  }
  for (const auto& [error, count] : world.answers()) {
    requests += count;
    if (error != 0) std::printf("%6u refused: %s\n", count, std::strerror(error));
  }
  std::printf("%u steps, %u requests; %llu datagrams arrived meanwhile\n", steps, requests,
              static_cast<unsigned long long>(received));
}

void work(const Options& options) {
  std::printf("plait-churn: %u s, --seed %llu\n", options.seconds,
              static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  std::atomic<std::uint64_t> sent = 0, read = 0, received = 0;
  control::World world(options.seed, run);
  Watchdog watchdog(options.patience);
  watchdog.watch("steps", world.progress());
  watchdog.watch("senders", sent);
  watchdog.watch("readers", read);
  std::atomic<bool> stop = false;
  {
    const Worker dog([&] { watchdog.run(stop); });
    world.begin();
    const Worker sender([&] { control::run_senders(world, options.seed, stop, sent); });
    const Worker reader([&] { control::run_readers(stop, read); });
    const Worker at_a([&] { control::run_receiver("a", stop, received); });
    const Worker at_b([&] { control::run_receiver("b", stop, received); });
    try {
      churn(world, options, watchdog);
    } catch (...) {
      stop = true;
      throw;
    }
    stop = true;
  }
  report(world, received);
  if (received < options.seconds) throw std::runtime_error("that was no load");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    work(parse({argv + 1, argv + argc}));
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::printf("plait-churn: %s\n%s", error.what(), argc < 2 ? kUsage : "");
  }
  return EXIT_FAILURE;
}

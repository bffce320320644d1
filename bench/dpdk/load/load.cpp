// SPDX-License-Identifier: GPL-2.0
// plait-load: a traffic generator and sink that speaks plait, over one of DPDK's drivers for
// interfaces of Linux's. It sends in trains at absolute times and sleeps in between: on a
// machine with one CPU what it floods must get to run too.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>

#include "eal.hpp"
#include "maker.hpp"
#include "port.hpp"
#include "sink.hpp"

namespace {

constexpr unsigned kMemory = 64;     // MiB
constexpr unsigned kBuffers = 8192;  // af_xdp's rings alone hold 4,096
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLead = 1'000'000;    // until the first train
constexpr std::int64_t kGlance = 1'000'000;  // between looks at what came back
constexpr unsigned kFlushes = 20;
constexpr std::int64_t kPatience = kSecond;  // with an interface that takes nothing

volatile std::sig_atomic_t stopped = 0;

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

void sleep_until(std::int64_t when) {
  const timespec t{.tv_sec = when / kSecond, .tv_nsec = when % kSecond};
  while (stopped == 0 && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

// A large ring for af_packet: its reader may be late, and 512 frames are soon there.
std::string device(const load::Options& options) {
  const std::string ring = options.driver == "af_packet" ? ",framecnt=4096" : "",
                    program = options.xdp_program.empty() ? "" : ",xdp_prog=" + options.xdp_program;
  return fmt::format("net_{}0,iface={}{}{}", options.driver, options.interface, ring, program);
}

class Load {
 public:
  explicit Load(const load::Options& options)
      : options_(options),
        eal_(kMemory, {device(options)}),
        pool_(dpdk::make_pool("frames", kBuffers)),
        port_(fmt::format("net_{}0", options.driver), pool_) {
    if (options.session) maker_.emplace(options, port_.hardware_address(), pool_);
    if (options.sink) sink_.emplace(options.cipher, *options.sink, options.port);
  }

  void run() {
    const std::int64_t start = now_ns() + kLead;
    const auto end = options_.seconds > 0
                         ? start + static_cast<std::int64_t>(options_.seconds * kSecond)
                         : std::numeric_limits<std::int64_t>::max();
    if (maker_) {
      send_trains(start, end);
    } else {
      wait_until(end);
    }
    flush();
    if (maker_ && sink_)
      wait_until(now_ns() + static_cast<std::int64_t>(options_.linger * kSecond));
    print();
  }

 private:
  void send_trains(std::int64_t start, std::int64_t end) {
    const auto interval =
        static_cast<std::int64_t>(options_.train * static_cast<double>(kSecond) / options_.rate);
    std::vector<rte_mbuf*> train;
    u64 made = 0;
    for (std::int64_t due = start; stopped == 0 && due < end;) {
      train.clear();
      for (unsigned i = 0; i < options_.train && (options_.count == 0 || made < options_.count);
           i++, made++) {
        rte_mbuf* const frame = maker_->next();
        if (frame != nullptr) train.push_back(frame);
      }
      wait_until(due);
      const std::int64_t late = now_ns() - due;
      latest_ns_ = std::max(latest_ns_, late);
      send(train);
      took_ns_ = now_ns() - start;
      trains_++;
      // Whoever is late by more than a train's time does not make up for it: that would be a
      // flood that nobody has asked for.
      due += late < interval ? interval : late + interval;
      if (made == options_.count) return;
    }
  }

  // The driver takes what there is room for; a wire that is full gets time.
  void send(std::span<rte_mbuf*> frames) {
    const std::int64_t give_up = now_ns() + kPatience;
    while (!frames.empty()) {
      const unsigned taken = port_.send(frames);
      frames = frames.subspan(taken);
      if (taken != 0) continue;
      if (now_ns() > give_up) {
        throw std::runtime_error(options_.interface +
                                 " takes no frames: is it up, as `ip link` says?");
      }
      sleep_until(now_ns() + kGlance);
    }
  }

  // net_af_packet leaves in its ring what the socket has no room for, until it is called again.
  // What is too long for it drops, so such a frame is a call and no more.
  void flush() {
    if (!maker_ || options_.driver != "af_packet") return;
    for (unsigned i = 0; i < kFlushes; i++) {
      rte_mbuf* m = rte_pktmbuf_alloc(pool_);
      if (m == nullptr) return;
      m->pkt_len = std::numeric_limits<u16>::max();
      port_.send({&m, 1});
      sleep_until(now_ns() + kGlance);
    }
  }

  void wait_until(std::int64_t when) {
    while (sink_ && stopped == 0 && now_ns() + kGlance < when) {
      sleep_until(now_ns() + kGlance);
      look();
    }
    sleep_until(when);
    if (sink_) look();
  }

  void look() {
    std::array<rte_mbuf*, 64> frames{};
    while (const unsigned count = port_.receive(frames))
      sink_->take(std::span(frames).first(count));
  }

  void print() const {
    if (maker_) {
      fmt::print("sent");
      for (std::size_t k = 0; k < load::kKinds; k++)
        fmt::print(" {}={}", load::kKindNames[k], maker_->made(static_cast<load::Kind>(k)));
      fmt::print(" lost={} trains={} took={} latest={} next={}\n", maker_->lost(), trains_,
                 took_ns_, latest_ns_, maker_->counter());
    }
    if (!sink_) return;
    fmt::print("received accepted={} packets={} octets={} missing={}", sink_->accepted(),
               sink_->packets(), sink_->octets(), sink_->missing());
#define PLAIT_X(NAME, name, meaning) \
  if (const u64 n = sink_->dropped(PLAIT_DROP_##NAME)) fmt::print(" {}={}", #name, n);
    PLAIT_DROPS(PLAIT_X)
#undef PLAIT_X
    fmt::print("\n");
  }

  const load::Options& options_;
  dpdk::Eal eal_;
  rte_mempool* const pool_;
  dpdk::Port port_;
  std::optional<load::Maker> maker_;
  std::optional<load::Sink> sink_;
  u64 trains_ = 0;
  std::int64_t took_ns_ = 0, latest_ns_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const load::Options options = load::parse(argc, argv);
    for (const int sign : {SIGINT, SIGTERM})
      static_cast<void>(std::signal(sign, [](int) { stopped = 1; }));
    Load(options).run();
  } catch (const CLI::Success& asked) {  // --help
    fmt::print("{}", asked.what());
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "plait-load: {} (try plait-load --help)\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "plait-load: {}\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

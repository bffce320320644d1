// SPDX-License-Identifier: GPL-2.0
// plait-nlstorm: sends netlink requests, honest and spoilt ones, and fails if one is not
// answered, if a key is told, or if somebody without the right changes something.
#include <linux/netlink.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

#include "messages.hpp"
#include "socket.hpp"

namespace {

using nlstorm::Message;
using nlstorm::Octets;

constexpr const char* kUsage =
    R"(plait-nlstorm COUNT [options]

Sends COUNT netlink requests of family plait, and of links of kind plait, in this network
namespace: it makes, changes and deletes devices there. Half are spoilt: attributes'
types, lengths, nesting, values, number; headers; the message's end.

  --seed N      default: by chance. In a fresh namespace the same seed sends the same octets
  --forbidden   every change must be refused with EPERM, as whoever runs it lacks the right
  --first N     send only from the Nth request on
  --trace       print each message before it is sent
)";

struct Options {
  std::uint64_t count = 0, first = 1, seed = std::random_device{}();
  bool forbidden = false, trace = false;
};

Options parse(int argc, char** argv) {
  Options options;
  if (argc < 2) throw std::invalid_argument("how many? --help tells");
  options.count = std::stoull(argv[1]);
  for (int i = 2; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--forbidden") {
      options.forbidden = true;
    } else if (name == "--trace") {
      options.trace = true;
    } else if (name == "--seed" && i + 1 < argc) {
      options.seed = std::stoull(argv[++i]);
    } else if (name == "--first" && i + 1 < argc) {
      options.first = std::stoull(argv[++i]);
    } else {
      throw std::invalid_argument("option " + name + "? --help tells");
    }
  }
  return options;
}

std::string hex(const Octets& octets) {
  std::string out;
  for (const std::uint8_t octet : octets) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", octet);
    out += digits;
  }
  return out;
}

class Storm {
 public:
  explicit Storm(const Options& options) : options_(options), dice_(options.seed), world_(dice_) {
    const nlstorm::Family family = nlstorm::find_family("plait");
    world_.family = family.id;
    // Who subscribes and never reads stops nobody.
    for (const std::uint32_t group : family.groups) {
      if (deaf_.join(group) == options_.forbidden) {
        throw std::runtime_error(options_.forbidden ? "it may listen to events"
                                                    : "it may not listen to events");
      }
    }
  }

  void run() {
    for (number_ = 1; number_ <= options_.count; number_++) {
      if (number_ % kLookEvery == 1) look();
      one();
    }
    look();
    print();
  }

 private:
  static constexpr std::uint64_t kLookEvery = 32;

  [[noreturn]] void fail(const std::string& what, const Octets& octets) const {
    throw std::runtime_error(what + ": request " + std::to_string(number_) + " of seed " +
                             std::to_string(options_.seed) + ": " + hex(octets));
  }

  // What devices there are now; by a socket that no spoilt request has touched.
  void look() {
    Message ask = nlstorm::ask_devices(world_);
    ask.seq = ++seq_;
    const Octets octets = octets_of(ask);
    const auto answer = control_.send(octets) ? control_.answer(ask.seq) : std::nullopt;
    if (!answer || answer->error != 0) fail("the dump of devices failed", octets);
    world_.devices = nlstorm::ifindexes(answer->replies);
    most_devices_ = std::max(most_devices_, world_.devices.size());
  }

  void one() {
    Message message = honest_message(world_, dice_);
    message.seq = ++seq_;
    const bool spoil = dice_.one_in(2);
    for (auto spots = spoil ? dice_.below(4) : 0; spots > 0; spots--) {
      nlstorm::spoil_tree(message, dice_);
    }
    if (spoil && dice_.one_in(8)) nlstorm::spoil_header(message, dice_);
    Octets octets = octets_of(message);
    const bool answered = !spoil || dice_.one_in(2) || nlstorm::spoil_octets(octets, dice_);
    if (number_ < options_.first) return;
    if (options_.trace) std::printf("%llu %s\n", as_printed(number_), hex(octets).c_str());

    nlstorm::Socket& socket = message.route ? route_ : generic_;
    const auto start = std::chrono::steady_clock::now();
    if (!socket.send(octets)) {
      too_large_++;
    } else if (answered) {
      const auto answer = socket.answer(message.seq);
      if (!answer) fail("no answer", octets);
      judge(message, *answer, octets);
    } else {
      unanswerable_++;
    }
    slowest_ = std::max(slowest_, std::chrono::steady_clock::now() - start);
    socket.drain();
  }

  void judge(const Message& message, const nlstorm::Answer& answer, const Octets& octets) {
    answers_[answer.error]++;
    if (message.change && message.header_intact && answer.error == 0) changes_++;
    if (options_.forbidden && message.change) {
      if (message.header_intact && answer.error != EPERM) fail("not refused with EPERM", octets);
      if (message.header_intact) refused_++;
    }
    for (const Octets& reply : answer.replies) {
      for (const Octets& key : world_.keys) {
        if (std::search(reply.begin(), reply.end(), key.begin(), key.begin() + 16) != reply.end()) {
          fail("a reply holds a key", octets);
        }
      }
    }
  }

  static unsigned long long as_printed(std::uint64_t n) { return n; }

  void print() const {
    std::printf("%llu requests, seed %llu: %llu that nobody has to answer, %llu too large",
                as_printed(options_.count), as_printed(options_.seed), as_printed(unanswerable_),
                as_printed(too_large_));
    for (const auto& [error, count] : answers_) {
      const char* name = error == 0 ? "done" : strerrorname_np(error);
      std::printf(", %llu %s", as_printed(count), name != nullptr ? name : "?");
    }
    std::printf(
        "\n%llu changes done, %llu refused for lack of the right; up to %zu devices; "
        "the slowest answer took %.0f ms\n",
        as_printed(changes_), as_printed(refused_), most_devices_,
        std::chrono::duration<double, std::milli>(slowest_).count());
  }

  Options options_;
  nlstorm::Dice dice_;
  nlstorm::World world_;
  nlstorm::Socket generic_{NETLINK_GENERIC}, route_{NETLINK_ROUTE}, control_{NETLINK_GENERIC},
      deaf_{NETLINK_GENERIC};
  std::uint64_t number_ = 0;
  std::uint32_t seq_ = 0;
  std::uint64_t unanswerable_ = 0, too_large_ = 0, changes_ = 0, refused_ = 0;
  std::size_t most_devices_ = 0;
  std::map<int, std::uint64_t> answers_;
  std::chrono::steady_clock::duration slowest_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return EXIT_SUCCESS;
  }
  try {
    Storm(parse(argc, argv)).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait-nlstorm: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

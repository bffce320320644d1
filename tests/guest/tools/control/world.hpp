// SPDX-License-Identifier: GPL-2.0
// What the churn changes: pairs of plait devices between two hosts that stay and rooms
// (network namespaces) that come and go, their underlay, keys and places.
//
//   a ── eth0 ── b        pairs 0 to 3
//   a ── up0, up1 ── eth0 of r0, r1     pairs 4 and 5
//   r2: nothing but what is moved there
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "requests.hpp"

namespace control {

constexpr unsigned kPairs = 6;
constexpr unsigned kSpaces = 5;
constexpr std::array<const char*, kSpaces> kSpaceNames{"a", "b", "r0", "r1", "r2"};

/// Inner address of an end, IPv4 or IPv6.
Octets inner_address(unsigned pair, unsigned end, bool ipv6);

class World {
 public:
  /// run: runs a shell command and waits for it.
  World(std::uint64_t seed, std::function<void(const std::string&)> run);

  /// All pairs made and working.
  void begin();
  /// One change, by chance. Returns its name.
  const char* step();
  /// The module goes, with all that there is, and comes back. patience in seconds.
  void reload(unsigned patience);

  /// Where an end is, as far as known; for other threads.
  [[nodiscard]] unsigned place(unsigned pair, unsigned end) const { return at_[pair][end]; }
  /// Grows with each request and each change that takes long; for other threads.
  [[nodiscard]] const std::atomic<std::uint64_t>& progress() const { return progress_; }
  [[nodiscard]] const std::map<std::string, unsigned>& steps() const { return counts_; }
  /// Requests by the kernel's answer, 0 or errno.
  [[nodiscard]] const std::map<int, unsigned>& answers() const { return answers_; }

 private:
  struct End {
    std::uint32_t lanes = 1;
    std::uint32_t local_index = 0;
  };
  struct Pair {
    End end[2];
    std::uint32_t session = 0, epoch = 0;
    bool ipv6 = false;
  };
  /// An end by number; name and present namespace follow.
  struct Place {
    unsigned pair, end;
  };
  struct Kind {
    const char* name;
    unsigned weight;
    void (World::*run)();
  };

  std::uint32_t below(std::uint32_t limit) { return dice_() % limit; }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  Place any() { return {below(kPairs), below(2)}; }
  [[nodiscard]] static std::string name(Place p);
  [[nodiscard]] static unsigned home(Place p);
  [[nodiscard]] Octets outer(Place p, bool ipv6) const;
  Key fresh_key();
  Prefix some_prefix();
  Device some_device(Place p);

  /// Sends a request in a namespace, if that exists; 0 or errno.
  int ask(unsigned space, Request request);
  int ask_plait(unsigned space, const std::function<Request(const Plait&)>& make);
  /// The same about a device where it is, by its ifindex.
  int ask_about(Place p, const std::function<Request(const Plait&, std::uint32_t)>& make);
  std::uint32_t index_of(unsigned space, const std::string& name);
  int answer(int error);

  void make(Place p);
  void settle(Place p);
  void make_room(unsigned space);
  void heal_pair(unsigned pair);
  void rekey_pair(unsigned pair);

  // kinds of steps
  void make_pair();
  void make_elsewhere();
  void remove();
  void heal();
  void rekey();
  void change_key();
  void change_strand();
  void strand_goes();
  void prefixes();
  void settings();
  void up_or_down();
  void move();
  void room_comes();
  void room_goes();
  void underlay_blinks();
  void underlay_address();
  void program();

  static const std::vector<Kind> kKinds;

  std::mt19937_64 dice_;
  std::function<void(const std::string&)> run_;
  std::array<Pair, kPairs> pairs_{};
  std::array<std::array<std::atomic<unsigned>, 2>, kPairs> at_{};
  std::array<bool, kSpaces> exists_{true, true, false, false, false};
  std::uint32_t last_session_ = 0;
  std::atomic<std::uint64_t> progress_{0};
  std::map<std::string, unsigned> counts_{};
  std::map<int, unsigned> answers_{};
};

}  // namespace control

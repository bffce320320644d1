// SPDX-License-Identifier: GPL-2.0
// Receiving: counts, echoes, and knows when it is over.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "arrivals.hpp"
#include "clock.hpp"
#include "datagrams.hpp"
#include "inbox.hpp"
#include "net.hpp"
#include "stamp.hpp"

namespace plaitbench {
namespace {

constexpr std::chrono::milliseconds step{5};
constexpr std::uint64_t look_every_ns = 5 * ms_in_ns;
constexpr std::uint64_t quiet_ns = 300 * ms_in_ns;     // then nothing is under way any more
constexpr std::uint64_t longest_ns = 3000 * ms_in_ns;  // of waiting for the last ones

class DatagramReceiver {
 public:
  DatagramReceiver(int fd, const Spec& spec, const Ending& ending)
      : fd_(fd), spec_(spec), ending_(ending), drops_before_(receive_drops(fd)) {
    set_patience(fd, step, step);
  }

  Received run() {
    const ThreadUse use;
    double thread = 0;
    std::optional<std::uint64_t> sent;
    std::uint64_t told_ns = 0;
    std::uint64_t looked_ns = 0;
    last_ns_ = now_ns();
    for (;;) {
      inbox_.receive(fd_, [this](std::span<const std::byte> one) { take(one); });
      const std::uint64_t now = now_ns();
      if (std::exchange(came_, false)) last_ns_ = now;
      if (now >= looked_ns + look_every_ns) {
        looked_ns = now;
        const auto told = ending_();
        if (told && !sent) {
          sent = told;
          told_ns = now;
          thread = use.share();
        }
      }
      const bool all = sent && arrivals_.count().received >= *sent;
      const bool quiet = sent && now > std::max(last_ns_, told_ns) + quiet_ns;
      if (all || quiet || (sent && now > told_ns + longest_ns)) break;
    }
    const auto& count = arrivals_.count();
    return {.packets = count.received,
            .octets = count.octets,
            .reordered = count.reordered,
            .duplicates = count.duplicates,
            .stale = count.stale,
            .overflowed = (receive_drops(fd_) - drops_before_) & UINT32_MAX,
            .buffer = receive_buffer(fd_),
            .thread = thread};
  }

 private:
  void take(std::span<const std::byte> datagram) {
    const auto stamp = read_stamp(datagram);
    if (!stamp || stamp->trial != spec_.trial ||
        (stamp->kind != Kind::load && stamp->kind != Kind::probe)) {
      return;
    }
    came_ = true;
    arrivals_.take(stamp->sequence, datagram.size());
    if (stamp->kind == Kind::probe) echo(*stamp, datagram);
  }

  // As long as the probe, so that the way back is of the same size. If there is no room for it,
  // it is a probe that was lost.
  void echo(Stamp stamp, std::span<const std::byte> probe) {
    stamp.kind = Kind::echo;
    echo_.assign(probe.begin(), probe.end());
    write_stamp(std::span(echo_).first<stamp_size>(), stamp);
    (void)send(fd_, echo_.data(), echo_.size(), MSG_DONTWAIT);
  }

  int fd_;
  const Spec& spec_;
  const Ending& ending_;
  std::uint64_t drops_before_;
  Inbox inbox_;
  Arrivals arrivals_;
  std::vector<std::byte> echo_;
  bool came_ = false;
  std::uint64_t last_ns_ = 0;
};

}  // namespace

Received receive_datagrams(int fd, const Spec& spec, const Ending& ending) {
  return DatagramReceiver(fd, spec, ending).run();
}

}  // namespace plaitbench

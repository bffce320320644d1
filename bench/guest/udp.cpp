// SPDX-License-Identifier: GPL-2.0
// Datagrams by system calls, one process at both ends: a train goes out, then comes in. What
// the tunnel makes of it is its own: it may send each packet in the call that brought it, or
// queue them for a thread.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

#include "sockets.hpp"
#include "verbs.hpp"

namespace gauge {

namespace {

constexpr std::size_t kTrain = 32;    // fits into a socket's default buffer at 1400 octets
constexpr std::size_t kHeaders = 28;  // IPv4 and UDP
constexpr std::uint64_t kWarmTrains = 8;
constexpr int kPatienceSeconds = 2;

struct Train {
  explicit Train(std::size_t payload) : memory(kTrain * payload, 'p') {
    for (std::size_t i = 0; i < kTrain; i++) {
      piece.at(i) = {&memory[i * payload], payload};
      message.at(i).msg_hdr.msg_iov = &piece.at(i);
      message.at(i).msg_hdr.msg_iovlen = 1;
    }
  }

  std::vector<char> memory;
  std::array<iovec, kTrain> piece{};
  std::array<mmsghdr, kTrain> message{};
};

}  // namespace

void udp(const Path& path, std::size_t size, std::uint64_t count, const Sampling& sampling) {
  if (size <= kHeaders) die("a packet of " + std::to_string(size) + " octets holds no datagram");
  Stretch stretch(sampling);
  const Socket to(path.to_ns, SOCK_DGRAM);
  to.bind(address_of(path.address));
  to.give_up_after(kPatienceSeconds);
  const Socket from(path.from_ns, SOCK_DGRAM);
  from.connect(address_of(path.address));

  Train train(size - kHeaders);
  const auto run = [&](std::uint64_t trains) {
    for (; trains > 0; trains--) {
      if (sendmmsg(from.fd(), train.message.data(), kTrain, 0) != kTrain) die("sendmmsg");
      if (recvmmsg(to.fd(), train.message.data(), kTrain, 0, nullptr) != kTrain)
        die("of a train of datagrams one was lost");
    }
  };
  const std::uint64_t trains = (count + kTrain - 1) / kTrain;
  run(kWarmTrains);
  stretch.begin();
  run(trains);
  stretch.end();
  stretch.report("packets=" + std::to_string(trains * kTrain));
}

}  // namespace gauge

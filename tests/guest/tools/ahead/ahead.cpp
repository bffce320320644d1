// SPDX-License-Identifier: GPL-2.0
// plait-ahead LEFT RIGHT PORT: a bridge between two interfaces, in the hands of an attacker who
// has no key. In front of each datagram to PORT goes a copy with its header and a spoilt
// payload; behind it an older one again, and back to where it came from the datagram itself.
// At SIGTERM it prints what it sent.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Frame = std::vector<std::uint8_t>;

constexpr std::size_t ip_at = ETH_HLEN, udp_at = ETH_HLEN + 20, payload_at = udp_at + 8;
constexpr std::size_t kept = 64;  // datagrams to be sent again

volatile std::sig_atomic_t stopped = 0;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Port {
 public:
  explicit Port(const std::string& name) : fd_(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    if (fd_ < 0 || address.sll_ifindex == 0 ||
        bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail(name);
    }
    const int one = 1;
    if (setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) != 0) fail(name);
  }
  ~Port() { close(fd_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  Frame receive() const {
    Frame frame(2048);
    const auto length = recv(fd_, frame.data(), frame.size(), 0);
    frame.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return frame;
  }
  void send(const Frame& frame) const {
    if (::send(fd_, frame.data(), frame.size(), 0) < 0 && errno != ENOBUFS) fail("send");
  }

 private:
  int fd_;
};

unsigned get16(const Frame& frame, std::size_t at) {
  return frame[at] << 8 | frame[at + 1];
}

void put16(Frame& frame, std::size_t at, unsigned value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value);
}

bool is_datagram(const Frame& frame, unsigned port) {
  return frame.size() > payload_at + 48 && get16(frame, 12) == ETH_P_IP && frame[ip_at] == 0x45 &&
         frame[ip_at + 9] == IPPROTO_UDP && get16(frame, udp_at + 2) == port;
}

// The UDP checksum anew (RFC 768), with the pseudo-header's parts.
void fix_checksum(Frame& frame) {
  const std::size_t length = get16(frame, udp_at + 4);
  std::uint32_t sum = IPPROTO_UDP + static_cast<std::uint32_t>(length);
  put16(frame, udp_at + 6, 0);
  for (std::size_t at = ip_at + 12; at < ip_at + 20; at += 2)
    sum += get16(frame, at);
  for (std::size_t i = 0; i < length; i += 2) {
    sum += i + 1 < length ? get16(frame, udp_at + i) : frame[udp_at + i] << 8U;
  }
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  put16(frame, udp_at + 6, sum == 0xffff ? sum : ~sum & 0xffff);
}

Frame reflected(Frame frame) {
  std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
  std::swap_ranges(frame.begin() + ip_at + 12, frame.begin() + ip_at + 16,
                   frame.begin() + ip_at + 16);
  return frame;
}

struct Count {
  unsigned long originals = 0, spoilt = 0, replays = 0, reflections = 0;
};

class Attacker {
 public:
  explicit Attacker(unsigned port) : port_(port) {}

  void pass(const Port& from, const Port& to) {
    auto frame = from.receive();
    if (!is_datagram(frame, port_)) {
      if (!frame.empty()) to.send(frame);
      return;
    }
    auto spoilt = frame;
    spoilt.back() ^= 1;
    fix_checksum(spoilt);
    to.send(spoilt);
    to.send(frame);
    from.send(reflected(frame));
    count_.spoilt++;
    count_.originals++;
    count_.reflections++;
    auto& old = &from < &to ? there_ : back_;
    old.push_back(frame);
    if (old.size() > kept) {
      to.send(old.front());
      old.pop_front();
      count_.replays++;
    }
  }

  [[nodiscard]] const Count& count() const { return count_; }

 private:
  unsigned port_;
  Count count_;
  std::deque<Frame> there_, back_;
};

Count bridge(const std::string& left_name, const std::string& right_name, unsigned port) {
  const std::array<Port, 2> ports{Port(left_name), Port(right_name)};
  Attacker attacker(port);
  std::array<pollfd, 2> polled{};
  for (std::size_t i = 0; i < polled.size(); i++)
    polled[i] = {ports[i].fd(), POLLIN, 0};
  while (stopped == 0) {
    if (poll(polled.data(), polled.size(), 200) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = 0; i < polled.size(); i++) {
      if ((polled[i].revents & POLLIN) != 0) attacker.pass(ports[i], ports[1 - i]);
    }
  }
  return attacker.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: plait-ahead LEFT RIGHT PORT\n", stderr);
    return 2;
  }
  std::signal(SIGTERM, [](int) { stopped = 1; });
  try {
    const auto count = bridge(argv[1], argv[2], static_cast<unsigned>(std::stoul(argv[3])));
    std::printf("originals %lu spoilt %lu replays %lu reflections %lu\n", count.originals,
                count.spoilt, count.replays, count.reflections);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait-ahead: %s\n", error.what());
    return 1;
  }
  return 0;
}

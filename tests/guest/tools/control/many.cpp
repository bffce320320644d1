// SPDX-License-Identifier: GPL-2.0
// plait-many: a great many tunnels between the namespaces a and b of topology.sh, all on one
// UDP port of each, made, used and deleted by one process.
#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <plait.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "requests.hpp"

namespace {

using control::Octets;
using Clock = std::chrono::steady_clock;

constexpr const char* kUsage =
    R"(plait-many make FIRST COUNT       devices mFIRST... in a and b, with keys, addresses, up;
                                  of link group 1000
plait-many echo FIRST COUNT TIMES SIZE
                                  echo requests from a through each, all answered; one after
                                  another if COUNT is 1, else TIMES at once in each
plait-many delete COUNT           the whole group; COUNT is how many of it each has
Each prints how long it took. b has 192.0.2.2 and 192.0.2.101 to 110.
)";
constexpr std::uint16_t kPort = 51900;
constexpr unsigned kRemotes = 10;
constexpr std::uint32_t kGroup = 1000;

struct Side {
  const char* netns;
  unsigned number;  // 1 is a, 2 is b
};
constexpr Side kSides[] = {{"a", 1}, {"b", 2}};

std::string name_of(unsigned tunnel) {
  return "m" + std::to_string(tunnel);
}

/// Inner address: a /30 for each tunnel.
Octets inner(unsigned tunnel, unsigned side) {
  return {10, static_cast<std::uint8_t>(100 + (tunnel >> 14)),
          static_cast<std::uint8_t>(tunnel >> 6),
          static_cast<std::uint8_t>(((tunnel & 63) << 2) + side)};
}

/// Outer address: a has one, b several, by turns.
Octets outer(unsigned tunnel, unsigned side) {
  return control::address("192.0.2." + std::to_string(side == 1 ? 1 : 101 + tunnel % kRemotes));
}

void must(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

void say_time(const char* what, unsigned count, Clock::time_point start) {
  const std::chrono::duration<double, std::micro> time = Clock::now() - start;
  std::printf("%s %u: %.0f us, %.1f us each\n", what, count, time.count(), time.count() / count);
}

class Sockets {
 public:
  explicit Sockets(const Side& side)
      : route_(control::netns(side.netns).get(), NETLINK_ROUTE),
        generic_(control::netns(side.netns).get(), NETLINK_GENERIC),
        plait_(control::find_family(generic_, PLAIT_FAMILY_NAME).id) {}

  void ask(control::Request request, const std::string& what) { must(route_.ask(request), what); }
  void ask_plait(control::Request request, const std::string& what) {
    must(generic_.ask(request), what);
  }
  std::uint32_t index_of(const std::string& name) { return control::index_of(route_, name); }
  [[nodiscard]] const control::Plait& plait() const { return plait_; }

 private:
  control::Socket route_, generic_;
  control::Plait plait_;
};

/// The key of a direction: what the sender's number and the tunnel's make.
control::Key key(unsigned tunnel, unsigned sender) {
  std::mt19937 numbers(tunnel * 2 + sender);
  control::Key key{};
  for (std::uint8_t& octet : key) {
    octet = static_cast<std::uint8_t>(numbers());
  }
  return key;
}

void make(Sockets& sockets, const Side& side, unsigned tunnel) {
  const std::string name = name_of(tunnel);
  const unsigned other = 3 - side.number;
  sockets.ask(control::link_new({.name = name, .group = kGroup, .lanes = 1},
                                {.remote = outer(tunnel, other), .port = kPort}),
              "making " + name);
  const std::uint32_t index = sockets.index_of(name);
  sockets.ask_plait(sockets.plait().key_new(index, {.local_index = tunnel * 2 + side.number,
                                                    .remote_index = tunnel * 2 + other,
                                                    .tx = key(tunnel, side.number),
                                                    .rx = key(tunnel, other)}),
                    "key of " + name);
  sockets.ask(control::address_new(index, inner(tunnel, side.number), 30), "address of " + name);
  sockets.ask(control::link_up(name, true), "setting up " + name);
}

void make_all(unsigned first, unsigned count) {
  const auto start = Clock::now();
  for (const Side& side : kSides) {
    Sockets sockets(side);
    for (unsigned i = first; i < first + count; i++) {
      make(sockets, side, i);
    }
  }
  say_time("made, devices", 2 * count, start);
}

void delete_all(unsigned count) {
  const auto start = Clock::now();
  for (const Side& side : kSides) {
    Sockets(side).ask(control::link_delete_group(kGroup), "deleting the group");
  }
  say_time("deleted, devices", 2 * count, start);
}

std::uint16_t checksum(const Octets& octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2) {
    sum += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
  }
  sum = (sum >> 16) + (sum & 0xffff);
  return htons(static_cast<std::uint16_t>(~(sum + (sum >> 16))));
}

class Echo {
 public:
  Echo(unsigned first, unsigned count, std::size_t size) : first_(first), answered_(count) {
    control::inside(control::netns("a").get(),
                    [this] { fd_ = control::Fd(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); });
    const int room = 64 << 20;
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    icmphdr header{};
    header.type = ICMP_ECHO;
    packet_.resize(sizeof header + (size & ~1U), 0x5a);
    std::memcpy(packet_.data(), &header, sizeof header);
    header.checksum = checksum(packet_);
    std::memcpy(packet_.data(), &header, sizeof header);
  }

  void send(unsigned tunnel) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, inner(tunnel, 2).data(), 4);
    if (sendto(fd_.get(), packet_.data(), packet_.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to) < 0) {
      must(errno, "echo request through " + name_of(tunnel));
    }
    outstanding_++;
  }

  /// Takes replies until all are there, or none came for a long time.
  void collect() {
    Octets reply(2048);
    while (outstanding_ > 0) {
      pollfd waiting{fd_.get(), POLLIN, 0};
      if (poll(&waiting, 1, 20000) == 0) {
        throw std::runtime_error(std::to_string(outstanding_) + " echo requests not answered");
      }
      const ssize_t size = recv(fd_.get(), reply.data(), reply.size(), 0);
      if (size < 28 || reply[20] != ICMP_ECHOREPLY) continue;
      const unsigned tunnel = static_cast<unsigned>(reply[13] - 100) << 14 |
                              static_cast<unsigned>(reply[14]) << 6 | reply[15] >> 2;
      answered_.at(tunnel - first_)++;
      outstanding_--;
    }
  }

  [[nodiscard]] const std::vector<unsigned>& answered() const { return answered_; }

 private:
  unsigned first_;
  std::vector<unsigned> answered_;
  control::Fd fd_;
  Octets packet_{};
  std::size_t outstanding_ = 0;
};

void echo_all(unsigned first, unsigned count, unsigned times, std::size_t size) {
  Echo echo(first, count, size);
  if (count == 1) {
    echo.send(first);  // routes and neighbours are found
    echo.collect();
  }
  const auto start = Clock::now();
  for (unsigned tunnel = first; tunnel < first + count; tunnel++) {
    for (unsigned i = 0; i < times; i++) {
      echo.send(tunnel);
      if (count == 1) echo.collect();
    }
    echo.collect();
  }
  say_time("answered, echo requests", count * times, start);
  for (const unsigned answered : echo.answered()) {
    if (answered < times) throw std::runtime_error("a tunnel lacks answers");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  try {
    const auto number = [&args](std::size_t i) {
      return static_cast<unsigned>(std::stoul(args[i]));
    };
    if (args.size() == 3 && args[0] == "make") {
      make_all(number(1), number(2));
    } else if (args.size() == 2 && args[0] == "delete") {
      delete_all(number(1));
    } else if (args.size() == 5 && args[0] == "echo") {
      echo_all(number(1), number(2), number(3), number(4));
    } else {
      std::fputs(kUsage, stderr);
      return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait-many: %s\n", error.what());
  }
  return EXIT_FAILURE;
}

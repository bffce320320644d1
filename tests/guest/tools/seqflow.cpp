// SPDX-License-Identifier: GPL-2.0
// seqflow: UDP flows whose order and contents are checked by the receiver.
//
//   seqflow send ADDRESS PORT FLOWS COUNT SIZE PACKETS_PER_SECOND [gso N] [from PORT]
//   seqflow receive PORT FLOWS COUNT lossless|lossy|any|whole
//
// Each flow has its own socket (with "from", bound to PORT, PORT + 1...) and numbers
// its packets 0, 1, 2...; each packet's tail is a pattern made of flow and number. With
// "gso N" a sender hands N packets at once to UDP_SEGMENT, so that super-packets take
// the same road. A sender that gets SIGTERM ends sooner, and says as ever how many it
// sent. The receiver ends when all have come, or 3 s (PLAIT_SLOWNESS times that) after
// the last one, prints one line, and fails if a flow's order or a packet's contents is
// wrong, or too few came: lossless asks for all, lossy for a tenth, any for none, whole
// for none and in no order.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Header {
  std::uint32_t flow;
  std::uint32_t number;
  std::uint32_t size;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

unsigned char pattern(const Header& header, std::size_t offset) {
  return static_cast<unsigned char>(header.flow * 131 + header.number * 31 + offset * 7);
}

void fill(std::vector<unsigned char>& buffer, std::size_t at, const Header& header) {
  std::memcpy(&buffer[at], &header, sizeof header);
  for (std::size_t i = sizeof header; i < header.size; i++) {
    buffer[at + i] = pattern(header, i);
  }
}

// from: the port to send from, or 0.
int connected_socket(const std::string& address, const std::string& port, std::size_t from) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0) {
    throw std::runtime_error("not an address and port: " + address + " " + port);
  }
  const int fd = socket(found->ai_family, SOCK_DGRAM, 0);
  sockaddr_in6 own{};  // the port stands where IPv4 has it
  own.sin6_family = static_cast<sa_family_t>(found->ai_family);
  own.sin6_port = htons(static_cast<std::uint16_t>(from));
  if (from && bind(fd, reinterpret_cast<sockaddr*>(&own), found->ai_addrlen) < 0) {
    fail("bind to port " + std::to_string(from));
  }
  if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
    fail("connect to " + address);
  }
  freeaddrinfo(found);
  return fd;
}

void send_all(int fd, const std::vector<unsigned char>& buffer) {
  while (send(fd, buffer.data(), buffer.size(), 0) < 0) {
    if (errno != ENOBUFS && errno != EAGAIN) {
      fail("send");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// The number behind a word among the options, or what it is without.
std::size_t option(const std::vector<std::string>& args, const std::string& word,
                   std::size_t otherwise) {
  const auto at = std::find(args.begin() + 7, args.end(), word);
  return at == args.end() ? otherwise : std::stoul(args.at(at - args.begin() + 1));
}

volatile std::sig_atomic_t told_to_end = 0;

void run_send(const std::vector<std::string>& args) {
  const std::size_t flows = std::stoul(args.at(3));
  const std::size_t count = std::stoul(args.at(4));
  const std::size_t size = std::stoul(args.at(5));
  const double rate = std::stod(args.at(6));
  const std::size_t burst = option(args, "gso", 1);
  const std::size_t from = option(args, "from", 0);
  if (size < sizeof(Header) || burst * size > 65000) {
    throw std::runtime_error("SIZE must be at least 12, and SIZE times N at most 65000");
  }

  std::vector<int> sockets;
  for (std::size_t flow = 0; flow < flows; flow++) {
    sockets.push_back(connected_socket(args.at(1), args.at(2), from ? from + flow : 0));
    const int segment = static_cast<int>(size);
    if (burst > 1 &&
        setsockopt(sockets.back(), SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) < 0) {
      fail("UDP_SEGMENT");
    }
  }

  if (std::signal(SIGTERM, [](int) { told_to_end = 1; }) == SIG_ERR) {
    fail("signal");
  }
  const auto start = Clock::now();
  std::size_t sent = 0;
  for (std::size_t first = 0; first < count && !told_to_end; first += burst) {
    const std::size_t packets = std::min(burst, count - first);
    for (std::size_t flow = 0; flow < flows; flow++) {
      std::vector<unsigned char> buffer(packets * size);
      for (std::size_t i = 0; i < packets; i++) {
        fill(buffer, i * size,
             {static_cast<std::uint32_t>(flow), static_cast<std::uint32_t>(first + i),
              static_cast<std::uint32_t>(size)});
      }
      send_all(sockets[flow], buffer);
      sent += packets;
      std::this_thread::sleep_until(
          start + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(sent) / rate)));
    }
  }
  std::printf("sent %zu packets of %zu bytes in %zu flows\n", sent, size, flows);
}

struct Tally {
  std::size_t received = 0, disordered = 0, spoilt = 0;
};

// What one packet does to the tally. next: the lowest number still due, by flow.
void take(const unsigned char* data, std::size_t length, std::vector<std::uint32_t>& next,
          Tally& tally) {
  Header header{};
  if (length < sizeof header) {
    tally.spoilt++;
    return;
  }
  std::memcpy(&header, data, sizeof header);
  bool good = header.size == length && header.flow < next.size();
  for (std::size_t i = sizeof header; good && i < length; i++) {
    good = data[i] == pattern(header, i);
  }
  if (!good) {
    tally.spoilt++;
    return;
  }
  tally.received++;
  if (header.number < next[header.flow]) {
    if (tally.disordered++ < 5) {
      std::printf("flow %u: %u came after %u\n", header.flow, header.number, next[header.flow] - 1);
    }
    return;
  }
  next[header.flow] = header.number + 1;
}

// How many times slower than others this kernel is, as boot.sh says.
int slowness() {
  const char* times = std::getenv("PLAIT_SLOWNESS");
  return times ? std::max(std::atoi(times), 1) : 1;
}

int run_receive(const std::vector<std::string>& args) {
  const std::size_t flows = std::stoul(args.at(2));
  const std::size_t wanted = flows * std::stoul(args.at(3));
  const std::string& demand = args.at(4);
  const std::size_t least = demand == "lossless" ? wanted : demand == "lossy" ? wanted / 10 : 0;

  const int fd = socket(AF_INET6, SOCK_DGRAM, 0);  // takes IPv4 too
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(static_cast<std::uint16_t>(std::stoul(args.at(1))));
  const int room = 16 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) < 0) {
    fail("bind");
  }

  std::vector<std::uint32_t> next(flows, 0);
  std::vector<unsigned char> buffer(1 << 16);
  Tally tally;
  while (tally.received < wanted) {
    pollfd waiting{fd, POLLIN, 0};
    const int patience_ms = slowness() * (tally.received ? 3000 : 20000);
    if (poll(&waiting, 1, patience_ms) == 0) {
      break;
    }
    const ssize_t length = recv(fd, buffer.data(), buffer.size(), 0);
    if (length < 0) {
      fail("recv");
    }
    take(buffer.data(), static_cast<std::size_t>(length), next, tally);
  }
  std::printf("received %zu of %zu, %zu out of order, %zu spoilt\n", tally.received, wanted,
              tally.disordered, tally.spoilt);
  const bool ordered = !tally.disordered || demand == "whole";
  return tally.received >= least && ordered && !tally.spoilt ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  try {
    if (args.size() >= 7 && args[0] == "send") {
      run_send(args);
      return EXIT_SUCCESS;
    }
    if (args.size() == 5 && args[0] == "receive") {
      return run_receive(args);
    }
    std::fputs(
        "usage: seqflow send ADDRESS PORT FLOWS COUNT SIZE PACKETS_PER_SECOND [gso N]\n"
        "               [from PORT]\n"
        "       seqflow receive PORT FLOWS COUNT lossless|lossy|any|whole\n",
        stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seqflow: %s\n", error.what());
  }
  return EXIT_FAILURE;
}

// SPDX-License-Identifier: GPL-2.0
// Request and response: one packet is under way at a time, and nothing else to do. One process
// has both ends, so that a switch between processes is the tunnel's doing.
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "sockets.hpp"
#include "verbs.hpp"

namespace gauge {

namespace {

constexpr std::uint64_t kWarm = 50;
constexpr int kPatienceSeconds = 2;

struct Ends {
  Socket client, server;
};

Ends udp_ends(const Path& path) {
  Socket server(path.to_ns, SOCK_DGRAM);
  server.bind(address_of(path.address));
  Socket client(path.from_ns, SOCK_DGRAM);
  client.connect(address_of(path.address));
  server.connect(client.local_address());
  return {std::move(client), std::move(server)};
}

Ends tcp_ends(const Path& path) {
  const Socket listener(path.to_ns, SOCK_STREAM);
  listener.set(SOL_SOCKET, SO_REUSEADDR, 1);
  listener.bind(address_of(path.address));
  listener.listen(1);
  Socket client(path.from_ns, SOCK_STREAM);
  client.connect(address_of(path.address));
  Ends ends{std::move(client), listener.accept()};
  ends.client.set(IPPROTO_TCP, TCP_NODELAY, 1);
  ends.server.set(IPPROTO_TCP, TCP_NODELAY, 1);
  return ends;
}

void pass(const Socket& from, const Socket& to) {
  char octet = 'p';
  if (write(from.fd(), &octet, 1) != 1) die("write");
  if (read(to.fd(), &octet, 1) != 1) die("an octet was lost");
}

}  // namespace

void round_trips(const Path& path, const std::string& protocol, std::uint64_t count,
                 const Sampling& sampling) {
  Stretch stretch(sampling);
  const Ends ends = protocol == "udp" ? udp_ends(path) : tcp_ends(path);
  ends.client.give_up_after(kPatienceSeconds);
  ends.server.give_up_after(kPatienceSeconds);
  const auto run = [&ends](std::uint64_t trips) {
    for (; trips > 0; trips--) {
      pass(ends.client, ends.server);
      pass(ends.server, ends.client);
    }
  };
  run(kWarm);
  stretch.begin();
  run(count);
  stretch.end();
  stretch.report("trips=" + std::to_string(count));
}

}  // namespace gauge

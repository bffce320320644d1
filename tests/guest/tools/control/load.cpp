// SPDX-License-Identifier: GPL-2.0
// Senders and readers. Devices and namespaces go while they are at work, so errors are
// nothing to them: they try something else.
#include "load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <plait.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

namespace control {
namespace {

constexpr std::uint16_t kSink = 9000;

/// In a namespace, if it is there.
void attempt(const std::string& space, const std::function<void(int)>& what) {
  try {
    const Fd fd = netns(space);
    inside(fd.get(), [&] { what(fd.get()); });
  } catch (const std::exception&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// A burst of datagrams of one flow, some as super-packets.
void burst(unsigned pair, unsigned end, bool ipv6, std::mt19937_64& dice) {
  const Fd fd(socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const Octets to = inner_address(pair, 1 - end, ipv6);
  sockaddr_in6 address6{};
  sockaddr_in address4{};
  address6.sin6_family = AF_INET6;
  address4.sin_family = AF_INET;
  address6.sin6_port = address4.sin_port = htons(kSink);
  std::memcpy(ipv6 ? static_cast<void*>(&address6.sin6_addr) : &address4.sin_addr, to.data(),
              to.size());
  const auto* address = ipv6 ? reinterpret_cast<const sockaddr*>(&address6)
                             : reinterpret_cast<const sockaddr*>(&address4);
  const socklen_t length = ipv6 ? sizeof address6 : sizeof address4;

  const std::size_t size = 1 + dice() % 1300;
  const std::size_t segments = dice() % 2 == 0 ? 1 : 1 + dice() % 40;
  const int segment = static_cast<int>(size);
  setsockopt(fd.get(), SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
  const Octets octets(size * segments, 0x33);
  for (int i = 0; i < 16; i++) {
    sendto(fd.get(), octets.data(), octets.size(), 0, address, length);
  }
}

void read_whole(const char* path) {
  const Fd fd(open(path, O_RDONLY | O_CLOEXEC));
  char buffer[4096];
  while (fd.get() >= 0 && read(fd.get(), buffer, sizeof buffer) > 0) {
  }
}

/// What `ethtool -S`, `-l` and `-i` ask.
void read_ethtool(int fd, const char* name) {
  const auto ask = [&](void* data) {
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    request.ifr_data = static_cast<char*>(data);
    return ioctl(fd, SIOCETHTOOL, &request) == 0;
  };
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (!ask(&info) || !ask(&channels)) return;
  std::vector<std::uint64_t> room(sizeof(ethtool_stats) / 8 + info.n_stats);
  auto* stats = reinterpret_cast<ethtool_stats*>(room.data());
  stats->cmd = ETHTOOL_GSTATS;
  stats->n_stats = info.n_stats;
  ask(stats);
}

void read_space(int netns) {
  Socket route(netns, NETLINK_ROUTE);
  Request links = links_dump();
  route.ask(links);

  Socket generic(netns, NETLINK_GENERIC), deaf(netns, NETLINK_GENERIC);
  const Family family = find_family(generic, PLAIT_FAMILY_NAME);
  if (family.id != 0) {
    for (const std::uint32_t group : family.groups) {
      deaf.join(group);
    }
    for (const std::uint8_t command :
         {PLAIT_CMD_DEVICE_GET, PLAIT_CMD_STRAND_GET, PLAIT_CMD_KEY_GET, PLAIT_CMD_PREFIX_GET}) {
      Request dump = Plait(family.id).dump(command);
      generic.ask(dump);
    }
  }

  struct if_nameindex* names = if_nameindex();
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const struct if_nameindex* at = names; at != nullptr && at->if_index != 0; at++) {
    read_ethtool(fd.get(), at->if_name);
  }
  if_freenameindex(names);
  for (const char* path : {"/proc/thread-self/net/dev", "/proc/thread-self/net/udp",
                           "/proc/thread-self/net/udp6", "/proc/thread-self/net/snmp"}) {
    read_whole(path);
  }
}

}  // namespace

void run_senders(const World& world, std::uint64_t seed, std::atomic<bool>& stop,
                 std::atomic<std::uint64_t>& progress) {
  std::mt19937_64 dice(seed);
  while (!stop) {
    const auto pair = static_cast<unsigned>(dice() % kPairs);
    const auto end = static_cast<unsigned>(dice() % 2);
    attempt(kSpaceNames[world.place(pair, end)],
            [&](int) { burst(pair, end, dice() % 2 == 0, dice); });
    progress++;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void run_receiver(const char* space, std::atomic<bool>& stop,
                  std::atomic<std::uint64_t>& received) {
  inside(netns(space).get(), [&] {
    const Fd fd(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));  // takes IPv4 too
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(kSink);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) {
      throw std::runtime_error("cannot receive");
    }
    char buffer[2048];
    while (!stop) {
      pollfd waiting{fd.get(), POLLIN, 0};
      if (poll(&waiting, 1, 100) > 0 && recv(fd.get(), buffer, sizeof buffer, 0) >= 0) received++;
    }
  });
}

void run_readers(std::atomic<bool>& stop, std::atomic<std::uint64_t>& progress) {
  for (unsigned i = 0; !stop; i++) {
    attempt(kSpaceNames[i % kSpaces], read_space);
    progress++;
  }
}

}  // namespace control

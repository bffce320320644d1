// SPDX-License-Identifier: GPL-2.0
// The kinds of steps. What a step asks for may be refused: the device may have gone with a
// namespace or the module, and that is as it should be.
#include "world.hpp"

#include <fcntl.h>
#include <linux/if.h>
#include <plait.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace control {
namespace {

constexpr std::uint16_t kPort = 51900;

void must(int result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

std::string file_of(unsigned space) {
  return std::string("/run/netns/") + kSpaceNames[space];
}

}  // namespace

Octets inner_address(unsigned pair, unsigned end, bool ipv6) {
  const std::string p = std::to_string(pair), e = std::to_string(end + 1);
  return address(ipv6 ? "fd07:" + p + "::" + e : "10.7." + p + "." + e);
}

const std::vector<World::Kind> World::kKinds{
    {"make a pair", 8, &World::make_pair},
    {"make elsewhere", 4, &World::make_elsewhere},
    {"remove", 6, &World::remove},
    {"heal", 14, &World::heal},
    {"rekey", 12, &World::rekey},
    {"change a key", 8, &World::change_key},
    {"change a strand", 8, &World::change_strand},
    {"a strand goes", 4, &World::strand_goes},
    {"prefixes", 6, &World::prefixes},
    {"settings", 8, &World::settings},
    {"up or down", 5, &World::up_or_down},
    {"move", 6, &World::move},
    {"a room comes", 3, &World::room_comes},
    {"a room goes", 2, &World::room_goes},
    {"underlay blinks", 3, &World::underlay_blinks},
    {"underlay address", 3, &World::underlay_address},
    {"a program", 3, &World::program},
};

World::World(std::uint64_t seed, std::function<void(const std::string&)> run)
    : dice_(seed), run_(std::move(run)) {}

std::string World::name(Place p) {
  return "t" + std::to_string(p.pair) + (p.end == 0 ? "x" : "y");
}

/// Where an end is made, so where its sockets are.
unsigned World::home(Place p) {
  if (p.end == 0) return 0;
  return p.pair < 4 ? 1 : p.pair - 2;
}

Octets World::outer(Place p, bool ipv6) const {
  const std::string e = std::to_string(p.end + 1);
  if (p.pair < 4) return address(ipv6 ? "2001:db8:1::" + e : "192.0.2." + e);
  const std::string room = std::to_string(p.pair - 4);
  return address(ipv6 ? "2001:db8:5" + room + "::" + e : "198.51." + room + "." + e);
}

Key World::fresh_key() {
  Key key{};
  for (std::uint8_t& octet : key) {
    octet = static_cast<std::uint8_t>(dice_());
  }
  return key;
}

Prefix World::some_prefix() {
  const bool ipv6 = one_in(2);
  Prefix prefix{.address = Octets(ipv6 ? 16 : 4), .length = below(ipv6 ? 129 : 33)};
  for (std::uint32_t bit = 0; bit < prefix.length; bit++) {
    if (one_in(2)) prefix.address[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  return prefix;
}

Device World::some_device(Place p) {
  constexpr std::array<std::uint32_t, 4> kLanes{1, 1, 2, 4};
  End& end = pairs_[p.pair].end[p.end];
  end.lanes = one_in(8) ? 1 + below(16) : kLanes[below(kLanes.size())];
  Device device{.name = name(p), .lanes = end.lanes};
  if (one_in(3)) device.window = 64U << below(8);
  if (one_in(3))
    device.dscp = static_cast<std::uint8_t>(one_in(2) ? PLAIT_DSCP_INHERIT : below(64));
  return device;
}

// --- asking ------------------------------------------------------------------------

int World::answer(int error) {
  answers_[error]++;
  progress_++;
  return error;
}

int World::ask(unsigned space, Request request) {
  if (!exists_[space]) return answer(ENONET);
  Socket socket(netns(kSpaceNames[space]).get(), NETLINK_ROUTE);
  return answer(socket.ask(request));
}

int World::ask_plait(unsigned space, const std::function<Request(const Plait&)>& make) {
  if (!exists_[space]) return answer(ENONET);
  Socket socket(netns(kSpaceNames[space]).get(), NETLINK_GENERIC);
  const std::uint16_t family = find_family(socket, PLAIT_FAMILY_NAME).id;
  if (family == 0) return answer(ENOENT);
  Request request = make(Plait(family));
  return answer(socket.ask(request));
}

std::uint32_t World::index_of(unsigned space, const std::string& name) {
  if (!exists_[space]) return 0;
  Socket socket(netns(kSpaceNames[space]).get(), NETLINK_ROUTE);
  return control::index_of(socket, name);
}

int World::ask_about(Place p, const std::function<Request(const Plait&, std::uint32_t)>& make) {
  const unsigned space = place(p.pair, p.end);
  const std::uint32_t index = index_of(space, name(p));
  if (index == 0) return answer(ENODEV);
  return ask_plait(space, [&](const Plait& plait) { return make(plait, index); });
}

// --- devices -----------------------------------------------------------------------

void World::make(Place p) {
  const bool ipv6 = pairs_[p.pair].ipv6;
  const Place other{p.pair, 1 - p.end};
  const unsigned space = home(p);
  const Device device = some_device(p);
  Strand strand{.remote = outer(other, ipv6),
                .port = static_cast<std::uint16_t>(kPort + p.pair / 2)};
  if (one_in(2)) strand.local = outer(p, ipv6);
  if (one_in(4)) strand.fwmark = below(3);
  if (one_in(4)) strand.fragment = 1;
  if (one_in(2)) {
    ask(space, link_new(device, strand));
  } else {
    ask_plait(space, [&](const Plait& plait) { return plait.device_new(device); });
    const std::uint32_t index = index_of(space, device.name);
    ask_plait(space, [&](const Plait& plait) { return plait.strand_new(index, strand); });
  }
  at_[p.pair][p.end] = space;
}

/// Addresses, and up.
void World::settle(Place p) {
  const unsigned space = place(p.pair, p.end);
  const std::uint32_t index = index_of(space, name(p));
  if (index == 0) return;
  ask(space, address_new(index, inner_address(p.pair, p.end, false), 24));
  ask(space, address_new(index, inner_address(p.pair, p.end, true), 64));
  ask(space, link_up(name(p), true));
}

void World::make_pair() {
  const unsigned pair = below(kPairs);
  pairs_[pair].ipv6 = one_in(2);
  for (unsigned end = 0; end < 2; end++) {
    make({pair, end});
    settle({pair, end});
  }
}

/// Made for another namespace at once.
void World::make_elsewhere() {
  const Place p = any();
  const unsigned space = below(kSpaces);
  if (!exists_[space]) return;
  const Strand strand{.remote = outer({p.pair, 1 - p.end}, false), .port = kPort + 100};
  if (ask(home(p), link_new(some_device(p), strand, netns(kSpaceNames[space]).get())) == 0) {
    at_[p.pair][p.end] = space;
    settle(p);
  }
}

void World::remove() {
  const Place p = any();
  if (one_in(2)) {
    ask(place(p.pair, p.end), link_delete(name(p)));
  } else {
    ask_plait(place(p.pair, p.end),
              [&](const Plait& plait) { return plait.device_delete(name(p)); });
  }
}

/// Whatever was done to a pair, it works again.
void World::heal_pair(unsigned pair) {
  Pair& x = pairs_[pair];
  for (unsigned end = 0; end < 2; end++) {
    const Place p{pair, end};
    if (index_of(place(pair, end), name(p)) == 0) make(p);
    const Strand strand{.remote = outer({pair, 1 - end}, x.ipv6),
                        .port = static_cast<std::uint16_t>(kPort + pair / 2),
                        .remote_port = static_cast<std::uint16_t>(kPort + pair / 2),
                        .link = 0,
                        .fwmark = 0};
    if (ask_about(p, [&](const Plait& plait, std::uint32_t index) {
          return plait.strand_set(index, strand);
        }) == ENOENT) {
      ask_about(p, [&](const Plait& plait, std::uint32_t index) {
        return plait.strand_new(index, strand);
      });
    }
    ask_about(p, [&](const Plait& plait, std::uint32_t index) {
      return plait.prefix_set(index, {{Octets(4), 0}, {Octets(16), 0}});
    });
    settle(p);
  }
  x.session = 0;
  rekey_pair(pair);
}

void World::heal() {
  heal_pair(below(kPairs));
}

// --- keys --------------------------------------------------------------------------

/// The next epoch for both ends of a pair, or a new session.
void World::rekey_pair(unsigned pair) {
  Pair& x = pairs_[pair];
  if (x.session == 0 || one_in(3)) {
    x.session = ++last_session_;
    x.epoch = one_in(4) ? 0xffff : below(4);
    x.end[0].local_index = static_cast<std::uint32_t>(dice_());
    x.end[1].local_index = static_cast<std::uint32_t>(dice_());
  } else {
    x.epoch = (x.epoch + 1) & 0xffff;
  }
  const Key keys[2] = {fresh_key(), fresh_key()};
  const std::uint32_t cipher = 1 + below(2);
  for (unsigned end = 0; end < 2; end++) {
    NewKey key{.session = x.session,
               .epoch = x.epoch,
               .local_index = x.end[end].local_index,
               .remote_index = x.end[1 - end].local_index,
               .tx = keys[end],
               .rx = keys[1 - end],
               .cipher = cipher,
               .peer_lanes = x.end[1 - end].lanes};
    if (one_in(4)) key.active = static_cast<std::uint8_t>(below(3));
    if (one_in(6)) key.hard = 1 + below(2000);
    if (one_in(6)) key.soft = 1 + below(500);
    ask_about({pair, end},
              [&](const Plait& plait, std::uint32_t index) { return plait.key_new(index, key); });
  }
}

void World::rekey() {
  rekey_pair(below(kPairs));
}

void World::change_key() {
  const Place p = any();
  const Pair& x = pairs_[p.pair];
  const std::uint32_t epoch = (x.epoch - below(2)) & 0xffff;
  ask_about(p, [&](const Plait& plait, std::uint32_t index) {
    switch (below(4)) {
      case 0:
        return plait.key_delete(index, x.session, epoch);
      case 1:
        return plait.key_set(index, x.session, epoch, {}, 1 + below(500), 500 + below(10000));
      default:
        return plait.key_set(index, x.session, epoch, PLAIT_KEY_ACTIVE);
    }
  });
}

// --- strands and settings ------------------------------------------------------------

void World::change_strand() {
  const Place p = any();
  Pair& x = pairs_[p.pair];
  Strand strand;
  switch (below(6)) {
    case 0:
      x.ipv6 = !x.ipv6;
      strand.remote = outer({p.pair, 1 - p.end}, x.ipv6);
      break;
    case 1:
      strand.remote = address("192.0.2.99");
      break;
    case 2:
      strand.link = one_in(2) ? 0 : index_of(home(p), "eth0");
      break;
    case 3:
      strand.port = static_cast<std::uint16_t>(kPort + below(4));
      break;
    case 4:
      strand.fragment = static_cast<std::uint8_t>(below(2));
      strand.fwmark = below(3);
      break;
    default:
      strand.local = one_in(2) ? outer(p, x.ipv6) : Octets(x.ipv6 ? 16 : 4);
      break;
  }
  if (one_in(3)) {
    ask(place(p.pair, p.end), link_change({.name = name(p)}, strand));
  } else {
    ask_about(p, [&](const Plait& plait, std::uint32_t index) {
      return plait.strand_set(index, strand);
    });
  }
}

void World::strand_goes() {
  ask_about(any(),
            [](const Plait& plait, std::uint32_t index) { return plait.strand_delete(index); });
}

void World::prefixes() {
  const Place p = any();
  ask_about(p, [&](const Plait& plait, std::uint32_t index) {
    switch (below(4)) {
      case 0:
        return plait.prefix_new(index, some_prefix());
      case 1:
        return plait.prefix_delete(index, {Octets(one_in(2) ? 4 : 16), 0});
      default: {
        // Most of the lists let the traffic through.
        std::vector<Prefix> list(one_in(8) ? below(1000) : below(4));
        std::generate(list.begin(), list.end(), [this] { return some_prefix(); });
        if (!one_in(4)) list.push_back({Octets(4), 0});
        if (!one_in(4)) list.push_back({Octets(16), 0});
        return plait.prefix_set(index, list);
      }
    }
  });
}

void World::settings() {
  const Place p = any();
  const unsigned space = place(p.pair, p.end);
  switch (below(4)) {
    case 0:
      ask(space, link_mtu(name(p), one_in(4) ? 68 + below(30000) : 1280 + below(200)));
      break;
    case 1:
      ask_plait(space, [&](const Plait& plait) {
        return plait.device_set(
            {.name = name(p), .mtu_fixed = static_cast<std::uint8_t>(below(2))});
      });
      break;
    case 2:
      ask_plait(space, [&](const Plait& plait) {
        return plait.device_set({.name = name(p), .window = 64U << below(13)});
      });
      break;
    default:
      ask(space, link_change({.name = name(p), .dscp = static_cast<std::uint8_t>(below(64))}, {}));
      break;
  }
}

void World::up_or_down() {
  const Place p = any();
  ask(place(p.pair, p.end), link_up(name(p), one_in(3)));
  if (one_in(2)) settle(p);
}

// --- places ------------------------------------------------------------------------

void World::move() {
  const Place p = any();
  const unsigned space = one_in(3) ? home(p) : below(kSpaces);
  if (!exists_[space]) return;
  if (ask(place(p.pair, p.end), link_move(name(p), netns(kSpaceNames[space]).get())) == 0) {
    at_[p.pair][p.end] = space;
    settle(p);
  }
}

/// As `ip netns add`, and a wire to a for the first two.
void World::make_room(unsigned space) {
  const std::string file = file_of(space);
  std::exception_ptr trouble;
  std::thread([&] {
    try {
      must(unshare(CLONE_NEWNET), "unshare");
      const Fd fd(open(file.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
      must(fd.get(), file);
      must(mount("/proc/thread-self/ns/net", file.c_str(), "none", MS_BIND, nullptr), "mount");
    } catch (...) {
      trouble = std::current_exception();
    }
  }).join();
  if (trouble) std::rethrow_exception(trouble);
  exists_[space] = true;
  ask(space, link_up("lo", true));
  if (space == 4) return;

  const unsigned pair = space + 2;
  const std::string wire = "up" + std::to_string(space - 2);
  ask(0, veth_new(wire, "eth0", netns(kSpaceNames[space]).get()));
  for (unsigned end = 0; end < 2; end++) {
    const unsigned here = end == 0 ? 0 : space;
    const std::string& link = end == 0 ? wire : "eth0";
    const std::uint32_t index = index_of(here, link);
    ask(here, link_up(link, true));
    ask(here, address_new(index, outer({pair, end}, false), 24));
    ask(here, address_new(index, outer({pair, end}, true), 64));
  }
}

void World::room_comes() {
  const unsigned space = 2 + below(3);
  if (exists_[space]) return;
  make_room(space);
  if (space == 4) return;
  for (unsigned end = 0; end < 2; end++) {
    make({space + 2, end});
    settle({space + 2, end});
  }
}

/// Devices in it go, devices made in it lose their sockets.
void World::room_goes() {
  const unsigned space = 2 + below(3);
  if (!exists_[space]) return;
  exists_[space] = false;
  must(umount2(file_of(space).c_str(), MNT_DETACH), "umount");
  must(unlink(file_of(space).c_str()), "unlink");
}

void World::underlay_blinks() {
  const unsigned space = below(2);
  if (one_in(2)) {
    ask(space, link_up("eth0", false));
    ask(space, link_up("eth0", true));
    // IPv6 addresses go with the link.
    ask(space, address_new(index_of(space, "eth0"), outer({0, space}, true), 64));
  } else {
    ask(space, link_mtu("eth0", one_in(2) ? 1500 : 1280 + below(300)));
  }
}

void World::underlay_address() {
  const unsigned space = below(2);
  const bool ipv6 = one_in(2);
  const std::uint32_t index = index_of(space, "eth0");
  ask(space, address_delete(index, outer({0, space}, ipv6), ipv6 ? 64 : 24));
  std::this_thread::sleep_for(std::chrono::milliseconds(below(20)));
  ask(space, address_new(index, outer({0, space}, ipv6), ipv6 ? 64 : 24));
}

/// What people run.
void World::program() {
  const Place p = any();
  const unsigned space = place(p.pair, p.end);
  if (!exists_[space]) return;
  const std::string device = name(p);
  const std::vector<std::string> lines{
      "ip -s -d link show " + device,
      "ethtool -S " + device,
      "ethtool -l " + device,
      "ethtool -K " + device + " tso off gro off",
      "ethtool -K " + device + " tso on gro on",
      "plaitctl stats " + device,
      "plaitctl --json key show " + device,
      "tc qdisc replace dev " + device + " root fq_codel",
      "tc qdisc replace dev " + device + " root netem loss 1% delay 1ms",
      "tc qdisc del dev " + device + " root",
      "head -c 4096 /sys/class/net/" + device + "/plait/* /sys/class/net/" + device +
          "/statistics/*",
      "echo " + std::to_string(below(2)) + " >/sys/class/net/" + device + "/threaded",
      "cat /proc/net/dev /proc/net/udp /proc/net/udp6 /proc/net/snmp",
      "ip link set " + device + " name " + device + "z; ip link set " + device + "z name " + device,
  };
  run_("ip netns exec " + std::string(kSpaceNames[space]) + " bash -c '" +
       lines[below(static_cast<std::uint32_t>(lines.size()))] + "'");
}

// --- all of it ---------------------------------------------------------------------

void World::begin() {
  for (const unsigned space : {2U, 3U}) {
    if (!exists_[space]) make_room(space);
  }
  for (unsigned pair = 0; pair < kPairs; pair++) {
    heal_pair(pair);
  }
}

const char* World::step() {
  static const std::uint32_t total = [] {
    std::uint32_t sum = 0;
    for (const Kind& kind : kKinds) {
      sum += kind.weight;
    }
    return sum;
  }();
  std::uint32_t number = below(total);
  const Kind* kind = kKinds.data();
  while (number >= kind->weight) {
    number -= kind->weight;
    kind++;
  }
  counts_[kind->name]++;
  (this->*kind->run)();
  return kind->name;
}

void World::reload(unsigned patience) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(patience);
  counts_["reload"]++;
  // A dump under way holds the module.
  while (syscall(SYS_delete_module, "plait", O_NONBLOCK) != 0) {
    if (errno != EAGAIN && errno != EBUSY) must(-1, "unloading plait");
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("plait stays loaded");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  progress_++;
  run_("modprobe plait");
  progress_++;
}

}  // namespace control

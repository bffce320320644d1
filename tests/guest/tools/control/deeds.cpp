// SPDX-License-Identifier: GPL-2.0
// The deeds, object by object; the module itself is the last, as its going ends all others.
#include "deeds.hpp"

#include <fcntl.h>
#include <plait.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace control {
namespace {

constexpr std::uint16_t kPort = 7000;
const Octets kPeer4{192, 0, 2, 2};
const Octets kPeer6 = address("2001:db8:1::2");
const Prefix kPrefix{{10, 9, 0, 0}, 16};

Strand strand4(std::uint16_t port) {
  return {.remote = kPeer4, .port = port};
}

Strand strand6(std::uint16_t port) {
  return {.remote = kPeer6, .port = port};
}

/// Each its own, so that the module does not see one again.
NewKey key(std::uint32_t session, std::uint32_t epoch, std::uint32_t cipher) {
  static std::uint8_t last = 0;
  NewKey key{.session = session,
             .epoch = epoch,
             .local_index = session << 8,
             .remote_index = 1,
             .cipher = cipher};
  key.tx.fill(++last);
  key.rx.fill(++last);
  key.tx[1] = key.rx[1] = static_cast<std::uint8_t>(session);
  key.tx[2] = key.rx[2] = static_cast<std::uint8_t>(epoch);
  return key;
}

/// Prefixes of 32 bits, all different.
std::vector<Prefix> prefixes_of(unsigned count) {
  std::vector<Prefix> list;
  for (unsigned i = 0; i < count; i++) {
    list.push_back({{10, 8, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, 32});
  }
  return list;
}

/// Where a function of the kernel begins and the next one does.
std::pair<std::string, std::string> range_of(const std::string& function) {
  std::ifstream file("/proc/kallsyms");
  std::string line, begin, next = "g";
  for (int pass = 0; pass < 2; pass++) {
    file.clear();
    file.seekg(0);
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string at, type, name;
      words >> at >> type >> name;
      if (pass == 0 && name == function) begin = at;
      if (pass == 1 && at > begin && at < next) next = at;
    }
    if (begin.empty()) throw std::runtime_error("no function " + function);
  }
  return {begin, next};
}

/// Fault injection is for what that function has called.
void only_below(const std::string& function) {
  const auto [begin, end] = range_of(function);
  for (const char* kind : {"failslab", "fail_page_alloc", "fail_usercopy"}) {
    const std::string folder = std::string("/sys/kernel/debug/") + kind;
    std::ofstream(folder + "/require-start") << "0x" + begin;
    std::ofstream(folder + "/require-end") << "0x" + end;
  }
}

int load_module() {
  utsname names{};
  uname(&names);
  const std::string path = std::string("/lib/modules/") + names.release + "/updates/plait.ko";
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw std::system_error(errno, std::generic_category(), path);
  return syscall(SYS_finit_module, file.get(), "", 0) == 0 ? 0 : errno;
}

void unload_module() {
  for (int attempts = 0; syscall(SYS_delete_module, "plait", O_NONBLOCK) != 0; attempts++) {
    if (errno == ENOENT) return;
    if (attempts > 1000) throw std::system_error(errno, std::generic_category(), "unloading plait");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

Bench::Bench()
    : route_(netns("").get(), NETLINK_ROUTE),
      generic_(netns("").get(), NETLINK_GENERIC),
      events_(netns("").get(), NETLINK_GENERIC) {
  set_up();
  links();
  devices();
  strands();
  keys();
  prefixes();
  module();
}

Bench::~Bench() {
  for (const char* name : {"one", "four", "new"}) {
    Request request = link_delete(name);
    route_.ask(request);
  }
}

void Bench::must(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

int Bench::plait(const std::function<Request(const Plait&)>& make) {
  events_.drain();
  Request request = make(plait_);
  return generic_.ask(request);
}

int Bench::dump(std::uint8_t command) {
  Request request = plait_.dump(command);
  return generic_.ask(request);
}

void Bench::set_up() {
  const Family family = find_family(generic_, PLAIT_FAMILY_NAME);
  plait_ = Plait(family.id);
  for (const std::uint32_t group : family.groups) {
    events_.join(group);
  }
  Request one = link_new({.name = "one", .lanes = 1}, strand4(kPort));
  Request four = link_new({.name = "four", .lanes = 4}, strand6(kPort));
  must(route_.ask(one), "making a device");
  must(route_.ask(four), "making a device");
  one_ = index_of(route_, "one");
  four_ = index_of(route_, "four");
  for (const std::uint32_t index : {one_, four_}) {
    must(plait([&](const Plait& p) {
           NewKey k = key(1, 0, PLAIT_CIPHER_ANY);
           k.local_index = index;
           return p.key_new(index, k);
         }),
         "installing a key");
  }
}

void Bench::links() {
  const auto ask = [this](Request request) { return route_.ask(request); };
  const auto gone = [ask] { ask(link_delete("new")); };
  deeds_.push_back(
      {"ip link add, IPv4",
       [ask] { return ask(link_new({.name = "new", .lanes = 1}, strand4(kPort + 1))); }, gone});
  deeds_.push_back({"ip link add, IPv6, four lanes",
                    [ask] { return ask(link_new({.name = "new", .lanes = 4}, strand6(kPort))); },
                    gone});
  deeds_.push_back(
      {"ip link add in another namespace",
       [ask] { return ask(link_new({.name = "new"}, strand4(kPort), netns("b").get())); },
       [] {
         Socket there(netns("b").get(), NETLINK_ROUTE);
         Request request = link_delete("new");
         there.ask(request);
       }});
  deeds_.push_back({"ip link set type",
                    [ask] { return ask(link_change({.name = "one"}, {.fwmark = 7})); },
                    [ask] { ask(link_change({.name = "one"}, {.fwmark = 0})); }});
  deeds_.push_back({"ip link show", [ask] { return ask(link_get("four")); }});
  deeds_.push_back({"ip link show, all", [ask] { return ask(links_dump()); }});
  deeds_.push_back(
      {"up", [ask] { return ask(link_up("four", true)); }, [ask] { ask(link_up("four", false)); }});
  deeds_.push_back({"down", [ask] { return ask(link_up("four", false)); },
                    [ask] { ask(link_up("four", true)); }, [ask] { ask(link_up("four", true)); },
                    [ask] { ask(link_up("four", false)); }});
  deeds_.push_back(
      {"mtu", [ask] { return ask(link_mtu("one", 1300)); }, [ask] { ask(link_mtu("one", 1400)); }});
  deeds_.push_back({"move to another namespace",
                    [ask] { return ask(link_move("one", netns("b").get())); },
                    [this] {
                      Socket there(netns("b").get(), NETLINK_ROUTE);
                      const Fd here = netns("");
                      Request request = link_move("one", here.get());
                      must(there.ask(request), "moving back");
                    },
                    [] {}, [this] { one_ = index_of(route_, "one"); }});
  const int here = fcntl(netns("").get(), F_DUPFD_CLOEXEC, 0);
  deeds_.push_back({"a namespace begins", [] { return unshare(CLONE_NEWNET) == 0 ? 0 : errno; },
                    [here] {
                      if (setns(here, CLONE_NEWNET) != 0) {
                        throw std::system_error(errno, std::generic_category(), "setns");
                      }
                    }});
}

void Bench::devices() {
  const auto make = [this] {
    return plait([](const Plait& p) { return p.device_new({.name = "new", .lanes = 4}); });
  };
  const auto remove = [this] {
    return plait([](const Plait& p) { return p.device_delete("new"); });
  };
  const auto fixed = [this] {
    Request request = link_mtu("one", 1300);
    route_.ask(request);
  };
  deeds_.push_back({"device new", make, remove});
  deeds_.push_back({"device del", remove, make, make, remove});
  deeds_.push_back(
      {"device set window", [this] {
         return plait([](const Plait& p) { return p.device_set({.name = "one", .window = 4096}); });
       }});
  deeds_.push_back(
      {"device set, MTU follows the path",
       [this] {
         return plait([](const Plait& p) { return p.device_set({.name = "one", .mtu_fixed = 0}); });
       },
       fixed, fixed});
  deeds_.push_back(
      {"device get", [this] { return plait([](const Plait& p) { return p.device_get("one"); }); }});
  deeds_.push_back({"device dump", [this] { return dump(PLAIT_CMD_DEVICE_GET); }});
}

void Bench::strands() {
  const auto remove = [this] {
    return plait([this](const Plait& p) { return p.strand_delete(one_); });
  };
  const auto make = [this](Strand strand) {
    return [this, strand] {
      return plait([&](const Plait& p) { return p.strand_new(one_, strand); });
    };
  };
  const auto set = [this](Strand strand) {
    return [this, strand] {
      return plait([&](const Plait& p) { return p.strand_set(one_, strand); });
    };
  };
  const auto make4 = make(strand4(kPort));
  deeds_.push_back({"strand new, IPv4", make(strand4(kPort + 2)), remove, remove, make4});
  deeds_.push_back({"strand new, IPv6", make(strand6(kPort + 2)), remove, remove, make4});
  deeds_.push_back(
      {"strand new, a socket that is there", make(strand6(kPort)), remove, remove, make4});
  deeds_.push_back(
      {"strand set, remote", set({.remote = Octets{192, 0, 2, 3}}), set({.remote = kPeer4})});
  deeds_.push_back({"strand set, port", set({.port = kPort + 3}), set({.port = kPort})});
  // The old strand must make way for its socket first, so it may be gone after a failure.
  const Strand local{.local = Octets{192, 0, 2, 1}, .remote = kPeer4, .port = kPort};
  deeds_.push_back({"strand set, address of the same port",
                    [set = set(local), make = make(local)] {
                      const int error = set();
                      return error == ENOENT ? make() : error;
                    },
                    set({.local = Octets(4)})});
  deeds_.push_back({"strand del", remove, make4});
  deeds_.push_back({"strand get", [this] {
                      return plait([this](const Plait& p) { return p.strand_get(four_); });
                    }});
  deeds_.push_back({"strand dump", [this] { return dump(PLAIT_CMD_STRAND_GET); }});
}

void Bench::keys() {
  const auto activate = [this](std::uint32_t index) {
    return plait([index](const Plait& p) { return p.key_set(index, 1, 0, PLAIT_KEY_ACTIVE); });
  };
  const auto deed = [this, activate](const char* name, const std::uint32_t& index,
                                     std::uint32_t session, std::uint32_t epoch,
                                     std::uint32_t cipher) {
    deeds_.push_back({name,
                      [this, &index, session, epoch, cipher] {
                        NewKey k = key(session, epoch, cipher);
                        if (session == 1) k.local_index = index;
                        return plait([&](const Plait& p) { return p.key_new(index, k); });
                      },
                      [this, activate, &index, session, epoch] {
                        plait([&](const Plait& p) { return p.key_delete(index, session, epoch); });
                        activate(index);
                      }});
  };
  deed("key new, ChaCha20-Poly1305", one_, 9, 0, PLAIT_CIPHER_CHACHA20POLY1305);
  deed("key new, ChaCha20, four lanes", four_, 9, 0, PLAIT_CIPHER_CHACHA20POLY1305);
  deed("key new, AES-256-GCM", one_, 9, 0, PLAIT_CIPHER_AES256GCM);
  deed("key new, AES-256-GCM, four lanes", four_, 9, 0, PLAIT_CIPHER_AES256GCM);
  deed("key new, next epoch", four_, 1, 1, PLAIT_CIPHER_CHACHA20POLY1305);
  deeds_.push_back({"key set, active", [activate, this] { return activate(one_); }});
  deeds_.push_back({"key set, limits", [this] {
                      return plait(
                          [this](const Plait& p) { return p.key_set(one_, 1, 0, {}, 1000, 2000); });
                    }});
  deeds_.push_back(
      {"key del",
       [this] { return plait([this](const Plait& p) { return p.key_delete(one_, 1, 0); }); },
       [this] {
         plait([this](const Plait& p) {
           NewKey k = key(1, 0, PLAIT_CIPHER_ANY);
           k.local_index = one_;
           return p.key_new(one_, k);
         });
       }});
  deeds_.push_back({"key get", [this] {
                      return plait([this](const Plait& p) { return p.key_get(one_, 1, 0); });
                    }});
  deeds_.push_back({"key dump", [this] { return dump(PLAIT_CMD_KEY_GET); }});
}

void Bench::prefixes() {
  const auto put = [this] {
    return plait([this](const Plait& p) { return p.prefix_new(one_, kPrefix); });
  };
  const auto take = [this] {
    return plait([this](const Plait& p) { return p.prefix_delete(one_, kPrefix); });
  };
  const auto all = [this](unsigned count) {
    return [this, count] {
      return plait(
          [this, count](const Plait& p) { return p.prefix_set(one_, prefixes_of(count)); });
    };
  };
  deeds_.push_back({"prefix new", put, take});
  deeds_.push_back(
      {"prefix get",
       [this] { return plait([this](const Plait& p) { return p.prefix_get(one_, kPrefix); }); },
       [] {}, put, take});
  deeds_.push_back({"prefix del", take, put, put, take});
  deeds_.push_back({"prefix set", all(3), all(0)});
  deeds_.push_back({"prefix set, 1024 of them", all(PLAIT_PREFIXES_MAX), all(0)});
  deeds_.push_back(
      {"prefix dump", [this] { return dump(PLAIT_CMD_PREFIX_GET); }, [] {}, all(100), all(0)});
}

void Bench::module() {
  deeds_.push_back({"module load", load_module, unload_module,
                    [] {
                      unload_module();
                      only_below("do_one_initcall");
                    },
                    [] {
                      const int error = load_module();
                      if (error != 0) {
                        throw std::system_error(error, std::generic_category(), "loading plait");
                      }
                    }});
}

}  // namespace control

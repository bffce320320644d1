// SPDX-License-Identifier: GPL-2.0
// The filter attached, looked at and taken away: libbpf for its maps and listener, libxdp's
// dispatcher for the interface.
#include "plait/filter.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <xdp/libxdp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "filter_maps.hpp"
#include "netlink.hpp"
#include "pins.hpp"
#include "plait.h"
#include "plait_listen.skel.h"
#include "plait_xdp.skel.h"

namespace plait {
namespace {

constexpr const char* program_name = "plait_filter";
constexpr const char* section = "xdp.frags";

using Listener = std::unique_ptr<plait_listen_bpf, decltype(&plait_listen_bpf::destroy)>;
using Program = std::unique_ptr<plait_xdp_bpf, decltype(&plait_xdp_bpf::destroy)>;

struct CloseProgram {
  void operator()(xdp_program* program) const { xdp_program__close(program); }
};
struct CloseMultiprog {
  void operator()(xdp_multiprog* programs) const { xdp_multiprog__close(programs); }
};
struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using XdpProgram = std::unique_ptr<xdp_program, CloseProgram>;
using Multiprog = std::unique_ptr<xdp_multiprog, CloseMultiprog>;
using Link = std::unique_ptr<bpf_link, DestroyLink>;

// What the kernel said when it last refused to attach a program: libbpf reads it, and can only
// print it.
std::string kernel_words;

// Both libraries talk to standard error unless told otherwise.
int keep_kernel_words(libbpf_print_level, const char* format, va_list arguments) {
  constexpr std::string_view mark = "Kernel error message: ";
  std::array<char, 512> line{};
  static_cast<void>(std::vsnprintf(line.data(), line.size(), format, arguments));
  const std::string_view text(line.data());
  if (const auto at = text.find(mark); at != std::string_view::npos) {
    const auto words = text.substr(at + mark.size());
    kernel_words = words.substr(0, words.find('\n'));
  }
  return 0;
}
int be_silent(libxdp_print_level, const char*, va_list) {
  return 0;
}

void silence() {
  libbpf_set_print(keep_kernel_words);
  libxdp_set_print(be_silent);
}

std::string message(int error) {
  return std::generic_category().message(std::abs(error));
}

bool is_locked_down() {
  std::ifstream file("/sys/kernel/security/lockdown");
  std::string words;
  std::getline(file, words);
  return words.find("[confidentiality]") != std::string::npos;
}

// Throws what explains that BPF cannot be used.
[[noreturn]] void refuse_bpf(const std::string& what, int error) {
  std::string why = message(error);
  if (is_locked_down()) {
    why = "the kernel is locked down (confidentiality): boot with lockdown=integrity or none";
  } else if (std::abs(error) == EPERM || std::abs(error) == EACCES) {
    why = "CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON are needed, try as root";
  } else if (std::abs(error) == ENOENT) {
    why = "the loaded module plait tells filters nothing: load the one that came with this tool";
  }
  throw FilterError("cannot " + what + ": " + why);
}

std::uint32_t index_of(const std::string& interface) {
  const auto ifindex = if_nametoindex(interface.c_str());
  if (ifindex == 0) {
    throw FilterError("no interface " + interface + " in this network namespace");
  }
  return ifindex;
}

std::string name_of(std::uint32_t ifindex) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(ifindex, name.data()) != nullptr ? name.data() : "";
}

std::uint64_t own_cookie() {
  const Descriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (!fd || getsockopt(fd.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) != 0) {
    throw FilterError("the kernel tells no cookie of this network namespace: " + message(errno));
  }
  return cookie;
}

// What frames to this interface are addressed to.
std::array<std::uint8_t, 6> hardware_address(const std::string& interface) {
  const Descriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  interface.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  if (!fd || ioctl(fd.get(), SIOCGIFHWADDR, &request) != 0) {
    throw FilterError("cannot read the address of " + interface + ": " + message(errno));
  }
  std::array<std::uint8_t, 6> address{};
  std::memcpy(address.data(), request.ifr_hwaddr.sa_data, address.size());
  return address;
}

// A tap hands what a guest sends to native programs as the stack's own packets, several
// datagrams in one.
bool is_tun(const std::string& interface) {
  return std::filesystem::exists("/sys/class/net/" + interface + "/tun_flags");
}

bool is_plait(const std::string& interface) {
  return std::filesystem::exists("/sys/class/net/" + interface + "/plait");
}

// Does this kernel have PREEMPT_RT?
bool is_realtime() {
  std::ifstream file("/sys/kernel/realtime");
  int on = 0;
  return file >> on && on != 0;
}

// --- the listener -----------------------------------------------------------------------

struct NamedMap {
  const char* name;
  bpf_map* map;
};

// The maps that filters share with the listener.
std::array<NamedMap, 6> shared_maps(auto& maps) {
  return {{{"ports", maps.plait_ports},
           {"sockets", maps.plait_sockets},
           {"sessions", maps.plait_sessions},
           {"lanes", maps.plait_lanes},
           {"windows", maps.plait_windows},
           {"state", maps.plait_state}}};
}

void pin_link(bpf_program* program, const std::filesystem::path& name) {
  const Link link(bpf_program__attach(program));
  if (!link) refuse_bpf("listen to the module", errno);
  if (const int error = bpf_link__pin(link.get(), name.c_str())) {
    refuse_bpf("keep " + name.string(), error);
  }
}

bool listens(const Pins& pins) {
  return pinned(pins.listener() / "tell") && pinned(pins.listener() / "window") &&
         pinned(pins.listener() / "state");
}

// One listener serves all filters. What a tool left behind that was killed is done anew.
void ensure_listener(const Pins& pins) {
  if (listens(pins)) return;
  if (!pins.places().empty()) {
    throw FilterError(
        "filters are attached, and what tells them is gone: plaitctl xdp detach, in each network "
        "namespace that has one");
  }
  Pins::remove(pins.listener());
  const Listener listener(plait_listen_bpf::open(), &plait_listen_bpf::destroy);
  if (!listener) refuse_bpf("open the listener", errno);
  if (const int error = plait_listen_bpf::load(listener.get())) {
    refuse_bpf("load the listener", error);
  }
  try {
    std::filesystem::create_directory(pins.listener());
    for (const auto& [name, map] : shared_maps(listener->maps)) {
      const auto path = pins.listener() / name;
      if (const int error = bpf_map__pin(map, path.c_str())) refuse_bpf("keep a map", error);
    }
    pin_link(listener->progs.plait_on_window, pins.listener() / "window");
    pin_link(listener->progs.plait_on_tell, pins.listener() / "tell");
  } catch (...) {
    Pins::remove(pins.listener());
    throw;
  }
}

// --- one interface ------------------------------------------------------------------------

Multiprog programs_on(std::uint32_t ifindex) {
  auto* programs = xdp_multiprog__get_from_ifindex(static_cast<int>(ifindex));
  return Multiprog(libxdp_get_error(programs) != 0 ? nullptr : programs);
}

// Calls use(program, mode) for our program on an interface; false if there is none.
template <typename Use>
bool with_program(std::uint32_t ifindex, Use use) {
  const auto programs = programs_on(ifindex);
  if (!programs) return false;
  for (auto* program = xdp_multiprog__next_prog(nullptr, programs.get()); program != nullptr;
       program = xdp_multiprog__next_prog(program, programs.get())) {
    if (std::strcmp(xdp_program__name(program), program_name) == 0) {
      use(program, xdp_multiprog__attach_mode(programs.get()));
      return true;
    }
  }
  return false;
}

std::optional<FilterMode> mode_on(std::uint32_t ifindex) {
  std::optional<FilterMode> found;
  with_program(ifindex, [&](xdp_program*, xdp_attach_mode mode) {
    found = mode == XDP_MODE_SKB ? FilterMode::generic : FilterMode::native;
  });
  return found;
}

// virtio_net, when the hypervisor does GRO for it and cannot be told to stop. Generic mode is
// no way round: the kernel tries to switch that off, too, and prints a WARNING that it cannot.
bool insists_on_offloads() {
  return kernel_words.find("GRO_HW") != std::string::npos;
}

// Why an interface does not take the program.
[[noreturn]] void refuse_attach(const std::string& interface, std::uint32_t ifindex,
                                FilterMode mode, int error) {
  std::string why = message(error);
  const auto programs = programs_on(ifindex);
  if (programs && xdp_multiprog__is_legacy(programs.get())) {
    why =
        "another XDP program is on it without libxdp's dispatcher, so nothing fits beside it: "
        "take it off with `ip link set " +
        interface + " xdp off`, or have it attached by xdp-loader";
  } else if (error == EOPNOTSUPP && insists_on_offloads()) {
    why = "its hypervisor does receive offloads, and lets nobody here switch them off (" +
          kernel_words +
          "): give the NIC ctrl_guest_offloads=on, or guest_csum, guest_tso4, guest_tso6, "
          "guest_ecn and guest_ufo =off (QEMU's names)";
  } else if (error == EOPNOTSUPP && mode == FilterMode::native) {
    why = "its driver cannot run XDP: attach with mode generic";
  } else if (error == EINVAL || error == ERANGE || error == E2BIG) {
    if (!kernel_words.empty()) why = kernel_words;
    why += ": its driver refuses, mostly for MTU (ip link set " + interface +
           " mtu 1500), LRO (ethtool -K " + interface + " lro off) or too few queues; or attach " +
           "with mode generic";
  } else if (error == EBUSY || error == EEXIST) {
    why = "another XDP program holds it in the other mode: detach that first";
  } else if (error == ENOENT) {
    why = "libxdp's dispatcher is missing: install package libxdp1";
  } else {
    refuse_bpf("attach to " + interface, error);
  }
  throw FilterError("cannot attach to " + interface + " in " + to_string(mode) + " mode: " + why);
}

// A program to be loaded: where it is, and with the listener's maps.
Program open_program(const Pins& pins, const FilterPlace& place, FilterMode mode) {
  Program program(plait_xdp_bpf::open(), &plait_xdp_bpf::destroy);
  if (!program) refuse_bpf("open the filter", errno);
  program->rodata->own_net = place.net;
  program->rodata->own_link = place.ifindex;
  const auto interface = name_of(place.ifindex);
  const auto address = hardware_address(interface);
  std::memcpy(const_cast<std::uint8_t*>(&program->rodata->own_mac[0]), address.data(),
              address.size());
  program->rodata->interruptible = is_realtime() ? 1 : 0;
  program->rodata->after_gro = mode == FilterMode::generic || is_tun(interface) ? 1 : 0;
  for (const auto& [name, map] : shared_maps(program->maps)) {
    const auto fd = pinned(pins.listener() / name);
    if (!fd) refuse_bpf("find the listener's maps", errno);
    // libbpf takes any map; the verifier's refusal would not say why.
    if (!filter_map_is_like(fd.get(), bpf_map__key_size(map), bpf_map__value_size(map))) {
      throw FilterError(
          "filters of another version of this tool are attached: plaitctl xdp detach, in each "
          "network namespace that has one, then attach again");
    }
    if (const int error = bpf_map__reuse_fd(map, fd.get())) {
      refuse_bpf("use the listener's maps", error);
    }
  }
  return program;
}

// libxdp's errno, or 0.
int attach_in(const Pins& pins, const FilterPlace& place, FilterMode mode) {
  const auto program = open_program(pins, place, mode);
  const XdpProgram xdp(xdp_program__from_bpf_obj(program->obj, section));
  if (const auto error = libxdp_get_error(xdp.get())) return static_cast<int>(std::abs(error));
  const int error =
      xdp_program__attach(xdp.get(), static_cast<int>(place.ifindex),
                          mode == FilterMode::native ? XDP_MODE_NATIVE : XDP_MODE_SKB, 0);
  if (error != 0) return std::abs(error);
  for (const auto& [name, map] :
       {NamedMap{"counts", program->maps.plait_counts}, NamedMap{"moved", program->maps.bss}}) {
    const auto path = place.path / name;
    if (const int failed = bpf_map__pin(map, path.c_str())) refuse_bpf("keep a map", failed);
  }
  pin_link(program->progs.plait_on_move, place.path / "move");
  return 0;
}

// libxdp's errno, or 0.
int try_take_off(std::uint32_t ifindex) {
  int error = 0;
  with_program(ifindex, [&](xdp_program* program, xdp_attach_mode mode) {
    error = xdp_program__detach(program, static_cast<int>(ifindex), mode, 0);
  });
  return error;
}

void take_off(std::uint32_t ifindex) {
  if (const int error = try_take_off(ifindex)) {
    refuse_bpf("detach from " + name_of(ifindex), error);
  }
}

// Whoever still has the listener's maps is to let everything pass from now on.
void silence_filters(const Pins& pins) {
  if (const auto fd = pinned(pins.listener() / "state")) filter_state_clear(fd.get());
}

// Without a filter nobody needs a listener.
void drop_unheard(const Pins& pins) {
  if (!pins.places().empty()) return;
  silence_filters(pins);
  Pins::remove(pins.listener());
}

bool told() {
  Socket socket;
  Request request("tell the filter", PLAIT_CMD_FILTER_TELL, PLAIT_A_FILTER);
  bool heard = false;
  socket.ask(request, [&](const Attributes& filter) {
    heard = filter.number<std::uint8_t>(PLAIT_A_FILTER_HEARD).value_or(0) != 0;
  });
  return heard;
}

bool hears(const Pins& pins) {
  const auto fd = pinned(pins.listener() / "state");
  return fd && listens(pins) && filter_state_is_fresh(fd.get());
}

bool is_complete(const Pins& pins) {
  const auto fd = pinned(pins.listener() / "state");
  return fd && filter_state_is_complete(fd.get());
}

Filter describe(const Pins& pins, const FilterPlace& place, std::uint64_t net) {
  Filter filter{.ifindex = place.ifindex, .name = {}, .net = place.net, .mode = {}};
  const auto bss = pinned(place.path / "moved");
  filter.moved = bss && filter_has_moved(bss.get());
  if (place.net == net && !filter.moved) {
    filter.name = name_of(place.ifindex);
    filter.mode = mode_on(place.ifindex);
  }
  filter.hears = !filter.moved && hears(pins);
  filter.complete = is_complete(pins);
  return filter;
}

}  // namespace

std::string to_string(FilterMode mode) {
  return mode == FilterMode::native ? "native" : "generic";
}

Filter filter_attach(const std::string& interface, std::optional<FilterMode> mode) {
  silence();
  kernel_words.clear();
  const Socket module;  // throws NotLoaded
  const auto ifindex = index_of(interface);
  if (is_plait(interface)) {
    throw FilterError(interface +
                      " is a tunnel: attach to the underlay interface on which its datagrams "
                      "arrive, such as eth0");
  }
  const auto net = own_cookie();
  const Pins pins;
  const auto place = pins.place(ifindex, net);
  if (mode_on(ifindex)) {
    if (pinned(place.path / "move")) {
      throw FilterError(interface + " has the filter already: plaitctl xdp status");
    }
    take_off(ifindex);  // of a tool that was killed on its way
  }
  Pins::remove(place.path);
  try {
    ensure_listener(pins);
    // First: as long as the place is there, so is the listener.
    std::filesystem::create_directory(place.path);
    auto used = mode.value_or(FilterMode::native);
    int error = attach_in(pins, place, used);
    if (error != 0 && !mode && !programs_on(ifindex) && !insists_on_offloads()) {
      used = FilterMode::generic;
      error = attach_in(pins, place, used);
    }
    if (error != 0) refuse_attach(interface, ifindex, used, error);
    if (!told()) {
      throw FilterError(
          "the loaded module plait is of another version than this tool: reload the module");
    }
  } catch (...) {
    if (try_take_off(ifindex) == 0) Pins::remove(place.path);
    drop_unheard(pins);
    throw;
  }
  return describe(pins, place, net);
}

void filter_detach(const std::string& interface) {
  silence();
  const auto ifindex = index_of(interface);
  const Pins pins;
  const auto place = pins.place(ifindex, own_cookie());
  if (!mode_on(ifindex) && !std::filesystem::exists(place.path)) {
    throw FilterError(interface + " has no filter");
  }
  take_off(ifindex);
  Pins::remove(place.path);
  drop_unheard(pins);
}

std::vector<std::string> filter_detach_all() {
  silence();
  const Pins pins;
  const auto net = own_cookie();
  std::vector<std::string> names;
  for (const auto& place : pins.places()) {
    const auto filter = describe(pins, place, net);
    if (place.net != net && !filter.moved) continue;
    if (filter.mode) {
      take_off(place.ifindex);
      names.push_back(filter.name);
    }
    Pins::remove(place.path);
  }
  drop_unheard(pins);
  return names;
}

std::vector<Filter> filter_list() {
  silence();
  const Pins pins;
  const auto net = own_cookie();
  std::vector<Filter> filters;
  for (const auto& place : pins.places())
    filters.push_back(describe(pins, place, net));
  std::ranges::sort(filters, {}, [](const Filter& f) { return std::pair(f.net, f.ifindex); });
  return filters;
}

std::vector<FilterMap> filter_maps() {
  silence();
  const Pins pins;
  std::vector<FilterMap> maps;
  for (const auto* name : {"sockets", "sessions", "lanes"}) {
    if (const auto fd = pinned(pins.listener() / name)) {
      maps.push_back(measure_filter_map(fd.get(), name));
    }
  }
  const auto windows = pinned(pins.listener() / "windows");
  const auto lanes = pinned(pins.listener() / "lanes");
  if (windows && lanes) {
    maps.push_back(measure_filter_windows(windows.get(), lanes.get()));
  }
  return maps;
}

std::vector<FilterCounter> filter_counters(const std::string& interface) {
  silence();
  const auto ifindex = index_of(interface);
  const Pins pins;
  const auto counts = pinned(pins.place(ifindex, own_cookie()).path / "counts");
  if (!counts) {
    throw FilterError(interface + " has no filter: plaitctl xdp attach " + interface);
  }
  return read_filter_counters(counts.get());
}

}  // namespace plait

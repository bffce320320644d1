// SPDX-License-Identifier: GPL-2.0
// The filter loaded and run.
#include "program.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "plait_xdp.skel.h"

namespace xdp {
namespace {

constexpr std::uint32_t windows_max = 256;
// jiffies are not to be had here: told in the far future's past, for ever.
constexpr std::uint64_t for_ever = ~std::uint64_t{0};

void must(int error, const std::string& what) {
  if (error != 0) {
    throw std::runtime_error("cannot " + what + ": " +
                             std::generic_category().message(std::abs(error)));
  }
}

int map_fd(const bpf_map* map) {
  return bpf_map__fd(map);
}

template <typename Key, typename Value>
void put(const bpf_map* map, const Key& key, const Value& value) {
  must(bpf_map_update_elem(map_fd(map), &key, &value, BPF_ANY), "fill a map");
}

plait_filter_lane lane_key(std::uint32_t index, std::uint16_t epoch, std::uint8_t lane) {
  return {.net = own_net, .index = index, .epoch = epoch, .lane = lane, .zero = 0};
}

}  // namespace

void enter_namespace() {
  static const bool done = [] {
    if (unshare(CLONE_NEWNET) != 0 ||
        // NOLINTNEXTLINE(cert-env33-c): constant words
        std::system("ip link set lo up && ip addr add 192.0.2.2/24 dev lo &&"
                    " ip addr add 2001:db8::2/64 dev lo nodad &&"
                    " ip route add 203.0.113.0/24 dev lo &&"
                    " ip route add 2001:db8:9::/64 dev lo &&"
                    " sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1") != 0) {
      throw std::runtime_error("no network namespace of its own: root is needed, and ip");
    }
    return true;
  }();
  static_cast<void>(done);
}

void Program::Destroy::operator()(plait_xdp_bpf* program) const {
  plait_xdp_bpf::destroy(program);
}

Program::Program() : program_(plait_xdp_bpf::open()) {
  enter_namespace();
  must(program_ ? 0 : errno, "open the filter");
  program_->rodata->own_net = own_net;
  program_->rodata->own_link = 1;
  // Where frames::make() sends them.
  constexpr std::array<std::uint8_t, 6> mac{2, 0, 0, 0, 0, 2};
  std::memcpy(const_cast<std::uint8_t*>(&program_->rodata->own_mac[0]), mac.data(), mac.size());
  // The tracepoint is the module's, which is not here.
  bpf_program__set_autoload(program_->progs.plait_on_move, false);
  bpf_map__set_max_entries(program_->maps.plait_windows, windows_max);
  bpf_map__set_map_flags(program_->maps.plait_windows, BPF_F_MMAPABLE);
  const int loaded = plait_xdp_bpf::load(program_.get());
  // What the kernel's verifier refuses is a bug of the filter's, no lack of this machine's.
  if (loaded != 0 && loaded != -EPERM) throw std::logic_error("the kernel refuses the filter");
  must(loaded, "load the filter");
  // An array's elements stand side by side, each at a multiple of 8 octets.
  void* at = mmap(nullptr, windows_max * sizeof(plait_filter_window), PROT_READ | PROT_WRITE,
                  MAP_SHARED, map_fd(program_->maps.plait_windows), 0);
  must(at == MAP_FAILED ? errno : 0, "see the windows");
  windows_ = {static_cast<plait_filter_window*>(at), windows_max};
  set_state(true);
}

Program::~Program() {
  munmap(windows_.data(), windows_.size_bytes());
}

void Program::add_socket(const plait_filter_socket& socket,
                         const plait_filter_handshake& handshake) {
  put(program_->maps.plait_sockets, socket, handshake);
  const std::uint32_t port = __builtin_bswap16(socket.port);
  std::uint32_t ways = 0;
  must(bpf_map_lookup_elem(map_fd(program_->maps.plait_ports), &port, &ways), "read a map");
  put(program_->maps.plait_ports, port, ways | plait_filter_way(&socket));
  sockets_changed();
}

void Program::del_socket(const plait_filter_socket& socket) {
  must(bpf_map_delete_elem(map_fd(program_->maps.plait_sockets), &socket), "empty a map");
  sockets_changed();
}

void Program::sockets_changed() {
  state_.sockets++;
  put(program_->maps.plait_state, std::uint32_t{0}, state_);
}

void Program::add_session(std::uint32_t index, const plait_filter_epochs& epochs) {
  put(program_->maps.plait_sessions,
      plait_filter_session{.net = own_net, .index = index, .zero = 0}, epochs);
}

void Program::del_session(std::uint32_t index) {
  const plait_filter_session key{.net = own_net, .index = index, .zero = 0};
  must(bpf_map_delete_elem(map_fd(program_->maps.plait_sessions), &key), "empty a map");
}

void Program::add_lane(std::uint32_t index, std::uint16_t epoch, std::uint8_t lane,
                       const plait_filter_keys& keys) {
  put(program_->maps.plait_lanes, lane_key(index, epoch, lane), keys);
}

void Program::del_lane(std::uint32_t index, std::uint16_t epoch, std::uint8_t lane) {
  const auto key = lane_key(index, epoch, lane);
  must(bpf_map_delete_elem(map_fd(program_->maps.plait_lanes), &key), "empty a map");
}

plait_filter_window& Program::window(std::uint32_t slot) {
  return windows_[slot];
}

void Program::set_state(bool fresh, bool complete) {
  state_.patience = fresh ? for_ever : 0;
  state_.complete = complete;
  put(program_->maps.plait_state, std::uint32_t{0}, state_);
}

void Program::set_moved(bool moved) {
  program_->bss->moved = moved ? 1 : 0;
}

int Program::fd() const {
  return bpf_program__fd(program_->progs.plait_filter);
}

int Program::map(const char* name) const {
  const int fd = bpf_object__find_map_fd_by_name(program_->obj, name);
  must(fd < 0 ? fd : 0, std::string("find map ") + name);
  return fd;
}

std::uint32_t Program::action(std::span<const std::uint8_t> frame) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  must(bpf_prog_test_run_opts(fd(), &options), "run the filter");
  return options.retval;
}

Counts Program::counts() const {
  Counts counts{};
  const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
  std::vector<std::uint64_t> values(cpus);
  for (std::uint32_t key = 0; key < counts.size(); key++) {
    must(bpf_map_lookup_elem(map_fd(program_->maps.plait_counts), &key, values.data()),
         "read the counters");
    counts[key] = std::accumulate(values.begin(), values.end(), std::uint64_t{0});
  }
  return counts;
}

Outcome Program::run(std::span<const std::uint8_t> frame) {
  const auto before = counts();
  Outcome outcome{.action = action(frame), .counted = counts()};
  for (std::size_t i = 0; i < before.size(); i++)
    outcome.counted[i] -= before[i];
  return outcome;
}

std::string name_of(unsigned count) {
  static const char* const names[] = {
#define PLAIT_X(NAME, name, meaning) #name,
      PLAIT_FILTER_PASSES(PLAIT_X) PLAIT_FILTER_DROPS(PLAIT_X)
#undef PLAIT_X
  };
  return count < std::size(names) ? names[count] : "nothing";
}

}  // namespace xdp

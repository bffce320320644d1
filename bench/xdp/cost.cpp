// SPDX-License-Identifier: GPL-2.0
// plait_xdp_cost: what the filter costs a packet on this machine, by BPF_PROG_TEST_RUN: the
// median of alternating runs, beside programs that only parse, or only hash. --json keeps
// each run in the form of Google Benchmark, so that one reader serves both.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "bare.skel.h"
#include "program.hpp"

namespace {

using frames::Octets;

constexpr int repeats = 500'000;
constexpr int rounds = 15;
constexpr std::uint32_t index_known = 7;
constexpr plait_tag_key tag_key{1, 2};
constexpr std::uint64_t accepted = 100'000;
constexpr std::uint16_t port_of_any = 7778;  // of a socket that is bound to no address

Octets datagram(std::uint64_t counter, bool forged, std::uint32_t index = index_known) {
  Octets octets(120, 0xaa);
  plait_hdr h{};
  h.pn = counter;
  h.index = index;
  h.type = PLAIT_TYPE_SOURCE;
  h.version = PLAIT_VERSION;
  plait_hdr_encode(octets.data(), &h, &tag_key, static_cast<u32>(octets.size()));
  if (forged) octets[0] ^= 1;
  return octets;
}

// This thread's CPU time, in ns: what else the machine does is not in it.
double cpu_time() {
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
    throw std::runtime_error("no clock of a thread's CPU time");
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// CPU time of a test run of so many packets, in ns.
double run(int fd, const Octets& frame, std::uint32_t expected, int packets) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.repeat = packets;
  const double begin = cpu_time();
  if (bpf_prog_test_run_opts(fd, &options) != 0) throw std::runtime_error("BPF_PROG_TEST_RUN");
  const double span = cpu_time() - begin;
  if (options.retval != expected) throw std::runtime_error("not the verdict that it should be");
  return span;
}

// ns a packet. The kernel's own figure is in whole ns, too coarse for what costs 8; what a test
// run costs besides its packets is taken off.
double run(int fd, const Octets& frame, std::uint32_t expected) {
  const double around = run(fd, frame, expected, 1);
  return (run(fd, frame, expected, repeats + 1) - around) / repeats;
}

// ns a hash in C; the sum keeps the compiler from leaving it out.
double sip_in_c() {
  volatile std::uint64_t sum = 0;
  const double begin = cpu_time();
  std::uint64_t word = 1;
  for (int i = 0; i < repeats; i++)
    word = plait_siphash32(&tag_key, word, 2, 3, 4);
  sum = word;
  static_cast<void>(sum);
  return (cpu_time() - begin) / repeats;
}

struct Case {
  std::string name;
  std::function<double()> measure;
  std::vector<double> samples{};

  [[nodiscard]] double median() const {
    auto sorted = samples;
    std::ranges::nth_element(sorted, sorted.begin() + rounds / 2);
    return sorted[rounds / 2];
  }
};

void write_json(const std::string& path, const std::vector<Case>& cases) {
  auto runs = nlohmann::json::array();
  for (const auto& one : cases) {
    for (std::size_t i = 0; i < one.samples.size(); i++) {
      runs.push_back({{"name", one.name},
                      {"run_type", "iteration"},
                      {"repetitions", rounds},
                      {"repetition_index", i},
                      {"iterations", repeats},
                      {"real_time", one.samples[i]},
                      {"cpu_time", one.samples[i]},
                      {"time_unit", "ns"}});
    }
  }
  std::ofstream file(path);
  file << nlohmann::json{{"benchmarks", runs}}.dump(1) << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void fill(xdp::Program& program, const frames::Wrapping& wrapping) {
  plait_filter_socket socket{};
  socket.net = xdp::own_net;
  socket.port = __builtin_bswap16(wrapping.port);
  socket.family = 4;
  std::copy_n(wrapping.destination.begin(), 4, socket.addr);
  program.add_socket(socket);
  socket.port = __builtin_bswap16(port_of_any);
  std::ranges::fill(socket.addr, 0);
  program.add_socket(socket);
  program.add_session(index_known, {.id = {0, 0}, .there = {1, 0}, .lanes = 1, .zero = 0});
  program.add_lane(index_known, 0, 0, {.tag_key = tag_key, .secret = 3, .span = 8192, .slot = 0});
  auto& window = program.window(0);
  window.top = accepted;
  window.word[(accepted >> 5) & (PLAIT_FILTER_WORDS - 1)] =
      (accepted >> 5) << 32 | 1U << (accepted & 31);
}

// An accepted datagram that is not in the share which passes.
Octets replay() {
  plait_hdr h{};
  h.pn = accepted;
  h.index = index_known;
  h.type = PLAIT_TYPE_SOURCE;
  h.version = PLAIT_VERSION;
  for (;; h.tstamp_us++) {
    Octets octets(120, 0xaa);
    plait_hdr_encode(octets.data(), &h, &tag_key, static_cast<u32>(octets.size()));
    if (!plait_copy_is_checked(3, plait_get_le64(octets.data()))) return octets;
  }
}

void measure(const std::string& json) {
  xdp::Program program;
  const frames::Wrapping wrapping;
  fill(program, wrapping);
  const std::unique_ptr<bare_bpf, decltype(&bare_bpf::destroy)> others(bare_bpf::open_and_load(),
                                                                       &bare_bpf::destroy);
  if (!others) throw std::runtime_error("cannot load the bare programs");
  const int filter = program.fd();
  const int bare = bpf_program__fd(others->progs.bare);
  const int sip = bpf_program__fd(others->progs.sip);
  const int nothing = bpf_program__fd(others->progs.nothing);
  auto elsewhere = wrapping;
  elsewhere.port = 53;
  auto tcp = wrapping;
  tcp.protocol = 6;
  const auto valid = frames::make(wrapping, datagram(accepted + 1, false));
  const auto foreign = frames::make(elsewhere, datagram(1, false));
  const auto not_udp = frames::make(tcp, datagram(1, false));
  const auto forged = frames::make(wrapping, datagram(accepted + 1, true));
  const auto stranger = frames::make(wrapping, datagram(1, false, 99));
  const auto copy = frames::make(wrapping, replay());
  auto no_address = wrapping;
  no_address.port = port_of_any;
  const auto forged_any = frames::make(no_address, datagram(accepted + 1, true));

  std::vector<Case> cases{
      {"nothing, drop", [&] { return run(nothing, valid, XDP_DROP); }},
      {"bare parser, drop", [&] { return run(bare, valid, XDP_DROP); }},
      {"SipHash alone, BPF", [&] { return run(sip, valid, XDP_DROP); }},
      {"SipHash alone, C", sip_in_c},
      {"not UDP, pass", [&] { return run(filter, not_udp, XDP_PASS); }},
      {"not plait's, pass", [&] { return run(filter, foreign, XDP_PASS); }},
      {"unknown index, drop", [&] { return run(filter, stranger, XDP_DROP); }},
      {"forged tag, drop", [&] { return run(filter, forged, XDP_DROP); }},
      {"the same, any address", [&] { return run(filter, forged_any, XDP_DROP); }},
      {"replay, drop", [&] { return run(filter, copy, XDP_DROP); }},
      {"valid, pass", [&] { return run(filter, valid, XDP_PASS); }},
  };
  for (int round = 0; round < rounds; round++) {
    for (auto& one : cases)
      one.samples.push_back(one.measure());
  }
  std::printf("%-24s ns/packet, CPU time (median of %d runs of %d, alternating)\n", "", rounds,
              repeats);
  for (auto& one : cases)
    std::printf("%-24s %6.2f\n", one.name.c_str(), one.median());
  std::printf("bar: xdp-pass-vs-bare-parser = %.2f (target <= 1.5)\n",
              std::max(cases[4].median(), cases[5].median()) / cases[1].median());
  if (!json.empty()) write_json(json, cases);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app{"The filter's cost a packet on this machine, by BPF_PROG_TEST_RUN."};
    std::string json;
    app.add_option("--json", json, "Keep each run in FILE too, in Google Benchmark's form")
        ->type_name("FILE");
    CLI11_PARSE(app, argc, argv);
    measure(json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait_xdp_cost: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

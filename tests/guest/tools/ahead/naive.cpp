// SPDX-License-Identifier: GPL-2.0
// plait-naive IF PORT KEYFILE: attaches naive.bpf.c to an interface, with the key that its peer
// seals with, until it is detached by `ip link set IF xdp off`.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "naive.skel.h"
#include "plait/key_material.hpp"

namespace {

void attach(const std::string& interface, unsigned port, const std::string& file) {
  const std::unique_ptr<naive_bpf, decltype(&naive_bpf::destroy)> program(naive_bpf::open(),
                                                                          &naive_bpf::destroy);
  if (!program) throw std::runtime_error("cannot open the program");
  const auto material = plait::read_key_file(file).material;
  const auto tag_key = material.octets().last<16>();
  std::memcpy(const_cast<__u64*>(&program->rodata->key0), tag_key.data(), 8);
  std::memcpy(const_cast<__u64*>(&program->rodata->key1), tag_key.data() + 8, 8);
  const_cast<__u16&>(program->rodata->port) = static_cast<__u16>(port);
  if (naive_bpf::load(program.get()) != 0) throw std::runtime_error("cannot load the program");
  if (bpf_xdp_attach(static_cast<int>(if_nametoindex(interface.c_str())),
                     bpf_program__fd(program->progs.naive), XDP_FLAGS_DRV_MODE, nullptr) != 0) {
    throw std::runtime_error("cannot attach to " + interface);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: plait-naive IF PORT KEYFILE\n", stderr);
    return 2;
  }
  try {
    attach(argv[1], static_cast<unsigned>(std::stoul(argv[2])), argv[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plait-naive: %s\n", error.what());
    return 1;
  }
  return 0;
}

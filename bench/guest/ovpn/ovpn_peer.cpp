// SPDX-License-Identifier: GPL-2.0
// plait-ovpn-peer: gives a device of the kernel's ovpn driver (Linux 6.16 and later) its one
// peer and its keys, as OpenVPN would after its handshake. The UDP socket is this program's,
// and the driver lets the peer go with it: so it stays until it is killed.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <plait/key_material.hpp>
#include <stdexcept>

#include "ovpn_uapi.hpp"

namespace {

constexpr std::uint32_t kPeerId = 1;
constexpr std::size_t kKeyLen = 32;

struct Words {
  std::string device, local, remote, cipher, tx_key, rx_key;
  std::uint16_t port = 0;
};

[[noreturn]] void fail(const std::string& what, const char* why) {
  throw std::runtime_error(what + ": " + why);
}

in_addr address_of(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) fail(text, "no IPv4 address");
  return address;
}

int udp_socket(const std::string& local, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr = address_of(local);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0)
    fail("a UDP socket at " + local, std::strerror(errno));
  return fd;
}

using Attributes = std::function<void(nl_msg*)>;

void nest(nl_msg* msg, int type, const Attributes& inside) {
  nlattr* start = nla_nest_start(msg, type);
  inside(msg);
  nla_nest_end(msg, start);
}

// The family `ovpn`, and a request of it that the kernel has acknowledged.
class Driver {
 public:
  explicit Driver(unsigned device) : socket_(nl_socket_alloc(), nl_socket_free), device_(device) {
    if (!socket_ || genl_connect(socket_.get()) != 0) fail("netlink", "no socket");
    family_ = genl_ctrl_resolve(socket_.get(), ovpn::family);
    if (family_ < 0) fail("this kernel has no ovpn driver", nl_geterror(family_));
  }

  void ask(std::uint8_t command, const Attributes& attributes) {
    const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> msg(nlmsg_alloc(), nlmsg_free);
    genlmsg_put(msg.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family_, 0, 0, command, ovpn::version);
    nla_put_u32(msg.get(), ovpn::a_ifindex, device_);
    attributes(msg.get());
    int err = nl_send_auto(socket_.get(), msg.get());
    if (err >= 0) err = nl_wait_for_ack(socket_.get());
    if (err < 0) fail("ovpn refused command " + std::to_string(command), nl_geterror(err));
  }

 private:
  std::unique_ptr<nl_sock, decltype(&nl_socket_free)> socket_;
  int family_ = 0;
  unsigned device_;
};

void put_peer(nl_msg* msg, const Words& w, int socket_fd) {
  const in_addr remote = address_of(w.remote);
  nla_put_u32(msg, ovpn::a_peer_id, kPeerId);
  nla_put_u32(msg, ovpn::a_peer_remote_ipv4, remote.s_addr);
  nla_put_u16(msg, ovpn::a_peer_remote_port, htons(w.port));
  nla_put_u32(msg, ovpn::a_peer_socket, static_cast<std::uint32_t>(socket_fd));
}

// The AEAD's key, then what its nonces end with.
void put_direction(nl_msg* msg, const std::string& file) {
  const plait::KeyFile key = plait::read_key_file(file);
  const auto octets = key.material.octets();
  nla_put(msg, ovpn::a_keydir_cipher_key, kKeyLen, octets.data());
  nla_put(msg, ovpn::a_keydir_nonce_tail, ovpn::nonce_tail_size, octets.data() + kKeyLen);
}

void put_keys(nl_msg* msg, const Words& w) {
  nla_put_u32(msg, ovpn::a_keyconf_peer_id, kPeerId);
  nla_put_u32(msg, ovpn::a_keyconf_slot, ovpn::slot_primary);
  nla_put_u32(msg, ovpn::a_keyconf_key_id, 0);
  nla_put_u32(msg, ovpn::a_keyconf_cipher_alg,
              w.cipher == "aes-256-gcm" ? ovpn::cipher_aes_gcm : ovpn::cipher_chacha20_poly1305);
  nest(msg, ovpn::a_keyconf_encrypt_dir, [&w](nl_msg* m) { put_direction(m, w.tx_key); });
  nest(msg, ovpn::a_keyconf_decrypt_dir, [&w](nl_msg* m) { put_direction(m, w.rx_key); });
}

[[noreturn]] void run(const Words& w) {
  const unsigned device = if_nametoindex(w.device.c_str());
  if (device == 0) fail("no device " + w.device, std::strerror(errno));
  Driver driver(device);
  const int fd = udp_socket(w.local, w.port);
  driver.ask(ovpn::cmd_peer_new,
             [&](nl_msg* msg) { nest(msg, ovpn::a_peer, [&](nl_msg* m) { put_peer(m, w, fd); }); });
  driver.ask(ovpn::cmd_key_new,
             [&](nl_msg* msg) { nest(msg, ovpn::a_keyconf, [&w](nl_msg* m) { put_keys(m, w); }); });
  for (;;)
    pause();
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("The peer of a point-to-point ovpn device", "plait-ovpn-peer");
  Words w;
  app.add_option("--device", w.device, "made by ip link add NAME type ovpn")->required();
  app.add_option("--local", w.local, "IPv4 address of this end")->required();
  app.add_option("--remote", w.remote, "IPv4 address of the other")->required();
  app.add_option("--port", w.port, "UDP port of both")->required()->check(CLI::Range(1, 65535));
  app.add_option("--cipher", w.cipher, "the AEAD")
      ->required()
      ->check(CLI::IsMember({"chacha20-poly1305", "aes-256-gcm"}));
  app.add_option("--tx-key", w.tx_key, "key file as plaitctl genkey makes it")->required();
  app.add_option("--rx-key", w.rx_key, "the other direction's")->required();
  CLI11_PARSE(app, argc, argv);
  run(w);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "plait-ovpn-peer: " << e.what() << '\n';
    return 1;
  }
}

// SPDX-License-Identifier: GPL-2.0
// plaitctl key: new, set, del, show; and genkey.
#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"

namespace plaitctl {
namespace {

constexpr std::uint32_t max_u32 = 0xffffffff;
constexpr std::uint32_t max_epoch = 65535;
constexpr std::uint32_t max_lanes = 256;
// docs/protocol.md, section 2: a sender stops before 2^56 - 1.
constexpr std::uint64_t max_counter = (1ULL << 56) - 2;

// A key epoch as it is named on the command line: "DEV session N epoch N".
struct Named {
  std::string device;
  std::uint32_t session = 0;
  std::uint32_t epoch = 0;

  void add_to(Words& words) {
    words.name("DEV", Need::required, text(device), "the device")
        .pair("session", "N", Need::required, number(session, 1, max_u32), "the session's number")
        .pair("epoch", "N", Need::required, number(epoch, 0, max_epoch),
              "the key epoch within the session");
  }
  plait::KeyId resolve(Session& run) const { return {run.ifindex(device), session, epoch}; }
};

plait::KeyMaterial load(const std::string& path) {
  auto file = plait::read_key_file(path);
  if (file.others_can_read) {
    fmt::print(stderr, "plaitctl: warning: others can read key file {0}: chmod 600 {0}\n", path);
  }
  return std::move(file.material);
}

Setter cipher(std::optional<plait::Cipher>& target) {
  return [&target](const std::string& text) {
    target = plait::cipher_from_string(text);
    if (!target) {
      throw std::invalid_argument(
          fmt::format("\"{}\" is not a cipher: give chacha20-poly1305 or any", text));
    }
  };
}

void add_new(CLI::App& group, Session& session) {
  struct Arguments {
    Named name;
    std::string tx_file;
    std::string rx_file;
    plait::NewKey key;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& key = arguments->key;
  Words words;
  arguments->name.add_to(words);
  words
      .pair("local-index", "N", Need::required, number(key.local_index, 0, max_u32),
            "receiver index of this end, random")
      .pair("remote-index", "N", Need::required, number(key.remote_index, 0, max_u32),
            "receiver index of the peer: its local-index")
      .pair("tx-key", "FILE", Need::required, text(arguments->tx_file),
            "key to send with: the peer's rx-key; - is standard input")
      .pair("rx-key", "FILE", Need::required, text(arguments->rx_file),
            "key to receive with: the peer's tx-key; - is standard input")
      .pair("tx-counter", "N", Need::optional, number(key.tx_counter, 0, max_counter),
            "counter of the first packet number, 0 if not given")
      .pair("peer-lanes", "N", Need::optional, number(key.peer_lanes, 1, max_lanes),
            "how many lanes the peer has, 1 if not given")
      .pair("cipher", "NAME", Need::optional, cipher(key.cipher), "chacha20-poly1305")
      .flag(
          "inactive", [&key] { key.active = false; }, "receive with it, do not send with it yet");
  add_command(
      group, {"new", "add"}, "Install a key epoch", std::move(words), [arguments, &session] {
        auto& key = arguments->key;
        if (arguments->tx_file == "-" && arguments->rx_file == "-") {
          throw UsageError("tx-key and rx-key: only one of them can come from standard input");
        }
        key.tx = load(arguments->tx_file);
        key.rx = load(arguments->rx_file);
        key.id = arguments->name.resolve(session);
        session.client().key_new(key);
      });
}

void add_set(CLI::App& group, Session& session) {
  struct Arguments {
    Named name;
    bool active = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto& active = arguments->active;
  Words words;
  arguments->name.add_to(words);
  words.flag(
      "active", [&active] { active = true; }, "send with it from now on");
  add_command(group, {"set"}, "Change which key epoch is sent with", std::move(words),
              [arguments, &session] {
                if (!arguments->active) {
                  throw UsageError("nothing to change: give active");
                }
                session.client().key_activate(arguments->name.resolve(session));
              });
}

void add_del(CLI::App& group, Session& session) {
  auto name = std::make_shared<Named>();
  Words words;
  name->add_to(words);
  add_command(group, {"del", "delete"}, "Drop a key epoch", std::move(words),
              [name, &session] { session.client().key_del(name->resolve(session)); });
}

}  // namespace

void add_key_commands(CLI::App& root, Session& session) {
  CLI::App& group = add_group(root, {"key"}, "Key epochs: new, set, del, show");
  add_new(group, session);
  add_set(group, session);
  add_del(group, session);
  add_show(
      group, "Show key epochs, never their keys",
      [&session](const std::optional<std::string>& device) {
        std::optional<std::uint32_t> ifindex;
        if (device) {
          ifindex = session.ifindex(*device);
        }
        print(view(session.client().key_list(ifindex), session.device_names(), session.format()));
      });
  add_command(root, {"genkey"}, "Print fresh key material: 48 random octets in base64", {},
              [] { print(plait::KeyMaterial::generate().to_base64() + "\n"); });
}

}  // namespace plaitctl

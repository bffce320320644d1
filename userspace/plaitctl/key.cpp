// SPDX-License-Identifier: GPL-2.0
// plaitctl key: new, set, del, show; and genkey.
#include <fmt/format.h>

#include <cstdio>

#include "commands.hpp"

namespace plaitctl {
namespace {

constexpr std::uint32_t max_u32 = 0xffffffff;
constexpr std::uint32_t max_epoch = 65535;
constexpr std::uint32_t max_lanes = 16;
// docs/protocol.md, section 2: a sender stops before 2^56 - 1.
constexpr std::uint64_t max_counter = (1ULL << 56) - 2;

// A key epoch as it is named on the command line: "DEV session N epoch N".
struct Named {
  std::string device;
  std::uint32_t session = 0;
  std::uint32_t epoch = 0;

  void add_to(Words& words) {
    words.name("DEV", Need::required, link_name(device), "the device")
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
          fmt::format("\"{}\" is not a cipher: give chacha20-poly1305, aes-256-gcm or any", text));
    }
  };
}

// One of the words that say when transmit uses a key epoch.
std::function<void()> activation(std::optional<plait::Activation>& target,
                                 plait::Activation value) {
  return [&target, value] {
    if (target) {
      throw UsageError("give one of active, inactive and on-receipt");
    }
    target = value;
  };
}

// What new and set have in common: Arguments is NewKey or KeyChange.
template <typename Arguments>
void add_changeable(Words& words, Arguments& key) {
  constexpr std::uint64_t max_u64 = ~0ULL;
  words
      .flag("active", activation(key.activation, plait::Activation::active),
            "send with it from now on")
      .pair("soft-limit", "N", Need::optional, number(key.soft_limit, 1, max_u64),
            "datagrams sealed, then an event asks for the next epoch")
      .pair("hard-limit", "N", Need::optional, number(key.hard_limit, 1, max_u64),
            "datagrams sealed, then it seals no more");
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
            "counter of the first packet number on each lane, 0 if not given")
      .pair("peer-lanes", "N", Need::optional, number(key.peer_lanes, 1, max_lanes),
            "how many lanes the peer has, 1 if not given")
      .pair("cipher", "NAME", Need::optional, cipher(key.cipher),
            "chacha20-poly1305, aes-256-gcm, or any; the same on both ends");
  words
      .flag("inactive", activation(key.activation, plait::Activation::inactive),
            "receive with it, do not send with it yet")
      .flag("on-receipt", activation(key.activation, plait::Activation::on_receipt),
            "send with it once the peer has: after the first datagram accepted on it");
  add_changeable(words, key);
  words.example("plaitctl key new plait0 session 1 epoch 0 local-index 0x5ea1 \\")
      .example("        remote-index 0xb0a7 tx-key a-to-b.key rx-key b-to-a.key");
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
    plait::KeyChange change;
  };
  auto arguments = std::make_shared<Arguments>();
  Words words;
  arguments->name.add_to(words);
  add_changeable(words, arguments->change);
  words.example("plaitctl key set plait0 session 1 epoch 1 active");
  add_command(group, {"set"}, "Change when a key epoch is sent with, and its limits",
              std::move(words), [arguments, &session] {
                const auto& change = arguments->change;
                if (!change.activation && !change.soft_limit && !change.hard_limit) {
                  throw UsageError("nothing to change: give active, soft-limit or hard-limit");
                }
                session.client().key_set(arguments->name.resolve(session), change);
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
  add_show(group, "Show key epochs, never their keys",
           [&session](const std::optional<std::string>& device) {
             const auto ifindex = session.ifindex(device);
             print_or_note(
                 view(session.client().key_list(ifindex), session.device_names(), session.format()),
                 fmt::format("no key: plaitctl key new {} ..., see plaitctl(8)",
                             device.value_or("DEV")));
           });
  add_command(root, {"genkey"}, "Print fresh key material: 48 random octets in base64", {},
              [] { print(plait::KeyMaterial::generate().to_base64() + "\n"); });
}

}  // namespace plaitctl

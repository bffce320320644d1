// SPDX-License-Identifier: GPL-2.0
// plait-userdp: one strand, one lane, one key epoch of plait's wire format in user space,
// by the module's own engine. It is what the module is measured against.
#include <cstdlib>
#include <iostream>
#include <map>
#include <plait/key_material.hpp>
#include <stdexcept>
#include <thread>

#include "path.hpp"

namespace {

constexpr const char* kUsage =
    "usage: plait-userdp --tun NAME --local ADDR --remote ADDR --port P\n"
    "                    --local-index N --remote-index N --tx-key FILE --rx-key FILE\n"
    "                    --cipher chacha20-poly1305|aes-256-gcm\n"
    "Makes the TUN device NAME and carries its packets to and from a plait peer that has\n"
    "one lane and key epoch 0. Indices and key files are as for plaitctl key new.\n";

class Options {
 public:
  Options(int argc, char** argv) {
    if (argc % 2 == 0) throw std::invalid_argument(kUsage);
    for (int i = 1; i < argc; i += 2)
      given_[argv[i]] = argv[i + 1];
  }

  const std::string& operator[](const std::string& name) const {
    const auto found = given_.find(name);
    if (found == given_.end()) throw std::invalid_argument(name + " is lacking\n" + kUsage);
    return found->second;
  }

  [[nodiscard]] u32 number(const std::string& name) const {
    return static_cast<u32>(std::stoul((*this)[name], nullptr, 0));
  }

 private:
  std::map<std::string, std::string> given_;
};

userdp::Cipher cipher_of(const std::string& name) {
  if (name == "chacha20-poly1305") return userdp::Cipher::chacha20_poly1305;
  if (name == "aes-256-gcm") return userdp::Cipher::aes_256_gcm;
  throw std::invalid_argument("no cipher " + name);
}

// A direction that cannot go on ends the program, and with it the TUN.
void run(auto& direction) {
  try {
    direction.run();
  } catch (const std::exception& e) {
    std::cerr << "plait-userdp: " << e.what() << '\n';
    std::_Exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options o(argc, argv);
    const userdp::Cipher cipher = cipher_of(o["--cipher"]);
    const auto tx = plait::read_key_file(o["--tx-key"]), rx = plait::read_key_file(o["--rx-key"]);
    const userdp::Link link(o["--tun"], o["--local"], o["--remote"], o["--port"]);
    userdp::Receiver receiver(link, cipher, rx.material.octets(), o.number("--local-index"));
    userdp::Transmitter transmitter(link, cipher, tx.material.octets(), o.number("--remote-index"));
    std::thread([&receiver] { run(receiver); }).detach();
    run(transmitter);
  } catch (const std::exception& e) {
    std::cerr << "plait-userdp: " << e.what() << '\n';
    return 1;
  }
}

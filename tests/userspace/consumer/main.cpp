// SPDX-License-Identifier: GPL-2.0
// Uses each part of libplait that needs no module, and sees its exceptions by their types.
// With the argument "ask", asks for the module too.
#include <iostream>
#include <stdexcept>
#include <string>

#include "plait/plait.hpp"

namespace {

template <typename Exception, typename Action>
std::string thrown(Action action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

int main(int argc, char** argv) {
  const auto prefix = plait::Prefix::parse("10.7.0.0/24");
  std::cout << prefix.to_string() << '\n'
            << prefix.contains(plait::Address::parse("10.7.0.9")) << '\n'
            << plait::counters().size() << '\n'
            << plait::KeyMaterial::generate().to_base64().size() << '\n'
            << to_string(plait::Cipher::aes_256_gcm) << '\n'
            << to_string(plait::EventKind::carrier_up) << '\n'
            << thrown<std::invalid_argument>([] { plait::Prefix::parse("10.7.0.1/24"); }) << '\n'
            << thrown<plait::Error>([] { throw plait::Exists({.code = 17, .operation = "be"}); })
            << '\n';
  if (argc > 1 && std::string(argv[1]) == "ask") {
    std::cout << thrown<plait::NotLoaded>([] { const plait::Client client; }) << '\n'
              << thrown<plait::NotLoaded>([] { const plait::Events events; }) << '\n';
  }
}

// SPDX-License-Identifier: GPL-2.0
// One line for a person out of what the kernel said.
#include "plait/error.hpp"

#include <cerrno>
#include <system_error>

namespace plait {
namespace {

std::string sentence(const Refusal& refusal) {
  const std::string reason = std::generic_category().message(refusal.code);
  std::string line = refusal.operation + ": ";
  if (refusal.text.empty()) {
    line += reason;
  } else {
    line += refusal.text + " (" + reason + ")";
  }
  if (!refusal.attribute.empty()) {
    line += refusal.missing ? "; missing: " : "; concerns: ";
    line += refusal.attribute;
  }
  if (refusal.text.empty() && refusal.code == EPERM) {
    line += ": CAP_NET_ADMIN is needed, try as root";
  }
  return line;
}

}  // namespace

Error::Error(const Refusal& refusal) : Error(refusal, sentence(refusal)) {}

Error::Error(const Refusal& refusal, const std::string& line)
    : std::runtime_error(line), refusal_(std::make_shared<const Refusal>(refusal)) {}

NotLoaded::NotLoaded()
    : Error({.code = ENOENT, .operation = "find the family"},
            "module plait is not loaded: modprobe plait") {}

}  // namespace plait

// SPDX-License-Identifier: GPL-2.0
// One line for a person out of what the kernel said, and the exception of its cause.
#include "plait/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "refuse.hpp"

namespace plait {
namespace {

// "remote-port" of "strand.remote-port"; nothing of "strand", which is the whole request.
std::string word_of(const std::string& attribute) {
  const auto dot = attribute.find('.');
  return dot == std::string::npos ? std::string() : attribute.substr(dot + 1);
}

// Whether a text speaks of an attribute, however it writes the hyphens.
bool mentions(std::string text, std::string word) {
  for (auto* words : {&text, &word}) {
    std::ranges::replace(*words, '_', '-');
    std::ranges::replace(*words, ' ', '-');
  }
  return text.find(word) != std::string::npos;
}

// What the kernel's attribute parser says of a policy, whatever the policy is (lib/nlattr.c).
bool is_boilerplate(const std::string& text) {
  static constexpr std::array<std::string_view, 4> texts{"", "Attribute failed policy validation",
                                                         "integer out of range",
                                                         "binary attribute size out of range"};
  return std::ranges::find(texts, text) != texts.end();
}

std::string reason(const Refusal& refusal) {
  const std::string word = word_of(refusal.attribute);
  if (!word.empty() && !refusal.wanted.empty() && is_boilerplate(refusal.text)) {
    return word + " must " + refusal.wanted;
  }
  if (!refusal.text.empty()) {
    return word.empty() || mentions(refusal.text, word) ? refusal.text : word + ": " + refusal.text;
  }
  if (refusal.code == EPERM) {
    return "CAP_NET_ADMIN is needed, try as root";
  }
  if (!refusal.attribute.empty() && refusal.missing) {
    return (word.empty() ? refusal.attribute : word) + " is missing";
  }
  const std::string number = std::generic_category().message(refusal.code);
  return word.empty() ? number : "the kernel refuses " + word + ": " + number;
}

}  // namespace

Error::Error(const Refusal& refusal)
    : Error(refusal, "cannot " + refusal.operation + ": " + reason(refusal)) {}

Error::Error(const Refusal& refusal, const std::string& line)
    : std::runtime_error(line), refusal_(std::make_shared<const Refusal>(refusal)) {}

NotLoaded::NotLoaded()
    : Error({.code = ENOENT, .operation = "find the family"},
            "module plait is not loaded: modprobe plait") {}

void refuse(const Refusal& refusal) {
  switch (refusal.code) {
    case EPERM:
    case EACCES:
      throw NotPermitted(refusal);
    case ENODEV:
    case ENOENT:
      throw NotFound(refusal);
    case EEXIST:
      throw Exists(refusal);
    case EINVAL:
    case ERANGE:
    case EOPNOTSUPP:
      throw Invalid(refusal);
    default:
      throw Error(refusal);
  }
}

}  // namespace plait

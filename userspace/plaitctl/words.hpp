// SPDX-License-Identifier: GPL-2.0
// The arguments of a command in the manner of ip(8): names in a fixed order, then
// "keyword value" pairs in any order. One grammar parses them and describes them.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "plait/objects.hpp"

namespace plaitctl {

/// The command line is wrong; what() says what, and what would be right.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Takes the text of one value; throws std::invalid_argument that says what would be right.
using Setter = std::function<void(const std::string&)>;

enum class Need { required, optional };

/// The grammar of one command's arguments.
class Words {
 public:
  /// A name that stands first, without a keyword: NAME.
  Words& name(std::string label, Need need, Setter set, std::string help);
  /// A keyword with a value: "port P".
  Words& pair(std::string keyword, std::string label, Need need, Setter set, std::string help);
  /// Names that stand last, any number of them but not none: PREFIX... No keyword can follow.
  Words& rest(std::string label, Setter set, std::string help);
  /// A keyword without a value: "inactive".
  Words& flag(std::string keyword, std::function<void()> set, std::string help);

  /// Words of which one may stand first and changes nothing: the "show" of "stats show DEV".
  Words& verb(std::vector<std::string> names);
  /// A command line that --help shows below the words.
  Words& example(std::string line);

  /// Throws UsageError on an unknown, repeated or missing word, or a value that is refused.
  void parse(std::span<const std::string> words) const;

  /// "NAME [lanes N] [window N]"
  [[nodiscard]] std::string usage() const;
  /// A line for each word: what it means.
  [[nodiscard]] std::string help() const;
  /// "Example: plaitctl …", a line each, or nothing.
  [[nodiscard]] std::string examples() const;

 private:
  struct Word {
    std::string keyword;  // empty: a name
    std::string label;    // empty: a flag
    Need need;
    Setter set;
    std::string help;
    bool repeats = false;  // a name that takes all that follows

    [[nodiscard]] std::string usage() const;
  };

  static void set(const Word& word, const std::string& value);
  [[nodiscard]] const Word& find(const std::string& keyword) const;

  std::vector<Word> words_;
  std::vector<std::string> verbs_;
  std::vector<std::string> examples_;
};

/// Reads a decimal or 0x… number from min to max; throws std::invalid_argument.
std::uint64_t parse_number(const std::string& text, std::uint64_t min, std::uint64_t max);

template <typename T>
struct Plain {
  using type = T;
};
template <typename T>
struct Plain<std::optional<T>> {
  using type = T;
};

/// A setter of a number from min to max. The target outlives it.
template <typename Target>
requires std::unsigned_integral<typename Plain<Target>::type> Setter
number(Target& target, typename Plain<Target>::type min, typename Plain<Target>::type max) {
  return [&target, min, max](const std::string& text) {
    target = static_cast<typename Plain<Target>::type>(parse_number(text, min, max));
  };
}

/// A setter of any text. The target outlives it.
template <typename Target>
Setter text(Target& target) {
  return [&target](const std::string& text) { target = text; };
}

/// Throws std::invalid_argument if no interface can have that name.
void check_link_name(const std::string& name);

/// A setter of an interface's name, whether there is one or not. The target outlives it.
template <typename Target>
Setter link_name(Target& target) {
  return [&target](const std::string& text) {
    check_link_name(text);
    target = text;
  };
}

/// A setter of an IPv4 or IPv6 address. The target outlives it.
template <typename Target>
Setter address(Target& target) {
  return [&target](const std::string& text) { target = plait::Address::parse(text); };
}

/// A setter of "on" and "off". The target outlives it.
Setter on_off(std::optional<bool>& target);

/// A setter of "inherit" or 0 to 63. The target outlives it.
Setter dscp(std::optional<plait::Dscp>& target);

/// A setter of an interface index, from its name; "any" is 0. The target outlives it.
Setter interface(std::optional<std::uint32_t>& target);

}  // namespace plaitctl

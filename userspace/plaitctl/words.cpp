// SPDX-License-Identifier: GPL-2.0
// Parsing "keyword value" arguments, and the values that several commands take.
#include "words.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <string_view>

namespace plaitctl {

Words& Words::name(std::string label, Need need, Setter set, std::string help) {
  words_.push_back({{}, std::move(label), need, std::move(set), std::move(help)});
  return *this;
}

Words& Words::pair(std::string keyword, std::string label, Need need, Setter set,
                   std::string help) {
  words_.push_back({std::move(keyword), std::move(label), need, std::move(set), std::move(help)});
  return *this;
}

Words& Words::rest(std::string label, Setter set, std::string help) {
  words_.push_back({{}, std::move(label), Need::required, std::move(set), std::move(help), true});
  return *this;
}

Words& Words::flag(std::string keyword, std::function<void()> set, std::string help) {
  words_.push_back({std::move(keyword),
                    {},
                    Need::optional,
                    [set = std::move(set)](const std::string&) { set(); },
                    std::move(help)});
  return *this;
}

Words& Words::verb(std::vector<std::string> names) {
  verbs_ = std::move(names);
  return *this;
}

Words& Words::example(std::string line) {
  examples_.push_back(std::move(line));
  return *this;
}

const Words::Word& Words::find(const std::string& keyword) const {
  const auto word = std::ranges::find_if(
      words_, [&](const Word& word) { return !word.keyword.empty() && word.keyword == keyword; });
  if (word == words_.end()) {
    throw UsageError(
        fmt::format("unknown word '{}': {}", keyword,
                    words_.empty() ? "this command takes none" : "the words are " + usage()));
  }
  return *word;
}

void Words::set(const Word& word, const std::string& value) {
  try {
    word.set(value);
  } catch (const std::invalid_argument& error) {
    throw UsageError(
        fmt::format("{}: {}", word.keyword.empty() ? word.label : word.keyword, error.what()));
  }
}

void Words::parse(std::span<const std::string> words) const {
  std::set<const Word*> seen;
  if (!words.empty() && std::ranges::find(verbs_, words.front()) != verbs_.end()) {
    words = words.subspan(1);
  }
  for (const Word& word : words_) {
    const bool is_name = word.keyword.empty();
    for (bool more = true; is_name && more && !words.empty(); more = word.repeats) {
      set(word, words.front());
      seen.insert(&word);
      words = words.subspan(1);
    }
  }
  while (!words.empty()) {
    const Word& word = find(words.front());
    const bool takes_value = !word.label.empty();
    if (!seen.insert(&word).second) {
      throw UsageError(fmt::format("\"{}\" stands twice", word.keyword));
    }
    if (takes_value && words.size() < 2) {
      throw UsageError(
          fmt::format("\"{}\" lacks its value {}: {}", word.keyword, word.label, word.help));
    }
    set(word, takes_value ? words[1] : "");
    words = words.subspan(takes_value ? 2 : 1);
  }
  for (const Word& word : words_) {
    if (word.need == Need::required && !seen.contains(&word)) {
      throw UsageError(fmt::format("\"{}\" is missing: {}", word.usage(), word.help));
    }
  }
}

std::string Words::Word::usage() const {
  if (keyword.empty()) return repeats ? label + "..." : label;
  return label.empty() ? keyword : keyword + " " + label;
}

std::string Words::usage() const {
  std::string line = verbs_.empty() ? "" : "[" + verbs_.front() + "]";
  for (const Word& word : words_) {
    line += line.empty() ? "" : " ";
    line += word.need == Need::required ? word.usage() : "[" + word.usage() + "]";
  }
  return line;
}

std::string Words::help() const {
  std::string lines;
  for (const Word& word : words_) {
    lines += fmt::format("  {:<20} {}\n", word.usage(), word.help);
  }
  return lines;
}

std::string Words::examples() const {
  std::string lines;
  for (const auto& example : examples_) {
    lines += (lines.empty() ? "Example: " : "         ") + example + "\n";
  }
  return lines;
}

void check_link_name(const std::string& name) {
  constexpr std::size_t longest = IF_NAMESIZE - 1;
  if (name.size() > longest) {
    throw std::invalid_argument(
        fmt::format("\"{}\" has {} characters: an interface's name has at most {}", name,
                    name.size(), longest));
  }
  const bool bad_character = std::ranges::any_of(
      name, [](unsigned char c) { return c == '/' || c == ':' || std::isspace(c) != 0; });
  if (name.empty() || name == "." || name == ".." || bad_character) {
    throw std::invalid_argument(
        fmt::format("\"{}\" cannot be an interface's name: give one like plait0", name));
  }
}

std::uint64_t parse_number(const std::string& text, std::uint64_t min, std::uint64_t max) {
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    throw std::invalid_argument(
        fmt::format("\"{}\" is not a number: give {} to {}", text, min, max));
  }
  if (error == std::errc::result_out_of_range || number < min || number > max) {
    throw std::invalid_argument(fmt::format("{} is out of range: give {} to {}", text, min, max));
  }
  return number;
}

Setter on_off(std::optional<bool>& target) {
  return [&target](const std::string& text) {
    if (text != "on" && text != "off") {
      throw std::invalid_argument(fmt::format("give on or off, not \"{}\"", text));
    }
    target = text == "on";
  };
}

Setter dscp(std::optional<plait::Dscp>& target) {
  return [&target](const std::string& text) { target = plait::dscp_from_string(text); };
}

Setter interface(std::optional<std::uint32_t>& target) {
  return [&target](const std::string& text) {
    target = text == "any" ? 0 : if_nametoindex(text.c_str());
    if (*target == 0 && text != "any") {
      throw std::invalid_argument(
          fmt::format("no interface \"{}\" here: see `ip link`, or give any", text));
    }
  };
}

}  // namespace plaitctl

// SPDX-License-Identifier: GPL-2.0
// Laying out a table: measure, then print.
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace tools {

std::string Table::to_string(std::size_t indent) const {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> titles;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
  }
  if (std::ranges::any_of(titles, [](const std::string& title) { return !title.empty(); })) {
    lines.push_back(std::move(titles));
  }
  for (const auto& row : rows_) {
    auto& line = lines.emplace_back(row);
    std::ranges::replace(line, std::string(), std::string("-"));
  }

  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); i++) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }

  std::string text;
  for (const auto& line : lines) {
    std::string cells(indent, ' ');
    for (std::size_t i = 0; i < widths.size(); i++) {
      const std::string padding(widths[i] - line[i].size(), ' ');
      cells += i == 0 ? "" : "  ";
      cells += columns_[i].align == Align::right ? padding + line[i] : line[i] + padding;
    }
    cells.erase(cells.find_last_not_of(' ') + 1);
    text += cells + "\n";
  }
  return text;
}

namespace {

// "1.5 KiB": a size over its largest unit. What would be rounded up to a whole step of one
// unit is 1.0 of the next.
std::string scaled(double size, double step, std::span<const char* const> units) {
  size /= step;
  while (size >= step - 0.05 && units.size() > 1) {
    size /= step;
    units = units.subspan(1);
  }
  return fmt::format("{:.1f}{}", size, units.front());
}

}  // namespace

std::string human_size(std::uint64_t octets) {
  constexpr std::array units{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  return octets < 1024 ? fmt::format("{} B", octets)
                       : scaled(static_cast<double>(octets), 1024, units);
}

std::string human_count(std::uint64_t number) {
  constexpr std::array units{"k", "M", "G", "T", "P", "E"};
  return number < 10'000 ? std::to_string(number)
                         : scaled(static_cast<double>(number), 1000, units);
}

std::string human_rate(double bits_per_second) {
  constexpr std::array units{" kbit/s", " Mbit/s", " Gbit/s", " Tbit/s"};
  return bits_per_second < 1000 ? fmt::format("{:.0f} bit/s", bits_per_second)
                                : scaled(bits_per_second, 1000, units);
}

}  // namespace tools

// SPDX-License-Identifier: GPL-2.0
// Laying out a table: measure, then print.
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plaitctl {

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

std::string human_size(std::uint64_t octets) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (octets < 1024) {
    return fmt::format("{} B", octets);
  }
  auto size = static_cast<double>(octets) / 1024;
  std::size_t unit = 0;
  // What would be rounded to 1024.0 of one unit is 1.0 of the next.
  while (size >= 1023.95 && unit + 1 < units.size()) {
    size /= 1024;
    unit++;
  }
  return fmt::format("{:.1f} {}", size, units[unit]);
}

}  // namespace plaitctl

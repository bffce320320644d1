// SPDX-License-Identifier: GPL-2.0
// Aligned text tables, sizes and numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tools {

/// A table with a header: columns two spaces apart, as wide as their widest cell.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  /// No titles at all: no header line.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns; an empty one is shown as "-".
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// Lines, without spaces at their ends, each after the indent.
  [[nodiscard]] std::string to_string(std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "0 B", "1023 B", "1.5 KiB", "12.0 GiB".
std::string human_size(std::uint64_t octets);

/// "0", "9999", "12.3k", "8.6G", "18.4E": a number to take in at a glance.
std::string human_count(std::uint64_t number);

/// "0 bit/s", "999 bit/s", "1.5 kbit/s", "12.0 Gbit/s".
std::string human_rate(double bits_per_second);

}  // namespace tools

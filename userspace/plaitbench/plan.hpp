// SPDX-License-Identifier: GPL-2.0
// What a person asks for: tests, packet sizes, rates, as text and as what trials are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plaitbench {

enum class Test { throughput, loss, latency, bursts, tcp, rr };

/// "throughput" …
std::string_view to_string(Test test);

/// A list with commas; throws std::invalid_argument that says what would be right.
std::vector<Test> parse_tests(const std::string& text);

/// A length of packets, or a mix of lengths.
struct Size {
  std::string name;                   ///< "1280", "imix"
  std::vector<std::uint32_t> octets;  ///< of IP packets, one after the other, again and again

  [[nodiscard]] double mean() const;
  /// UDP payloads behind headers of that size.
  [[nodiscard]] std::vector<std::uint32_t> payloads(std::uint32_t header) const;
};

/// Lengths of IP packets, "mtu" for the largest that the path takes, "imix": seven of 64, four of
/// 576 and one of 1500 octets (or the MTU, if that is smaller), shuffled.
struct SizeList {
  std::vector<Size> sizes;
  std::vector<std::string> too_large;  ///< those that the path does not take
};

/// Throws std::invalid_argument if a word is none of that, out of 64 to 9000, or nothing fits.
SizeList parse_sizes(const std::string& text, std::uint32_t mtu);
/// The same check without a path.
void check_sizes(const std::string& text);

/// A rate in packets, or in bits of IP packets, a second.
struct Rate {
  double value = 0;
  bool packets = false;

  [[nodiscard]] double packets_per_second(const Size& size) const;
};

/// "100M", "2.5G": bits a second; "50kpps": packets. Throws std::invalid_argument.
Rate parse_rate(const std::string& text);

/// How a run is done.
struct Plan {
  std::vector<Test> tests;
  std::string sizes;
  double seconds = 0;        ///< of one trial
  std::optional<Rate> rate;  ///< the highest to be offered; else what the sender can
  double tolerance = 0;      ///< the share of loss that is none
  double resolution = 0;     ///< of a throughput search, a fraction
  unsigned most_trials = 0;  ///< of a throughput search
  unsigned repeat = 0;       ///< how often a burst must pass
  std::uint64_t longest_burst = 0;
  unsigned batch = 0;
  unsigned streams = 1;
  bool reverse = false;

  static Plan usual();
  static Plan quick();
};

}  // namespace plaitbench

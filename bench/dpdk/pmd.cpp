// SPDX-License-Identifier: GPL-2.0
// plait_pmd: what the protocol costs a CPU without a kernel: packets a second of the poll-mode
// path beside those of the crypto device alone, medians of alternating runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <plait/key_material.hpp>

#include "eal.hpp"
#include "measure.hpp"

namespace {

constexpr unsigned kMemory = 64;  // MiB
constexpr unsigned kBuffers = 4 * dpdk::kUnderWay;
constexpr double kTarget = 0.85;  // of the floor, packets of kBarSize
constexpr u32 kBarSize = 1400;
constexpr unsigned kRounds = 50;  // of a run
constexpr u32 kIndex = 0x5ea1;

struct Cipher {
  const char *name, *short_name, *device;
  rte_crypto_aead_algorithm algorithm;
};
constexpr Cipher kCiphers[] = {
    {"ChaCha20-Poly1305", "chacha", "crypto_chacha20_poly1305", RTE_CRYPTO_AEAD_CHACHA20_POLY1305},
    {"AES-256-GCM", "gcm", "crypto_aesni_mb", RTE_CRYPTO_AEAD_AES_GCM},
};

/// Of all runs, sorted.
class Samples {
 public:
  void add(double value) { values_.insert(std::ranges::upper_bound(values_, value), value); }
  [[nodiscard]] double median() const { return values_[values_.size() / 2]; }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }
  [[nodiscard]] std::string text() const {
    return fmt::format("{:8.3f} ({:.3f}-{:.3f})", median() / 1e6, quantile(1), quantile(3));
  }

 private:
  [[nodiscard]] double quantile(std::size_t quarter) const {
    return values_[values_.size() * quarter / 4] / 1e6;
  }
  std::vector<double> values_;
};

/// What is kept of all runs, for bench/report.
using Rows = nlohmann::json;

void row(Rows& rows, const std::string& name, const char* what, const Samples& floor,
         const Samples& pmd) {
  for (const auto& [who, samples] : {std::pair("floor", &floor), std::pair("pmd", &pmd)}) {
    rows.push_back({{"name", fmt::format("{}-{}-{}", name, what, who)},
                    {"unit", "packets/s"},
                    {"better", "higher"},
                    {"runs", samples->values()}});
  }
  fmt::print("  {:<10} {:>24} {:>24} {:>7.2f} {:>8.0f}\n", what, floor.text(), pmd.text(),
             pmd.median() / floor.median(), 1e9 / pmd.median() - 1e9 / floor.median());
}

/// Says the share of the floor's packets that are left when they are sealed and opened.
double compare(const Cipher& cipher, u32 size, unsigned runs, rte_mempool* pool,
               dpdk::Loop::Ports& ports, Rows& rows) {
  const auto material = plait::KeyMaterial::generate();
  const dpdk::Keys keys{.cipher = cipher.algorithm, .material = material.octets(), .index = kIndex};
  dpdk::CryptoDevice device(cipher.device);
  dpdk::Transmitter transmitter(device, keys);
  dpdk::Receiver receiver(device, keys);
  dpdk::Loop loop(ports, transmitter, receiver, pool, size);
  dpdk::Floor floor(device, keys, pool, size);
  Samples floor_sealed, floor_opened, floor_both, sealed, opened, both;
  for (unsigned run = 0; run < runs; run++) {
    const auto alone = floor.run(kRounds), whole = loop.run(kRounds);
    floor_sealed.add(alone.sealed);
    floor_opened.add(alone.opened);
    floor_both.add(alone.both);
    sealed.add(whole.sealed);
    opened.add(whole.opened);
    both.add(whole.both);
  }
  fmt::print("{}, packets of {} octets\n", cipher.name, size);
  const auto name = fmt::format("{}-{}", cipher.short_name, size);
  row(rows, name, "sealed", floor_sealed, sealed);
  row(rows, name, "opened", floor_opened, opened);
  row(rows, name, "both", floor_both, both);
  return both.median() / floor_both.median();
}

int run(int argc, char** argv) {
  CLI::App app("Packets a second on one CPU: plait's engine over DPDK, and DPDK's AEAD alone",
               "plait_pmd");
  unsigned runs = 31;
  app.add_option("--runs", runs, "Runs of each, in turns; their medians are printed")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str();
  std::string json;
  app.add_option("--json", json, "Keep each run in FILE too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    return app.exit(asked);
  }

  const dpdk::Eal eal(
      kMemory, {"net_ring0", "net_ring1", "net_ring2", kCiphers[0].device, kCiphers[1].device});
  rte_mempool* const pool = dpdk::make_pool("packets", kBuffers);
  dpdk::Loop::Ports ports(pool);
  fmt::print("{:<12} {:>24} {:>24} {:>7} {:>8}\n", "10^6 packets/s", "AEAD alone", "plait_pmd",
             "share", "ns more");
  std::string bars;
  auto rows = Rows::array();
  for (const auto& cipher : kCiphers) {
    for (const u32 size : {64U, kBarSize}) {
      const double share = compare(cipher, size, runs, pool, ports, rows);
      if (size == kBarSize) {
        bars += fmt::format("bar: pmd-{}-{}-vs-floor = {:.2f} (target {})\n", cipher.short_name,
                            size, share, kTarget);
      }
    }
  }
  fmt::print("Medians of {} alternating runs, in brackets the middle half of them.\n{}", runs,
             bars);
  if (!json.empty()) {
    std::ofstream file(json);
    file << Rows{{"rows", rows}}.dump(1) << '\n';
    if (!file.flush()) throw std::runtime_error("cannot write " + json);
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "plait_pmd: {} (try plait_pmd --help)\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "plait_pmd: {}\n", error.what());
    return EXIT_FAILURE;
  }
}

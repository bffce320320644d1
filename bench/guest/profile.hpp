// SPDX-License-Identifier: GPL-2.0
// Samples where the CPU is, with kernel call chains, into memory; nothing of it is
// written out, and so measured, before the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gauge {

class Profile {
 public:
  // A sample every `period_ns`. Runs repeat under -icount, so that a period may fall
  // in step with the work: add up runs with several periods.
  explicit Profile(std::uint64_t period_ns);
  ~Profile();
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  void start();
  void stop();
  // One line a call chain: count, then symbols from the innermost outwards.
  void write(const std::string& path) const;

 private:
  int fd_ = -1;
  void* map_ = nullptr;
  std::size_t map_len_ = 0;
};

}  // namespace gauge

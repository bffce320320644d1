// SPDX-License-Identifier: GPL-2.0
// Where the filter's parts are kept between two runs of a tool: names in the BPF file system.
//
//   /sys/fs/bpf/plait/listener/        links and maps that all filters share
//   /sys/fs/bpf/plait/IFINDEX-COOKIE/  one filter's own
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace plait {

/// A descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// The place of one filter.
struct FilterPlace {
  std::uint32_t ifindex = 0;
  std::uint64_t net = 0;
  std::filesystem::path path;
};

/// The tree of names. One run of a tool at a time holds it.
class Pins {
 public:
  /// Makes the tree; throws FilterError if there is no BPF file system, or no permission.
  Pins();

  [[nodiscard]] std::filesystem::path listener() const { return root_ / "listener"; }
  [[nodiscard]] FilterPlace place(std::uint32_t ifindex, std::uint64_t net) const;
  [[nodiscard]] std::vector<FilterPlace> places() const;

  /// Removes a folder of names, if it is there, and so what only they hold.
  static void remove(const std::filesystem::path& folder);

 private:
  std::filesystem::path root_;
  Descriptor lock_;
};

/// What is kept under that name, if there is something.
Descriptor pinned(const std::filesystem::path& name);

}  // namespace plait

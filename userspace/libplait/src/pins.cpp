// SPDX-License-Identifier: GPL-2.0
// Names in the BPF file system.
#include "pins.hpp"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "plait/filter.hpp"

namespace plait {
namespace {

constexpr const char* bpf_fs = "/sys/fs/bpf";

std::optional<FilterPlace> parse(const std::filesystem::path& path) {
  const std::string name = path.filename();
  FilterPlace place{.ifindex = 0, .net = 0, .path = path};
  const char* end = name.data() + name.size();
  const auto index = std::from_chars(name.data(), end, place.ifindex);
  if (index.ec != std::errc() || index.ptr == end || *index.ptr != '-') return {};
  const auto cookie = std::from_chars(index.ptr + 1, end, place.net);
  if (cookie.ec != std::errc() || cookie.ptr != end) return {};
  return place;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Pins::Pins() : root_(std::filesystem::path(bpf_fs) / "plait") {
  struct statfs fs {};
  if (statfs(bpf_fs, &fs) != 0 || fs.f_type != BPF_FS_MAGIC) {
    throw FilterError(
        "no BPF file system on /sys/fs/bpf. `ip netns exec` hides it: run nsenter "
        "--net=/run/netns/NAME plaitctl ... in its place; elsewhere mount it: mount -t bpf -o "
        "mode=0700 bpf /sys/fs/bpf");
  }
  // Root's alone: others could hold the lock, or take names away.
  if (mkdir(root_.c_str(), S_IRWXU) == 0 || errno == EEXIST) {
    lock_ = Descriptor(open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  struct stat status {};
  if (lock_ && fstat(lock_.get(), &status) == 0 &&
      (status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)) {
    throw FilterError(root_.string() + " belongs to others too: remove it");
  }
  if (!lock_ || flock(lock_.get(), LOCK_EX) != 0) {
    throw FilterError(errno == EACCES || errno == EPERM
                          ? "CAP_NET_ADMIN and CAP_BPF are needed, try as root"
                          : "cannot use " + root_.string() + ": " +
                                std::generic_category().message(errno));
  }
}

FilterPlace Pins::place(std::uint32_t ifindex, std::uint64_t net) const {
  return {.ifindex = ifindex,
          .net = net,
          .path = root_ / (std::to_string(ifindex) + "-" + std::to_string(net))};
}

std::vector<FilterPlace> Pins::places() const {
  std::vector<FilterPlace> places;
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    if (auto place = parse(entry.path())) places.push_back(std::move(*place));
  }
  return places;
}

void Pins::remove(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

Descriptor pinned(const std::filesystem::path& name) {
  return Descriptor(bpf_obj_get(name.c_str()));
}

}  // namespace plait

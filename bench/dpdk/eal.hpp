// SPDX-License-Identifier: GPL-2.0
// DPDK's environment, once a process: without hugepages, PCI and files, on the CPU where the
// process is. And packet buffers in it.
#pragma once

#include <rte_mbuf.h>

#include <string>
#include <vector>

namespace dpdk {

class Eal {
 public:
  /// @mib: memory for everything in it. @devices: as --vdev takes them.
  Eal(unsigned mib, const std::vector<std::string>& devices);
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;
  ~Eal();
};

/// Throws what DPDK said of @what; @error is an errno, of either sign.
[[noreturn]] void fail(const std::string& what, int error);

/// @count packet buffers, each with room for a frame of 1,514 octets, and more. They live as
/// long as the Eal.
rte_mempool* make_pool(const std::string& name, unsigned count);

}  // namespace dpdk

// SPDX-License-Identifier: GPL-2.0
// Starting EAL: see eal.hpp.
#include "eal.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <sched.h>

#include <cstdlib>
#include <stdexcept>

namespace dpdk {

namespace {

constexpr const char* kErrorsAlone = "--log-level=4";  // RTE_LOG_ERR

}  // namespace

void fail(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + rte_strerror(std::abs(error)));
}

Eal::Eal(unsigned mib, const std::vector<std::string>& devices) {
  std::vector<std::string> words{"plait",
                                 "--no-huge",
                                 "--no-shconf",
                                 "--no-pci",
                                 "--no-telemetry",
                                 kErrorsAlone,
                                 "-l",
                                 std::to_string(sched_getcpu()),
                                 "-m",
                                 std::to_string(mib)};
  for (const auto& device : devices) {
    words.emplace_back("--vdev");
    words.push_back(device);
  }
  // EAL keeps some of the pointers, and may swap them.
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  if (rte_eal_init(static_cast<int>(words.size()), argv.data()) < 0)
    fail("DPDK does not start", rte_errno);
}

Eal::~Eal() {
  rte_eal_cleanup();
}

rte_mempool* make_pool(const std::string& name, unsigned count) {
  rte_mempool* const pool =
      rte_pktmbuf_pool_create(name.c_str(), count, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (pool == nullptr) fail(std::to_string(count) + " packet buffers", rte_errno);
  return pool;
}

}  // namespace dpdk

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

// As rte_pktmbuf_pool_create(), but buffers stand close to one another, across pages: net_af_xdp
// takes the pool for an array.
rte_mempool* make_pool(const std::string& name, unsigned count) {
  rte_mempool* const pool =
      rte_mempool_create_empty(name.c_str(), count, sizeof(rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE, 0,
                               sizeof(rte_pktmbuf_pool_private), SOCKET_ID_ANY,
                               RTE_MEMPOOL_F_NO_IOVA_CONTIG | RTE_MEMPOOL_F_NO_SPREAD);
  if (pool == nullptr) fail(name, rte_errno);
  rte_pktmbuf_pool_init(pool, nullptr);
  const int made = rte_mempool_populate_default(pool);
  if (made < 0) fail(std::to_string(count) + " packet buffers", made);
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  return pool;
}

}  // namespace dpdk

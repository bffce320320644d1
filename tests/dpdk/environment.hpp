// SPDX-License-Identifier: GPL-2.0
// DPDK's environment for tests: started when tests run, not when they are listed.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "eal.hpp"

namespace dpdk_test {

inline rte_mempool* pool = nullptr;

class Environment : public testing::Environment {
 public:
  explicit Environment(std::vector<std::string> devices) : devices_(std::move(devices)) {}
  void SetUp() override {
    eal_.emplace(64, devices_);
    pool = dpdk::make_pool("packets", 2048);
  }
  void TearDown() override { eal_.reset(); }

 private:
  std::vector<std::string> devices_;
  std::optional<dpdk::Eal> eal_;
};

}  // namespace dpdk_test

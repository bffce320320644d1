// SPDX-License-Identifier: GPL-2.0
// A test with a filter of its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "program.hpp"

namespace xdp {

/// Skipped, with the reason, where this machine loads no filter.
class WithProgram : public testing::Test {
 protected:
  void SetUp() override {
    try {
      program_ = std::make_unique<Program>();
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  std::unique_ptr<Program> program_;
};

}  // namespace xdp

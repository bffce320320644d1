// SPDX-License-Identifier: GPL-2.0
// What the kernel refuses or cannot do, as exceptions: Error, and one type for each cause
// that a program may want to tell apart.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "plait/export.hpp"

namespace plait {

/// What the kernel said about a request that it refused.
struct Refusal {
  int code = 0;             ///< errno value, positive
  std::string operation{};  ///< what was asked, "add strand 0"
  std::string text{};       ///< the kernel's own words (extack), empty if it gave none
  std::string attribute{};  ///< "strand.remote", empty if it named none
  bool missing = false;     ///< the attribute was lacking, rather than wrong
  std::string wanted{};     ///< what the attribute must be by the kernel's policy: "be 1 to 16"
};

/// A request that failed in the kernel, or that could not reach it. what() is one line to
/// show to a person: what could not be done, and why.
class PLAIT_API Error : public std::runtime_error {
 public:
  explicit Error(const Refusal& refusal);
  /// With another line than the refusal makes by itself.
  Error(const Refusal& refusal, const std::string& line);

  /// errno value, positive: ENODEV, EEXIST, EPERM, EINVAL …
  [[nodiscard]] int code() const noexcept { return refusal_->code; }
  /// The kernel's own words, empty if it gave none.
  [[nodiscard]] const std::string& kernel_text() const noexcept { return refusal_->text; }
  /// The attribute that the kernel objects to or misses, empty if it named none.
  [[nodiscard]] const std::string& attribute() const noexcept { return refusal_->attribute; }
  /// What that attribute must be or have, "be 1 to 16", empty if the kernel did not tell.
  [[nodiscard]] const std::string& wanted() const noexcept { return refusal_->wanted; }

 private:
  std::shared_ptr<const Refusal> refusal_;
};

/// The kernel has no generic netlink family "plait"; what() says how to get it.
class PLAIT_API NotLoaded : public Error {
 public:
  NotLoaded();
};

/// CAP_NET_ADMIN is lacking.
class PLAIT_API NotPermitted : public Error {
  using Error::Error;
};

/// There is no such device, strand, key or prefix.
class PLAIT_API NotFound : public Error {
  using Error::Error;
};

/// There is one already.
class PLAIT_API Exists : public Error {
  using Error::Error;
};

/// The kernel takes the request for wrong: kernel_text() and attribute() say what.
class PLAIT_API Invalid : public Error {
  using Error::Error;
};

}  // namespace plait

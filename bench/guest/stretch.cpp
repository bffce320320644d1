// SPDX-License-Identifier: GPL-2.0
// The profile stands outside of the bracket, so that starting it costs the stretch nothing.
#include "stretch.hpp"

#include <iostream>
#include <utility>

namespace gauge {

Stretch::Stretch(Sampling sampling) : sampling_(std::move(sampling)) {
  if (!sampling_.file.empty()) profile_ = std::make_unique<Profile>(sampling_.period_ns);
}

void Stretch::begin() {
  if (profile_) profile_->start();
  bracket_.emplace();
}

void Stretch::end() {
  span_ = bracket_.value().end();
  if (profile_) profile_->stop();
}

void Stretch::report(const std::string& words) const {
  if (profile_) profile_->write(sampling_.file);
  if (!words.empty()) std::cout << words << ' ';
  std::cout << "total=" << span_.total_ns << " idle=" << span_.idle_ns << '\n';
}

}  // namespace gauge

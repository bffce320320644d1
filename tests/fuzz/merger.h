// SPDX-License-Identifier: GPL-2.0
// A receiver's use of core/segment.c: one packet after another, whose headers alone
// can be read, appended to the first while they fit.
#ifndef PLAIT_TESTS_FUZZ_MERGER_H
#define PLAIT_TESTS_FUZZ_MERGER_H

#include "fuzz.h"

namespace plait_fuzz {

class Merger {
 public:
  explicit Merger(const Octets& first) : headers_(front(first, PLAIT_HEADERS_MAX)) {
    begun_ = plait_merge_begin(&m_, headers_.data(), size32(headers_), size32(first));
    if (begun_) payload_.assign(first.begin() + m_.headers_len, first.end());
  }
  Merger(const Merger&) = delete;  // m_ points into headers_
  Merger& operator=(const Merger&) = delete;

  bool begun() const { return begun_; }
  const plait_merge& state() const { return m_; }

  bool append(const Octets& p) {
    const Octets headers = front(p, m_.headers_len);
    if (!plait_merge_append(&m_, headers.data(), size32(p))) return false;
    payload_.insert(payload_.end(), p.begin() + m_.headers_len, p.end());
    return true;
  }

  Octets finish() {
    plait_merge_finish(&m_);
    Octets out = front(headers_, m_.headers_len);
    out.insert(out.end(), payload_.begin(), payload_.end());
    return out;
  }

 private:
  static Octets front(const Octets& o, size_t n) {
    return {o.begin(), o.begin() + static_cast<long>(std::min(o.size(), n))};
  }

  Octets headers_, payload_;
  plait_merge m_{};
  bool begun_ = false;
};

}  // namespace plait_fuzz

#endif  // PLAIT_TESTS_FUZZ_MERGER_H

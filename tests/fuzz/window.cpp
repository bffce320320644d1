// SPDX-License-Identifier: GPL-2.0
// core/window.c: a sequence of counters, each checked and some accepted, against a
// window that remembers them all; in the end every counter in and around the window.
#include <memory>

#include "reference.h"

using namespace plait_fuzz;

namespace {

// From anywhere, or from around the window's two ends.
u64 counter(Input& in, const Window& model) {
  const u8 kind = in.octet();
  const u64 bottom = (model.top() / 64 - model.span() / 64) * 64;
  switch (kind & 3) {
    case 0:
      return model.top() + (kind >> 2);
    case 1:
      return model.top() - in.number(2);  // wraps to what lies far ahead
    case 2:
      return bottom + (kind >> 2) - 16;
    default:
      return in.number(kind & 4 ? 8 : 7);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Input in(data, size);
  const u32 span = 64U << in.below(13);
  REQUIRE(plait_window_span_valid(span));
  REQUIRE(!plait_window_span_valid(span + 1) && !plait_window_span_valid(span - 1));

  const std::unique_ptr<u64[]> memory(new u64[plait_window_bytes(span) / 8]);
  plait_window w{};
  plait_window_init(&w, memory.get(), span);
  Window model(span);

  for (int i = 0; i < 300 && !in.empty(); i++) {
    const u64 c = counter(in, model);
    const plait_verdict expected = model.verdict(c);
    REQUIRE_EQUAL(plait_window_check(&w, c), expected);
    if (!in.bit()) continue;
    REQUIRE_EQUAL(plait_window_accept(&w, c), expected);
    if (expected == PLAIT_OK) model.accept(c);
    REQUIRE_EQUAL(w.top, model.top());
  }

  const u64 around = std::min<u64>(span, 512) + 128;
  for (const u64 middle : {model.top(), model.top() - span}) {
    for (u64 c = middle - around; c != middle + around; c++)
      REQUIRE_EQUAL(plait_window_check(&w, c), model.verdict(c));
  }
  return 0;
}

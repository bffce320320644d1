// SPDX-License-Identifier: GPL-2.0
// The filter loaded on this machine, its maps filled by the test, run by BPF_PROG_TEST_RUN in a
// network namespace of the test's own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core.h"
#include "frames.hpp"

struct plait_xdp_bpf;

namespace xdp {

inline constexpr std::uint64_t own_net = 77;

using Counts = std::array<std::uint64_t, PLAIT_FILTER_COUNTS>;

/// What one frame met with.
struct Outcome {
  std::uint32_t action = 0;  ///< enum xdp_action
  Counts counted{};          ///< what the counters moved by
};

class Program {
 public:
  /// Throws std::runtime_error, whose text says what this machine lacks, or std::logic_error if
  /// the kernel refuses the program.
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void add_socket(const plait_filter_socket& socket, const plait_filter_handshake& handshake = {});
  void del_socket(const plait_filter_socket& socket);
  void add_session(std::uint32_t index, const plait_filter_epochs& epochs);
  void del_session(std::uint32_t index);
  void add_lane(std::uint32_t index, std::uint16_t epoch, std::uint8_t lane,
                const plait_filter_keys& keys);
  void del_lane(std::uint32_t index, std::uint16_t epoch, std::uint8_t lane);
  /// The window in a slot, as the program sees it.
  plait_filter_window& window(std::uint32_t slot);
  /// Told everything just now; or never, or what is known is not all.
  void set_state(bool fresh, bool complete = true);
  void set_moved(bool moved);

  /// XDP's verdict, nothing else: fast.
  std::uint32_t action(std::span<const std::uint8_t> frame);
  Outcome run(std::span<const std::uint8_t> frame);
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] int fd() const;
  /// The descriptor of a map, "plait_state".
  [[nodiscard]] int map(const char* name) const;

 private:
  struct Destroy {
    void operator()(plait_xdp_bpf* program) const;
  };
  std::unique_ptr<plait_xdp_bpf, Destroy> program_;
  std::span<plait_filter_window> windows_;
  plait_filter_state state_{};

  void sockets_changed();
};

/// A namespace of this process's own, with lo up and addresses on it. Once.
void enter_namespace();

/// The name of a counter, as plaitctl shows it.
std::string name_of(unsigned count);

}  // namespace xdp

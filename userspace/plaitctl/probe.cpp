// SPDX-License-Identifier: GPL-2.0
// Connected UDP sockets, and the errors that come back to them.
#include "probe.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "fd.hpp"
#include "socket_name.hpp"

namespace plaitctl {
namespace {

constexpr unsigned rounds = 3;
constexpr std::chrono::milliseconds pause{100};
constexpr std::chrono::milliseconds patience{300};

// A socket that sends as a strand does.
class Caller {
 public:
  Caller(const plait::Strand& strand, const std::string& link)
      : fd_(socket(strand.remote.is_ipv6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    // An error then says whether the network or this host is its origin.
    const int yes = 1;
    bool ok = fd_ && (strand.remote.is_ipv6()
                          ? setsockopt(fd_.get(), SOL_IPV6, IPV6_RECVERR, &yes, sizeof(yes))
                          : setsockopt(fd_.get(), SOL_IP, IP_RECVERR, &yes, sizeof(yes))) == 0;
    if (ok && strand.fwmark != 0) {
      ok = setsockopt(fd_.get(), SOL_SOCKET, SO_MARK, &strand.fwmark, sizeof(strand.fwmark)) == 0;
    }
    if (ok && !link.empty()) {
      ok = setsockopt(fd_.get(), SOL_SOCKET, SO_BINDTODEVICE, link.data(),
                      static_cast<socklen_t>(link.size())) == 0;
    }
    if (ok && strand.local) {
      const tools::SocketName own(*strand.local, 0);
      ok = bind(fd_.get(), own.get(), own.length) == 0;
    }
    const tools::SocketName to(strand.remote, strand.remote_port);
    ok = ok && connect(fd_.get(), to.get(), to.length) == 0;
    probe_.setup_error = ok ? 0 : errno;
    probe_.port = ok ? own_port() : 0;
  }

  void send() {
    if (is_over()) return;
    const std::byte nothing{};
    // A call that reports an earlier answer sends nothing.
    if (::send(fd_.get(), &nothing, sizeof(nothing), MSG_DONTWAIT) == sizeof(nothing)) {
      probe_.sent++;
    } else {
      const int error = errno;
      look();
      if (!is_over()) probe_.send_error = error;
    }
  }

  // An answer from the network, if one came.
  void look() {
    while (!is_over()) {
      std::array<std::byte, 512> control{};
      msghdr message{};
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      if (recvmsg(fd_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
      for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr;
           part = CMSG_NXTHDR(&message, part)) {
        sock_extended_err answer{};
        if (part->cmsg_len < CMSG_LEN(sizeof(answer))) continue;
        std::memcpy(&answer, CMSG_DATA(part), sizeof(answer));
        if (answer.ee_origin == SO_EE_ORIGIN_ICMP || answer.ee_origin == SO_EE_ORIGIN_ICMP6) {
          probe_.error = static_cast<int>(answer.ee_errno);
        }
      }
    }
  }

  [[nodiscard]] Probe result() const { return probe_; }

 private:
  [[nodiscard]] bool is_over() const {
    return probe_.error != 0 || probe_.setup_error != 0 || probe_.send_error != 0;
  }

  [[nodiscard]] std::uint16_t own_port() const {
    tools::SocketName own;
    return getsockname(fd_.get(), own.get(), &own.length) == 0 ? own.port() : 0;
  }

  tools::Fd fd_;
  Probe probe_;
};

}  // namespace

std::vector<Probe> probe(std::span<const plait::Strand> strands,
                         std::span<const std::string> links) {
  std::vector<Caller> callers;
  callers.reserve(strands.size());
  for (std::size_t i = 0; i < strands.size(); i++)
    callers.emplace_back(strands[i], links[i]);
  for (unsigned round = 0; round < rounds; round++) {
    for (auto& caller : callers)
      caller.send();
    std::this_thread::sleep_for(round + 1 < rounds ? pause : patience);
    for (auto& caller : callers)
      caller.look();
  }
  std::vector<Probe> results;
  results.reserve(callers.size());
  for (const auto& caller : callers)
    results.push_back(caller.result());
  return results;
}

}  // namespace plaitctl

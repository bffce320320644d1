// SPDX-License-Identifier: GPL-2.0
// The kernel handles a request within sendmsg(), so its answer is mostly there already.
#include "socket.hpp"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace nlstorm {
namespace {

constexpr time_t kPatience = 30;  // seconds; a debug kernel under emulation is slow
constexpr std::size_t kBuffer = std::size_t{256} * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set(int fd, int level, int option, const void* value, socklen_t size) {
  if (setsockopt(fd, level, option, value, size) != 0) fail("setsockopt");
}

}  // namespace

Socket::Socket(int protocol)
    : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)), buffer_(kBuffer) {
  if (fd_ < 0) fail("socket");
  const int one = 1;
  const timeval patience{.tv_sec = kPatience, .tv_usec = 0};
  set(fd_, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
  set(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Socket::~Socket() {
  close(fd_);
}

bool Socket::send(const Octets& octets) const {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = sendto(fd_, octets.data(), octets.size(), 0,
                              reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  if (sent < 0 && errno == EMSGSIZE) return false;
  if (sent < 0) fail("sendto");
  return true;
}

std::optional<Answer> Socket::answer(std::uint32_t seq) {
  Answer answer;
  for (;;) {
    const ssize_t got = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
    if (got < 0) fail("recv");
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer_.data());
    for (auto left = static_cast<int>(got); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_seq != seq) continue;
      const auto* data = static_cast<const std::uint8_t*>(NLMSG_DATA(header));
      if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
        int error = 0;
        std::memcpy(&error, data, sizeof error);
        answer.error = -error;
        return answer;
      }
      answer.replies.emplace_back(data, data + NLMSG_PAYLOAD(header, 0));
    }
  }
}

void Socket::drain() {
  while (recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT) >= 0 || errno == ENOBUFS) {
  }
}

bool Socket::join(std::uint32_t group) const {
  if (setsockopt(fd_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0) return true;
  if (errno != EPERM) fail("joining a group");
  return false;
}

Family find_family(const std::string& name) {
  Octets text(name.begin(), name.end());
  text.push_back(0);
  Message request{.type = GENL_ID_CTRL,
                  .flags = NLM_F_REQUEST | NLM_F_ACK,
                  .seq = 1,
                  .header = {CTRL_CMD_GETFAMILY, 1, 0, 0},
                  .attributes = {{.type = CTRL_ATTR_FAMILY_NAME, .payload = text}}};
  Socket socket(NETLINK_GENERIC);
  if (!socket.send(octets_of(request))) throw std::runtime_error("nlctrl takes nothing");
  const auto answer = socket.answer(1);
  if (!answer || answer->error != 0 || answer->replies.empty()) {
    throw std::runtime_error("no family " + name);
  }
  Family family;
  each_attribute(answer->replies[0], GENL_HDRLEN, [&](int type, const Octets& payload) {
    if (type == CTRL_ATTR_FAMILY_ID) family.id = read_at<std::uint16_t>(payload, 0);
    if (type != CTRL_ATTR_MCAST_GROUPS) return;
    each_attribute(payload, 0, [&](int, const Octets& group) {
      each_attribute(group, 0, [&](int what, const Octets& value) {
        if (what == CTRL_ATTR_MCAST_GRP_ID) {
          family.groups.push_back(read_at<std::uint32_t>(value, 0));
        }
      });
    });
  });
  return family;
}

}  // namespace nlstorm

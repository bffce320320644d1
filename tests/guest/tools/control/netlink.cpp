// SPDX-License-Identifier: GPL-2.0
// The kernel handles a request within sendmsg(), so its answer is mostly there at once.
#include "netlink.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace control {
namespace {

constexpr std::size_t kBuffer = std::size_t{128} << 10;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int checked(int result, const std::string& what) {
  if (result < 0) fail(what);
  return result;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Fd netns(const std::string& name) {
  const std::string path = name.empty() ? "/proc/thread-self/ns/net" : "/run/netns/" + name;
  return Fd(checked(open(path.c_str(), O_RDONLY | O_CLOEXEC), path));
}

void inside(int netns, const std::function<void()>& what) {
  const Fd own = control::netns("");
  checked(setns(netns, CLONE_NEWNET), "setns");
  try {
    what();
  } catch (...) {
    checked(setns(own.get(), CLONE_NEWNET), "setns");
    throw;
  }
  checked(setns(own.get(), CLONE_NEWNET), "setns");
}

void Request::append(const void* from, std::size_t size) {
  const auto* octets = static_cast<const std::uint8_t*>(from);
  octets_.insert(octets_.end(), octets, octets + size);
  octets_.resize(NLMSG_ALIGN(octets_.size()));
}

Request& Request::put_octets(std::uint16_t type, std::span<const std::uint8_t> octets) {
  const nlattr attribute{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + octets.size()),
                         .nla_type = type};
  append(&attribute, sizeof attribute);
  append(octets.data(), octets.size());
  return *this;
}

Request& Request::put_text(std::uint16_t type, const std::string& text) {
  return put_octets(type, {reinterpret_cast<const std::uint8_t*>(text.c_str()), text.size() + 1});
}

Request& Request::nest(std::uint16_t type) {
  nests_.push_back(octets_.size());
  return put_octets(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
}

Request& Request::end() {
  const auto length = static_cast<std::uint16_t>(octets_.size() - nests_.back());
  std::memcpy(&octets_[nests_.back() + offsetof(nlattr, nla_len)], &length, sizeof length);
  nests_.pop_back();
  return *this;
}

Octets& Request::finish(std::uint32_t seq) {
  while (!nests_.empty()) {
    end();
  }
  const auto length = static_cast<std::uint32_t>(octets_.size());
  std::memcpy(&octets_[offsetof(nlmsghdr, nlmsg_len)], &length, sizeof length);
  std::memcpy(&octets_[offsetof(nlmsghdr, nlmsg_seq)], &seq, sizeof seq);
  return octets_;
}

Socket::Socket(int netns, int protocol) : buffer_(kBuffer) {
  inside(netns, [&] {
    fd_ = Fd(checked(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "netlink"));
  });
}

void Socket::send(Request& request) {
  const Octets& octets = request.finish(++seq_);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (sendto(fd_.get(), octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
             sizeof kernel) < 0) {
    fail("sendto");
  }
}

int Socket::receive(const std::function<void(std::span<const std::uint8_t>)>& visit) {
  for (;;) {
    const ssize_t got = recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == ENOBUFS) return ENOBUFS;
    if (got < 0) fail("recv");
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer_.data());
    for (auto left = static_cast<int>(got); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_seq != seq_) continue;
      const auto* data = static_cast<const std::uint8_t*>(NLMSG_DATA(header));
      if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
        int error = 0;
        std::memcpy(&error, data, sizeof error);
        return -error;
      }
      if (visit) visit({data, NLMSG_PAYLOAD(header, 0)});
    }
  }
}

int Socket::ask(Request& request, const std::function<void(std::span<const std::uint8_t>)>& visit) {
  send(request);
  return receive(visit);
}

void Socket::join(std::uint32_t group) const {
  checked(setsockopt(fd_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group),
          "NETLINK_ADD_MEMBERSHIP");
}

void Socket::drain() {
  while (recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT) >= 0 || errno == ENOBUFS) {
  }
}

void each_attribute(std::span<const std::uint8_t> octets,
                    const std::function<void(int, std::span<const std::uint8_t>)>& visit) {
  while (octets.size() >= NLA_HDRLEN) {
    nlattr attribute{};
    std::memcpy(&attribute, octets.data(), sizeof attribute);
    if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > octets.size()) break;
    visit(attribute.nla_type & NLA_TYPE_MASK,
          octets.subspan(NLA_HDRLEN, attribute.nla_len - NLA_HDRLEN));
    octets = octets.subspan(std::min<std::size_t>(octets.size(), NLA_ALIGN(attribute.nla_len)));
  }
}

Family find_family(Socket& generic, const std::string& name) {
  Family family;
  Request request(GENL_ID_CTRL, NLM_F_ACK, genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
  request.put_text(CTRL_ATTR_FAMILY_NAME, name);
  generic.ask(request, [&](std::span<const std::uint8_t> reply) {
    each_attribute(reply.subspan(GENL_HDRLEN), [&](int type, std::span<const std::uint8_t> value) {
      if (type == CTRL_ATTR_FAMILY_ID) std::memcpy(&family.id, value.data(), sizeof family.id);
      if (type != CTRL_ATTR_MCAST_GROUPS) return;
      each_attribute(value, [&](int, std::span<const std::uint8_t> group) {
        each_attribute(group, [&](int what, std::span<const std::uint8_t> id) {
          if (what != CTRL_ATTR_MCAST_GRP_ID) return;
          std::memcpy(&family.groups.emplace_back(), id.data(), sizeof(std::uint32_t));
        });
      });
    });
  });
  return family;
}

}  // namespace control

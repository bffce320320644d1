// SPDX-License-Identifier: GPL-2.0
// Sending a request and reading what comes back, extended acknowledgements included.
#include "netlink.hpp"

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "extack.hpp"
#include "plait.h"
#include "refuse.hpp"

namespace plait {
namespace {

void check(bool succeeded) {
  if (!succeeded) {
    throw std::bad_alloc();
  }
}

[[noreturn]] void fail(const std::string& operation, int libnl_error) {
  const bool forbidden = libnl_error == -NLE_PERM;
  refuse({.code = forbidden ? EPERM : EIO,
          .operation = operation,
          .text = forbidden ? "" : nl_geterror(libnl_error)});
}

std::vector<std::byte> receive(nl_sock* socket, const std::string& operation) {
  sockaddr_nl sender{};
  unsigned char* raw = nullptr;
  const int length = nl_recv(socket, &sender, &raw, nullptr);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(raw, &std::free);
  if (length <= 0) {
    fail(operation, length);
  }
  if (sender.nl_pid != 0) {
    return {};  // not the kernel
  }
  const auto* first = reinterpret_cast<const std::byte*>(raw);
  return {first, first + length};
}

// How a request went: replies that the kernel has sent so far, and whether it is done.
class Conversation {
 public:
  Conversation(const Request& request, std::span<const std::byte> sent,
               const std::function<void(const Attributes&)>& on_reply)
      : request_(request), sent_(sent), on_reply_(on_reply) {
    std::memcpy(&header_, sent.data(), sizeof(header_));
  }

  [[nodiscard]] bool done() const { return done_; }

  // Takes what one receive brought: one or more messages.
  void take(std::span<const std::byte> octets) {
    each_message(octets, [this](const nlmsghdr& header, std::span<const std::byte> message) {
      if (header.nlmsg_seq == header_.nlmsg_seq) {
        take_one(header, message);
      }
      return !done_;
    });
  }

 private:
  void take_one(const nlmsghdr& header, std::span<const std::byte> message) {
    interrupted_ = interrupted_ || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
      Refusal refusal = decode_answer(message, sent_);
      if (refusal.code == 0 && interrupted_) {
        refusal.code = EAGAIN;
        refusal.text = "the list changed while it was read";
      }
      if (refusal.code != 0) {
        refusal.operation = request_.name();
        refuse(refusal);
      }
      done_ = true;
    } else if (header.nlmsg_type == header_.nlmsg_type && on_reply_ &&
               message.size() >= NLMSG_HDRLEN + GENL_HDRLEN) {
      on_reply_(Attributes(message.subspan(NLMSG_HDRLEN + GENL_HDRLEN)).nest(request_.object()));
    }
  }

  const Request& request_;
  std::span<const std::byte> sent_;
  const std::function<void(const Attributes&)>& on_reply_;
  nlmsghdr header_{};
  bool interrupted_ = false;
  bool done_ = false;
};

}  // namespace

void Request::Wipe::operator()(nl_msg* message) const {
  nlmsghdr* header = nlmsg_hdr(message);
  explicit_bzero(header, header->nlmsg_len);
  nlmsg_free(message);
}

Request::Request(std::string name, std::uint8_t command, std::uint16_t object, std::size_t room)
    : name_(std::move(name)),
      object_(object),
      message_(nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN + room)) {
  check(message_ != nullptr);
  // The socket fills in family, port and sequence number when it sends.
  check(genlmsg_put(message_.get(), NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0,
                    NLM_F_REQUEST | NLM_F_ACK, command, PLAIT_FAMILY_VERSION) != nullptr);
  nest_ = nla_nest_start(message_.get(), object | NLA_F_NESTED);
  check(nest_ != nullptr);
}

Request& Request::put_octets(std::uint16_t type, std::span<const std::byte> octets) {
  check(nla_put(message_.get(), type, static_cast<int>(octets.size()), octets.data()) == 0);
  return *this;
}

Request& Request::put_text(std::uint16_t type, const std::string& text) {
  check(nla_put_string(message_.get(), type, text.c_str()) == 0);
  return *this;
}

Request& Request::put_nest(std::uint16_t type, const std::function<void(Request&)>& fill) {
  nlattr* nest = nla_nest_start(message_.get(), type | NLA_F_NESTED);
  check(nest != nullptr);
  fill(*this);
  nla_nest_end(message_.get(), nest);
  return *this;
}

Request& Request::dump() {
  nlmsg_hdr(message_.get())->nlmsg_flags |= NLM_F_DUMP;
  return *this;
}

Socket::Socket() : socket_(nl_socket_alloc()) {
  check(socket_ != nullptr);
  if (const int error = genl_connect(socket_.get()); error < 0) {
    fail("open netlink", error);
  }
  // Both exist since Linux 5.0; without them answers are only less exact.
  const int on = 1;
  (void)setsockopt(fd(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
  (void)setsockopt(fd(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
  nl_socket_enable_msg_peek(socket_.get());

  family_ = genl_ctrl_resolve(socket_.get(), PLAIT_FAMILY_NAME);
  if (family_ == -NLE_OBJ_NOTFOUND) {
    throw NotLoaded();
  }
  if (family_ < 0) {
    fail("find generic netlink family " PLAIT_FAMILY_NAME, family_);
  }
}

void Socket::join(const std::string& group) {
  int number = genl_ctrl_resolve_grp(socket_.get(), PLAIT_FAMILY_NAME, group.c_str());
  if (number >= 0) {
    number = nl_socket_add_membership(socket_.get(), number);
  }
  if (number < 0) {
    fail("subscribe to " + group + " of the module", number);
  }
}

void Socket::ask(Request& request, const std::function<void(const Attributes&)>& on_reply) {
  nl_msg* message = request.message_.get();
  nlmsghdr* header = nlmsg_hdr(message);
  nla_nest_end(message, request.nest_);
  header->nlmsg_type = family();
  if (const int error = nl_send_auto(socket_.get(), message); error < 0) {
    fail(request.name(), error);
  }
  const std::span<const std::byte> sent(reinterpret_cast<const std::byte*>(header),
                                        header->nlmsg_len);
  Conversation conversation(request, sent, on_reply);
  while (!conversation.done()) {
    conversation.take(receive(socket_.get(), request.name()));
  }
}

}  // namespace plait

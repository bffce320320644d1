// SPDX-License-Identifier: GPL-2.0
// Extack by hand: libnl reads the error number only.
#include "extack.hpp"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cerrno>
#include <limits>

#include "attributes.hpp"

namespace plait {
namespace {

constexpr std::size_t attributes_start = NLMSG_HDRLEN + GENL_HDRLEN;

// The attribute of the request that starts at that offset, counted from its first octet.
std::string attribute_at(std::span<const std::byte> request, std::uint32_t offset) {
  if (request.size() < attributes_start) {
    return {};
  }
  std::string name;
  Attributes(request.subspan(attributes_start)).each([&](const Attributes::Attribute& object) {
    const std::size_t start = attributes_start + object.offset;
    if (start == offset) {
      name = attribute_name(object.type, 0);
    }
    Attributes(object.payload).each([&](const Attributes::Attribute& inner) {
      const std::size_t from = start + NLA_HDRLEN + inner.offset;
      // What lies in an inner attribute belongs to it: a prefix's address and length.
      if (offset >= from && offset < from + NLA_HDRLEN + inner.payload.size()) {
        name = attribute_name(object.type, inner.type);
      }
    });
  });
  return name;
}

// What is missing: an attribute of the nest at that offset, or a whole object.
std::string missing_attribute(std::span<const std::byte> request, std::uint16_t type,
                              std::optional<std::uint32_t> nest) {
  if (!nest || request.size() < attributes_start) {
    return attribute_name(type, 0);
  }
  std::string name;
  Attributes(request.subspan(attributes_start)).each([&](const Attributes::Attribute& object) {
    if (attributes_start + object.offset == *nest) {
      name = attribute_name(object.type, type);
    }
  });
  return name;
}

// The largest number of a type, 0 if it is no unsigned number.
std::uint64_t largest(std::uint32_t type) {
  switch (type) {
    case NL_ATTR_TYPE_U8:
      return std::numeric_limits<std::uint8_t>::max();
    case NL_ATTR_TYPE_U16:
      return std::numeric_limits<std::uint16_t>::max();
    case NL_ATTR_TYPE_U32:
      return std::numeric_limits<std::uint32_t>::max();
    case NL_ATTR_TYPE_U64:
      return std::numeric_limits<std::uint64_t>::max();
    default:
      return 0;
  }
}

// "4 to 16", "48", "at least 1", "at most 15"; nothing if everything will do.
std::string range(std::uint64_t min, std::uint64_t max, std::uint64_t top) {
  if (min == max) return std::to_string(min);
  if (max >= top) return min == 0 ? "" : "at least " + std::to_string(min);
  if (min == 0) return "at most " + std::to_string(max);
  return std::to_string(min) + " to " + std::to_string(max);
}

// A policy in words that stand behind "must".
std::string wanted_by(const Attributes& policy) {
  const auto type = policy.number<std::uint32_t>(NL_POLICY_TYPE_ATTR_TYPE).value_or(0);
  if (const auto top = largest(type)) {
    const auto words =
        range(policy.number<std::uint64_t>(NL_POLICY_TYPE_ATTR_MIN_VALUE_U).value_or(0),
              policy.number<std::uint64_t>(NL_POLICY_TYPE_ATTR_MAX_VALUE_U).value_or(top), top);
    return words.empty() ? "" : "be " + words;
  }
  const bool is_text = type == NL_ATTR_TYPE_STRING || type == NL_ATTR_TYPE_NUL_STRING;
  if (!is_text && type != NL_ATTR_TYPE_BINARY) {
    return {};
  }
  constexpr std::uint32_t top = std::numeric_limits<std::uint32_t>::max();
  const auto words =
      range(policy.number<std::uint32_t>(NL_POLICY_TYPE_ATTR_MIN_LENGTH).value_or(0),
            policy.number<std::uint32_t>(NL_POLICY_TYPE_ATTR_MAX_LENGTH).value_or(top), top);
  return words.empty() ? "" : "have " + words + (is_text ? " characters" : " octets");
}

}  // namespace

Refusal decode_answer(std::span<const std::byte> message, std::span<const std::byte> request) {
  if (message.size() < NLMSG_HDRLEN + sizeof(int)) {
    return {.code = EPROTO};
  }
  nlmsghdr header{};
  int code = 0;
  std::memcpy(&header, message.data(), sizeof(header));
  std::memcpy(&code, message.data() + NLMSG_HDRLEN, sizeof(code));
  Refusal refusal{.code = code < 0 ? -code : code};

  // NLMSG_DONE: int, attributes. NLMSG_ERROR: int, the request's header, the request's
  // payload unless capped, attributes.
  std::size_t offset = NLMSG_HDRLEN + sizeof(int);
  if (header.nlmsg_type == NLMSG_ERROR) {
    offset = NLMSG_HDRLEN + sizeof(nlmsgerr);
    nlmsgerr answer{};
    if (message.size() < offset) {
      return refusal;
    }
    std::memcpy(&answer, message.data() + NLMSG_HDRLEN, sizeof(answer));
    if ((header.nlmsg_flags & NLM_F_CAPPED) == 0 && answer.msg.nlmsg_len > NLMSG_HDRLEN) {
      offset += NLMSG_ALIGN(answer.msg.nlmsg_len - NLMSG_HDRLEN);
    }
  }
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0 || offset > message.size()) {
    return refusal;
  }

  const Attributes extack(message.subspan(offset));
  refusal.text = extack.text(NLMSGERR_ATTR_MSG);
  if (const auto at = extack.number<std::uint32_t>(NLMSGERR_ATTR_OFFS)) {
    refusal.attribute = attribute_at(request, *at);
  }
  refusal.wanted = wanted_by(extack.nest(NLMSGERR_ATTR_POLICY));
  if (const auto type = extack.number<std::uint32_t>(NLMSGERR_ATTR_MISS_TYPE)) {
    refusal.attribute = missing_attribute(request, static_cast<std::uint16_t>(*type),
                                          extack.number<std::uint32_t>(NLMSGERR_ATTR_MISS_NEST));
    refusal.missing = true;
  }
  return refusal;
}

}  // namespace plait

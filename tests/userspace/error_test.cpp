// SPDX-License-Identifier: GPL-2.0
// What the kernel answers to a refused request, and what a person is told.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <typeinfo>

#include "attributes.hpp"
#include "extack.hpp"
#include "netlink_builder.hpp"
#include "plait.h"
#include "refuse.hpp"

namespace {

constexpr std::uint16_t family = 0x20;

// A STRAND_NEW request: id at offset 24, remote at 32.
Octets strand_request() {
  const Octets strand = attribute(PLAIT_A_STRAND_ID, raw(std::uint32_t{0})) +
                        attribute(PLAIT_A_STRAND_REMOTE, raw(std::uint32_t{0x0100007f}));
  return message(family, NLM_F_REQUEST | NLM_F_ACK,
                 raw(genlmsghdr{.cmd = PLAIT_CMD_STRAND_NEW, .version = 1, .reserved = 0}) +
                     attribute(PLAIT_A_STRAND | NLA_F_NESTED, strand));
}

// An NLMSG_ERROR for a request, which it quotes whole unless capped.
Octets refusal(int code, const Octets& request, std::uint16_t flags, const Octets& extack) {
  Octets quoted = request;
  if ((flags & NLM_F_CAPPED) != 0) {
    quoted.resize(NLMSG_HDRLEN);
  }
  return message(NLMSG_ERROR, flags, raw(-code) + quoted + extack);
}

const Octets no_extack;

TEST(Extack, text_and_offending_attribute_come_from_a_capped_answer) {
  const auto request = strand_request();
  const auto extack = attribute(NLMSGERR_ATTR_MSG, "remote: 127.0.0.1 leads nowhere") +
                      attribute(NLMSGERR_ATTR_OFFS, raw(std::uint32_t{32}));
  const auto answer = plait::decode_answer(
      refusal(EINVAL, request, NLM_F_CAPPED | NLM_F_ACK_TLVS, extack), request);
  EXPECT_EQ(answer.code, EINVAL);
  EXPECT_EQ(answer.text, "remote: 127.0.0.1 leads nowhere");
  EXPECT_EQ(answer.attribute, "strand.remote");
  EXPECT_FALSE(answer.missing);
}

TEST(Extack, attributes_are_found_behind_a_quoted_request) {
  const auto request = strand_request();
  const auto extack =
      attribute(NLMSGERR_ATTR_OFFS, raw(std::uint32_t{20})) + attribute(NLMSGERR_ATTR_MSG, "no");
  const auto answer =
      plait::decode_answer(refusal(EBUSY, request, NLM_F_ACK_TLVS, extack), request);
  EXPECT_EQ(answer.code, EBUSY);
  EXPECT_EQ(answer.text, "no");
  EXPECT_EQ(answer.attribute, "strand");
}

TEST(Extack, a_missing_attribute_is_named) {
  const auto request = strand_request();
  const auto extack = attribute(NLMSGERR_ATTR_MISS_TYPE, raw(std::uint32_t{PLAIT_A_STRAND_PORT})) +
                      attribute(NLMSGERR_ATTR_MISS_NEST, raw(std::uint32_t{20}));
  const auto answer =
      plait::decode_answer(refusal(EINVAL, request, NLM_F_ACK_TLVS, extack), request);
  EXPECT_EQ(answer.attribute, "strand.port");
  EXPECT_TRUE(answer.missing);

  const auto whole = attribute(NLMSGERR_ATTR_MISS_TYPE, raw(std::uint32_t{PLAIT_A_STRAND}));
  EXPECT_EQ(
      plait::decode_answer(refusal(EINVAL, request, NLM_F_ACK_TLVS, whole), request).attribute,
      "strand");
}

TEST(Extack, the_end_of_a_dump_may_carry_a_refusal) {
  const auto request = strand_request();
  const auto done = message(NLMSG_DONE, NLM_F_MULTI | NLM_F_ACK_TLVS,
                            raw(-ENODEV) + attribute(NLMSGERR_ATTR_MSG, "no such device"));
  const auto answer = plait::decode_answer(done, request);
  EXPECT_EQ(answer.code, ENODEV);
  EXPECT_EQ(answer.text, "no such device");
}

TEST(Extack, an_acknowledgement_is_no_refusal) {
  const auto request = strand_request();
  EXPECT_EQ(plait::decode_answer(refusal(0, request, NLM_F_CAPPED, no_extack), request).code, 0);
}

TEST(Extack, every_truncation_still_tells_the_error_number_or_a_protocol_error) {
  const auto request = strand_request();
  const auto whole = refusal(
      EPERM, request, NLM_F_ACK_TLVS,
      attribute(NLMSGERR_ATTR_MSG, "no") + attribute(NLMSGERR_ATTR_OFFS, raw(std::uint32_t{32})));
  for (std::size_t length = 0; length < whole.size(); length++) {
    const auto part = std::span(whole).first(length);
    const int code = plait::decode_answer(part, request).code;
    EXPECT_EQ(code, length < NLMSG_HDRLEN + sizeof(int) ? EPROTO : EPERM) << length;
    (void)plait::decode_answer(whole, std::span(request).first(std::min(length, request.size())));
  }
}

TEST(Extack, what_is_wrong_with_a_prefix_is_found_within_its_nest) {
  const auto entry = attribute(PLAIT_A_RANGE_LENGTH, raw(std::uint32_t{33}));
  const auto request =
      message(family, NLM_F_REQUEST,
              raw(genlmsghdr{.cmd = PLAIT_CMD_PREFIX_NEW, .version = 1, .reserved = 0}) +
                  attribute(PLAIT_A_PREFIX | NLA_F_NESTED,
                            attribute(PLAIT_A_PREFIX_ENTRY | NLA_F_NESTED, entry)));
  const auto extack = attribute(NLMSGERR_ATTR_OFFS, raw(std::uint32_t{28}));
  EXPECT_EQ(
      plait::decode_answer(refusal(EINVAL, request, NLM_F_ACK_TLVS, extack), request).attribute,
      "prefix.entry");
}

// What decode_answer() makes of a policy that the kernel sends with its refusal.
std::string wanted(const Octets& policy) {
  const auto request = strand_request();
  const auto extack = attribute(NLMSGERR_ATTR_MSG, "integer out of range") +
                      attribute(NLMSGERR_ATTR_OFFS, raw(std::uint32_t{24})) +
                      attribute(NLMSGERR_ATTR_POLICY | NLA_F_NESTED, policy);
  return plait::decode_answer(refusal(ERANGE, request, NLM_F_ACK_TLVS, extack), request).wanted;
}

Octets numbers(std::uint32_t type, std::uint64_t min, std::uint64_t max) {
  return attribute(NL_POLICY_TYPE_ATTR_TYPE, raw(type)) +
         attribute(NL_POLICY_TYPE_ATTR_MIN_VALUE_U, raw(min)) +
         attribute(NL_POLICY_TYPE_ATTR_MAX_VALUE_U, raw(max));
}

Octets most(std::uint32_t type, std::uint32_t length) {
  return attribute(NL_POLICY_TYPE_ATTR_TYPE, raw(type)) +
         attribute(NL_POLICY_TYPE_ATTR_MAX_LENGTH, raw(length));
}

TEST(Extack, a_policy_is_put_into_words) {
  EXPECT_EQ(wanted(numbers(NL_ATTR_TYPE_U32, 1, 16)), "be 1 to 16");
  EXPECT_EQ(wanted(numbers(NL_ATTR_TYPE_U8, 0, 1)), "be at most 1");
  EXPECT_EQ(wanted(numbers(NL_ATTR_TYPE_U16, 1, 65535)), "be at least 1");
  EXPECT_EQ(wanted(numbers(NL_ATTR_TYPE_U64, 0, ~0ULL)), "");
  EXPECT_EQ(wanted(most(NL_ATTR_TYPE_NUL_STRING, 15)), "have at most 15 characters");
  EXPECT_EQ(wanted(most(NL_ATTR_TYPE_BINARY, 16) +
                   attribute(NL_POLICY_TYPE_ATTR_MIN_LENGTH, raw(std::uint32_t{4}))),
            "have 4 to 16 octets");
  EXPECT_EQ(wanted(most(NL_ATTR_TYPE_BINARY, 48) +
                   attribute(NL_POLICY_TYPE_ATTR_MIN_LENGTH, raw(std::uint32_t{48}))),
            "have 48 octets");
  EXPECT_EQ(wanted(most(NL_ATTR_TYPE_NESTED, 15)), "");
  EXPECT_EQ(wanted({}), "");
}

std::string line(const plait::Refusal& refusal) {
  return plait::Error(refusal).what();
}

TEST(Error, one_line_tells_what_could_not_be_done_and_why) {
  const plait::Error error({.code = EINVAL,
                            .operation = "add strand 0",
                            .text = "must be a unicast address",
                            .attribute = "strand.remote"});
  EXPECT_STREQ(error.what(), "cannot add strand 0: remote: must be a unicast address");
  EXPECT_EQ(error.code(), EINVAL);
  EXPECT_EQ(error.kernel_text(), "must be a unicast address");
  EXPECT_EQ(error.attribute(), "strand.remote");
}

TEST(Error, an_attribute_that_the_kernel_speaks_of_is_not_named_twice) {
  EXPECT_EQ(line({.code = EINVAL,
                  .operation = "add strand 0",
                  .text = "remote must be a unicast address",
                  .attribute = "strand.remote"}),
            "cannot add strand 0: remote must be a unicast address");
  EXPECT_EQ(line({.code = EINVAL,
                  .operation = "add strand 0",
                  .text = "the remote port is 0",
                  .attribute = "strand.remote-port"}),
            "cannot add strand 0: the remote port is 0");
  EXPECT_EQ(line({.code = EINVAL,
                  .operation = "add strand 0",
                  .text = "no such object",
                  .attribute = "strand"}),
            "cannot add strand 0: no such object");
}

TEST(Error, without_the_kernels_words_the_number_is_explained) {
  EXPECT_EQ(line({.code = EPERM, .operation = "add device p"}),
            "cannot add device p: CAP_NET_ADMIN is needed, try as root");
  EXPECT_EQ(line({.code = ENODEV, .operation = "read device p"}),
            "cannot read device p: No such device");
  EXPECT_EQ(line({.code = ERANGE, .operation = "add device p", .attribute = "device.lanes"}),
            "cannot add device p: the kernel refuses lanes: Numerical result out of range");
  EXPECT_EQ(line({.code = EINVAL,
                  .operation = "add strand 0",
                  .attribute = "strand.port",
                  .missing = true}),
            "cannot add strand 0: port is missing");
  EXPECT_STREQ(plait::NotLoaded().what(), "module plait is not loaded: modprobe plait");
}

TEST(Error, a_policy_speaks_in_the_place_of_the_parsers_own_words) {
  EXPECT_EQ(line({.code = ERANGE,
                  .operation = "add device a-name-of-16-char",
                  .text = "Attribute failed policy validation",
                  .attribute = "device.ifname",
                  .wanted = "have at most 15 characters"}),
            "cannot add device a-name-of-16-char: ifname must have at most 15 characters");
  EXPECT_EQ(line({.code = ERANGE,
                  .operation = "add the key",
                  .text = "peer-lanes: the module is built for 8",
                  .attribute = "key.peer-lanes",
                  .wanted = "be 1 to 16"}),
            "cannot add the key: peer-lanes: the module is built for 8");
}

TEST(Error, each_cause_has_its_type) {
  EXPECT_THROW(plait::refuse({.code = EPERM}), plait::NotPermitted);
  EXPECT_THROW(plait::refuse({.code = ENODEV}), plait::NotFound);
  EXPECT_THROW(plait::refuse({.code = ENOENT}), plait::NotFound);
  EXPECT_THROW(plait::refuse({.code = EEXIST}), plait::Exists);
  EXPECT_THROW(plait::refuse({.code = EINVAL}), plait::Invalid);
  EXPECT_THROW(plait::refuse({.code = ERANGE}), plait::Invalid);
  try {
    plait::refuse({.code = ENOBUFS});
  } catch (const plait::Error& error) {
    EXPECT_EQ(typeid(error), typeid(plait::Error));
  }
}

TEST(AttributeName, every_attribute_of_the_uapi_has_a_name_or_is_padding) {
  for (int type = 1; type <= PLAIT_A_DEVICE_MAX; type++) {
    EXPECT_EQ(plait::attribute_name(PLAIT_A_DEVICE, type).find("attribute"), std::string::npos);
  }
  for (int type = 1; type <= PLAIT_A_STRAND_MAX; type++) {
    EXPECT_EQ(plait::attribute_name(PLAIT_A_STRAND, type).find("attribute") == std::string::npos,
              type != PLAIT_A_STRAND_PAD);
  }
  for (int type = 1; type <= PLAIT_A_KEY_MAX; type++) {
    EXPECT_EQ(plait::attribute_name(PLAIT_A_KEY, type).find("attribute") == std::string::npos,
              type != PLAIT_A_KEY_PAD);
  }
  for (int type = 1; type <= PLAIT_A_PREFIX_MAX; type++) {
    EXPECT_EQ(plait::attribute_name(PLAIT_A_PREFIX, type).find("attribute"), std::string::npos);
  }
  EXPECT_EQ(plait::attribute_name(PLAIT_A_KEY, 99), "key.attribute 99");
  EXPECT_EQ(plait::attribute_name(99, 1), "attribute 99");
}

}  // namespace

// SPDX-License-Identifier: GPL-2.0
// Key material as text and as files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "plait/key_material.hpp"

namespace {

using plait::KeyMaterial;

// Octets 0, 1, 2, … 47.
constexpr auto counting_base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v";
constexpr auto counting_hex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F202122232425262728292a2b2c2d2e"
    "2f";

std::string complaint(const std::string& text) {
  try {
    KeyMaterial::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

class KeyFile : public testing::Test {
 protected:
  std::string write(const std::string& content, mode_t mode = 0600) {
    std::ofstream(path_) << content;
    chmod(path_.c_str(), mode);
    return path_;
  }
  ~KeyFile() override { std::filesystem::remove(path_); }

 private:
  std::filesystem::path path_ = testing::TempDir() + "plait_key_" +
                                testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST(KeyMaterial, base64_and_hexadecimal_give_the_same_octets) {
  const auto key = KeyMaterial::parse(counting_base64);
  for (std::size_t i = 0; i < KeyMaterial::size; i++) {
    EXPECT_EQ(std::to_integer<std::size_t>(key.octets()[i]), i);
  }
  EXPECT_EQ(key, KeyMaterial::parse(counting_hex));
  EXPECT_EQ(key.to_base64(), counting_base64);
}

TEST(KeyMaterial, white_space_around_is_ignored_and_within_is_not) {
  EXPECT_EQ(KeyMaterial::parse(std::string(" \t") + counting_base64 + "\r\n"),
            KeyMaterial::parse(counting_hex));
  std::string broken = counting_base64;
  broken[20] = '\n';
  EXPECT_NE(complaint(broken).find("not base64"), std::string::npos);
}

TEST(KeyMaterial, complaints_tell_what_would_be_right_and_nothing_of_the_secret) {
  const std::string half(counting_base64, 32);
  EXPECT_EQ(complaint(half),
            "key: 32 characters: 48 octets are 64 characters of base64 (as plaitctl genkey prints) "
            "or 96 of hexadecimal");
  EXPECT_EQ(complaint("").substr(0, 18), "key: 0 characters:");
  std::string broken = counting_hex;
  broken[95] = 'g';
  EXPECT_EQ(complaint(broken), "key: not hexadecimal: a character other than 0-9 a-f");
  // What base64 of another length looks like.
  EXPECT_NE(complaint(std::string(62, 'A') + "==").find("not base64"), std::string::npos);
}

TEST(KeyMaterial, generated_keys_differ_and_survive_a_round_trip) {
  const auto one = KeyMaterial::generate();
  EXPECT_NE(one, KeyMaterial::generate());
  EXPECT_EQ(KeyMaterial::parse(one.to_base64()), one);
}

TEST(KeyMaterial, moving_wipes_the_source) {
  auto key = KeyMaterial::parse(counting_base64);
  const auto moved = std::move(key);
  EXPECT_EQ(key, KeyMaterial());  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_EQ(moved, KeyMaterial::parse(counting_base64));
}

TEST_F(KeyFile, a_private_file_is_read_without_a_warning) {
  const auto file = plait::read_key_file(write(std::string(counting_base64) + "\n"));
  EXPECT_EQ(file.material, KeyMaterial::parse(counting_base64));
  EXPECT_FALSE(file.others_can_read);
}

TEST_F(KeyFile, a_file_that_others_can_read_is_told) {
  EXPECT_TRUE(plait::read_key_file(write(counting_hex, 0640)).others_can_read);
  EXPECT_TRUE(plait::read_key_file(write(counting_hex, 0604)).others_can_read);
}

TEST_F(KeyFile, a_file_with_something_else_is_named) {
  const auto path = write(std::string(100'000, 'A'));
  try {
    plait::read_key_file(path);
    FAIL() << "accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, path.size() + 2), path + ": ");
  }
}

TEST_F(KeyFile, a_missing_file_is_a_system_error) {
  EXPECT_THROW(plait::read_key_file("/nonesuch/key"), std::system_error);
}

}  // namespace

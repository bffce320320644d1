// SPDX-License-Identifier: GPL-2.0
// Secrets: parsing, generating, reading, wiping. Buffers that held one are wiped here.
#include "plait/key_material.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace plait {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view white_space = " \t\r\n";
constexpr std::size_t base64_length = KeyMaterial::size / 3 * 4;
constexpr std::size_t hex_length = KeyMaterial::size * 2;

// A key file is at most this long: more is not a key, whatever it starts with.
constexpr std::size_t file_limit = 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::uint32_t base64_digit(char c) {
  const auto digit = base64_alphabet.find(c);
  if (digit == std::string_view::npos) {
    throw std::invalid_argument("key: not base64: a character other than A-Z a-z 0-9 + /");
  }
  return static_cast<std::uint32_t>(digit);
}

std::uint32_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  throw std::invalid_argument("key: not hexadecimal: a character other than 0-9 a-f");
}

// A file descriptor that closes itself; standard input stays open.
class File {
 public:
  explicit File(const std::string& path)
      : fd_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(), "key file " + path);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ != STDIN_FILENO) close(fd_);
  }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// A stack buffer for a secret's text.
struct Buffer {
  std::array<char, file_limit> text{};
  std::size_t length = 0;
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { explicit_bzero(text.data(), text.size()); }
};

}  // namespace

KeyMaterial::KeyMaterial(KeyMaterial&& other) noexcept : octets_(other.octets_) {
  explicit_bzero(other.octets_.data(), size);
}

KeyMaterial& KeyMaterial::operator=(KeyMaterial&& other) noexcept {
  if (this != &other) {
    octets_ = other.octets_;
    explicit_bzero(other.octets_.data(), size);
  }
  return *this;
}

KeyMaterial::~KeyMaterial() {
  explicit_bzero(octets_.data(), size);
}

KeyMaterial KeyMaterial::generate() {
  KeyMaterial key;
  // Up to 256 octets come whole or not at all, once the pool is ready: getrandom(2).
  if (getrandom(key.octets_.data(), size, 0) != static_cast<ssize_t>(size)) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return key;
}

KeyMaterial KeyMaterial::parse(std::string_view text) {
  text = trimmed(text);
  KeyMaterial key;
  auto* out = key.octets_.data();
  if (text.size() == base64_length) {
    for (std::size_t i = 0; i < base64_length; i += 4) {
      const std::uint32_t group = base64_digit(text[i]) << 18 | base64_digit(text[i + 1]) << 12 |
                                  base64_digit(text[i + 2]) << 6 | base64_digit(text[i + 3]);
      *out++ = static_cast<std::byte>(group >> 16);
      *out++ = static_cast<std::byte>(group >> 8);
      *out++ = static_cast<std::byte>(group);
    }
  } else if (text.size() == hex_length) {
    for (std::size_t i = 0; i < hex_length; i += 2) {
      *out++ = static_cast<std::byte>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
    }
  } else {
    throw std::invalid_argument("key: " + std::to_string(text.size()) +
                                " characters: 48 octets are 64 characters of base64 (as "
                                "plaitctl genkey prints) or 96 of hexadecimal");
  }
  return key;
}

std::string KeyMaterial::to_base64() const {
  std::string text;
  text.reserve(base64_length);
  for (std::size_t i = 0; i < size; i += 3) {
    const std::uint32_t group = std::to_integer<std::uint32_t>(octets_[i]) << 16 |
                                std::to_integer<std::uint32_t>(octets_[i + 1]) << 8 |
                                std::to_integer<std::uint32_t>(octets_[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) {
      text += base64_alphabet[group >> shift & 63];
    }
  }
  return text;
}

KeyFile read_key_file(const std::string& path) {
  const File file(path);
  Buffer buffer;
  while (buffer.length < buffer.text.size()) {
    const ssize_t got =
        read(file.fd(), buffer.text.data() + buffer.length, buffer.text.size() - buffer.length);
    if (got < 0) {
      throw std::system_error(errno, std::generic_category(), "key file " + path);
    }
    if (got == 0) {
      break;
    }
    buffer.length += static_cast<std::size_t>(got);
  }
  struct stat status {};
  const bool exposed = fstat(file.fd(), &status) == 0 && S_ISREG(status.st_mode) &&
                       (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
  try {
    return {.material = KeyMaterial::parse({buffer.text.data(), buffer.length}),
            .others_can_read = exposed};
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument((path == "-" ? "standard input" : path) + ": " + error.what());
  }
}

}  // namespace plait

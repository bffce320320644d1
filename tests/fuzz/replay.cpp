// SPDX-License-Identifier: GPL-2.0
// Runs a fuzz target once on every file of the folders and files that are given, each
// alone in memory. Fails if there is none: a lost corpus would look like success.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> octets{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::fprintf(stderr, "%s cannot be read\n", path.c_str());
    return false;
  }
  // If it is the last line of the output, this is the file that failed.
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  const plait_fuzz::Octets input(octets.begin(), octets.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; i++) {
    std::error_code error;
    if (!fs::exists(argv[i], error)) {
      std::fprintf(stderr, "%s does not exist\n", argv[i]);
      return 1;
    }
    for (const fs::path& path : files_of(argv[i])) {
      if (!run(path)) return 1;
      count++;
    }
  }
  if (!count) {
    std::fprintf(stderr, "no input: give files, or folders that hold some\n");
    return 1;
  }
  std::printf("%zu inputs\n", count);
  return 0;
}

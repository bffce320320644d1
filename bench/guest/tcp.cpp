// SPDX-License-Identifier: GPL-2.0
// TCP streams between two namespaces, a process each. The sender waits for a word, by a pipe,
// between the warm-up and the rest. So the pipe is empty at both ends of the stretch: what is
// measured is all the work for these bytes and no other. (In the middle of a stream up to 6 MB lie
// in the receiver's buffer, or none.)
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <vector>

#include "sockets.hpp"
#include "verbs.hpp"

namespace gauge {

namespace {

constexpr std::size_t kChunk = 128 << 10;  // as iperf3

using Step = std::function<ssize_t(int fd, std::size_t len)>;

// Moves `each` octets over each stream, as they become ready.
void move(const std::vector<Socket>& streams, short event, std::uint64_t each, const Step& step) {
  std::vector<pollfd> waiting;
  waiting.reserve(streams.size());
  for (const Socket& stream : streams)
    waiting.push_back({stream.fd(), event, 0});
  std::vector<std::uint64_t> left(streams.size(), each);
  for (std::size_t open = each > 0 ? streams.size() : 0; open > 0;) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) die("poll");
    for (std::size_t i = 0; i < waiting.size(); i++) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const ssize_t n = step(waiting[i].fd, std::min<std::uint64_t>(kChunk, left[i]));
      if (n <= 0) die("the other end went away");
      left[i] -= static_cast<std::uint64_t>(n);
      if (left[i] > 0) continue;
      waiting[i].fd = -1;  // poll passes it over
      --open;
    }
  }
}

[[noreturn]] void sender(const Path& path, std::size_t count, std::uint64_t warm,
                         std::uint64_t each, int words) {
  std::vector<Socket> streams;
  for (std::size_t i = 0; i < count; i++) {
    streams.emplace_back(path.from_ns, SOCK_STREAM);
    streams.back().connect(address_of(path.address));
  }
  for (const Socket& stream : streams)
    stream.do_not_block();
  const std::vector<char> chunk(kChunk, 'p');
  const Step send = [&chunk](int fd, std::size_t len) { return write(fd, chunk.data(), len); };
  char word = 0;
  move(streams, POLLOUT, warm, send);
  if (read(words, &word, 1) != 1) die("no word from the receiver");
  move(streams, POLLOUT, each, send);
  (void)!read(words, &word, 1);  // until the receiver closes
  std::_Exit(0);
}

}  // namespace

void tcp(const Path& path, std::size_t streams, std::uint64_t warm_bytes, std::uint64_t bytes,
         const Sampling& sampling) {
  const std::uint64_t warm = warm_bytes / streams, each = bytes / streams;
  Stretch stretch(sampling);
  const Socket listener(path.to_ns, SOCK_STREAM);
  listener.set(SOL_SOCKET, SO_REUSEADDR, 1);
  listener.bind(address_of(path.address));
  listener.listen(static_cast<int>(streams));
  std::array<int, 2> words{};
  if (pipe2(words.data(), O_CLOEXEC) != 0) die("pipe2");
  const pid_t child = fork();
  if (child == 0) {
    close(words[1]);
    sender(path, streams, warm, each, words[0]);
  }
  close(words[0]);

  std::vector<Socket> accepted;
  for (std::size_t i = 0; i < streams; i++) {
    accepted.push_back(listener.accept());
    accepted.back().do_not_block();
  }
  std::vector<char> chunk(kChunk);
  const Step receive = [&chunk](int fd, std::size_t len) { return read(fd, chunk.data(), len); };
  move(accepted, POLLIN, warm, receive);
  stretch.begin();
  if (write(words[1], "!", 1) != 1) die("no word to the sender");
  move(accepted, POLLIN, each, receive);
  stretch.end();
  accepted.clear();
  close(words[1]);
  int status = 0;
  waitpid(child, &status, 0);
  errno = 0;
  if (status != 0) die("the sender failed");
  stretch.report("bytes=" + std::to_string(each * streams));
}

}  // namespace gauge

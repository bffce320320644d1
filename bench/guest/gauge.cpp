// SPDX-License-Identifier: GPL-2.0
// What the guest benchmark measures with: TCP between two namespaces, pktgen's
// run, and the clock itself. Prints one line of name=number. guest.sh uses it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "bracket.hpp"
#include "profile.hpp"

namespace {

using gauge::Bracket;
using gauge::die;
using gauge::Profile;
using gauge::Span;

constexpr std::uint16_t kPort = 5301;
constexpr std::size_t kChunk = 128 << 10;  // as iperf3
constexpr unsigned kPatience = 120;        // virtual seconds until a stuck run is given up

[[noreturn]] void usage() {
  std::cerr
      << "usage: gauge clock\n"
         "       gauge tcp FROM_NS TO_NS TO_ADDRESS WARM_BYTES BYTES [PROFILE_FILE PERIOD_NS]\n"
         "       gauge pktgen NS fifo|NICE [PROFILE_FILE PERIOD_NS]\n"
         "       gauge command NS COMMAND [WORDS...]\n";
  std::exit(2);
}

std::string words(const Span& s) {
  return "total=" + std::to_string(s.total_ns) + " idle=" + std::to_string(s.idle_ns);
}

// Times a loop of known length: 2 instructions a turn.
int clock_check() {
  constexpr std::int64_t kTurns = 50'000'000;
  const Bracket bracket;
  for (std::int64_t left = kTurns; left > 0;) {
    asm volatile("1: dec %0\n\tjnz 1b" : "+r"(left) : : "cc");
  }
  const Span span = bracket.end();
  std::cout << "instructions=" << 2 * kTurns << ' ' << words(span) << '\n';
  return 0;
}

sockaddr_in address_of(const std::string& text) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  if (inet_pton(AF_INET, text.c_str(), &to.sin_addr) != 1) die("no IPv4 address: " + text);
  return to;
}

void send_bytes(int fd, std::uint64_t bytes, const std::vector<char>& chunk) {
  while (bytes > 0) {
    const ssize_t n = write(fd, chunk.data(), std::min<std::uint64_t>(chunk.size(), bytes));
    if (n <= 0) die("the receiver went away");
    bytes -= static_cast<std::uint64_t>(n);
  }
}

void receive_bytes(int fd, std::uint64_t bytes, std::vector<char>& chunk) {
  while (bytes > 0) {
    const ssize_t n = read(fd, chunk.data(), std::min<std::uint64_t>(chunk.size(), bytes));
    if (n <= 0) die("the sender went away");
    bytes -= static_cast<std::uint64_t>(n);
  }
}

[[noreturn]] void sender(const std::string& ns, const sockaddr_in& to, std::uint64_t warm,
                         std::uint64_t bytes) {
  gauge::enter_netns(ns);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) die("connect");
  std::vector<char> chunk(kChunk, 'p');
  send_bytes(fd, warm, chunk);
  char word = 0;
  if (read(fd, &word, 1) != 1) die("no word from the receiver");
  send_bytes(fd, bytes, chunk);
  (void)!read(fd, &word, 1);  // until the receiver closes
  std::_Exit(0);
}

// The sender waits for a word between the warm-up and the rest. So the pipe is empty at
// both ends of the stretch: what is measured is all the work for these bytes and no
// other. (In the middle of a stream up to 6 MB lie in the receiver's buffer, or none.)
int tcp(const std::vector<std::string>& args) {
  const std::uint64_t warm = std::stoull(args[3]), bytes = std::stoull(args[4]);
  const sockaddr_in to = address_of(args[2]);
  std::unique_ptr<Profile> profile;
  if (args.size() > 5) profile = std::make_unique<Profile>(std::stoull(args[6]));

  gauge::enter_netns(args[1]);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 ||
      listen(listener, 1) != 0)
    die("listen");
  const pid_t child = fork();
  if (child == 0) sender(args[0], to, warm, bytes);

  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) die("accept");
  std::vector<char> chunk(kChunk);
  receive_bytes(fd, warm, chunk);
  if (profile) profile->start();
  const Bracket bracket;
  if (write(fd, "!", 1) != 1) die("no word to the sender");
  receive_bytes(fd, bytes, chunk);
  const Span span = bracket.end();
  if (profile) profile->stop();
  close(fd);
  int status = 0;
  waitpid(child, &status, 0);
  errno = 0;
  if (status != 0) die("the sender failed");
  if (profile) profile->write(args[5]);
  std::cout << "bytes=" << bytes << ' ' << words(span) << '\n';
  return 0;
}

// Runs a command, SCHED_FIFO as pktgen's thread under "fifo", from its start to its end.
int command(const std::vector<std::string>& args) {
  gauge::enter_netns(args[0]);
  std::vector<char*> argv;
  for (std::size_t i = 1; i < args.size(); i++)
    argv.push_back(const_cast<char*>(args[i].c_str()));
  argv.push_back(nullptr);
  const Bracket bracket;
  const pid_t child = fork();
  if (child == 0) {
    sched_param param{};
    param.sched_priority = 1;
    if (sched_setscheduler(0, SCHED_FIFO, &param) != 0) die("SCHED_FIFO");
    execvp(argv[0], argv.data());
    die(args[1]);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const Span span = bracket.end();
  errno = 0;
  if (status != 0) die(args[1] + " failed");
  std::cout << words(span) << '\n';
  return 0;
}

// How pktgen's thread stands beside WireGuard's workers: "fifo" sends when it is due,
// as a wire does; a nice value gives it that share of the CPU, and so a rate.
void schedule_pktgen(const std::string& how) {
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string comm;
    if (!std::getline(file, comm) || comm != "kpktgend_0") continue;
    const pid_t thread = std::stoi(entry.path().filename());
    const bool fifo = how == "fifo";
    sched_param param{};
    param.sched_priority = fifo ? 1 : 0;
    if (sched_setscheduler(thread, fifo ? SCHED_FIFO : SCHED_OTHER, &param) != 0 ||
        (!fifo && setpriority(PRIO_PROCESS, thread, std::stoi(how)) != 0))
      die("cannot schedule pktgen's thread");
    found = true;
  }
  errno = 0;
  if (!found) die("pktgen has no thread");
}

// Runs what /proc/net/pktgen has been told to do in a namespace, to its end.
int pktgen(const std::vector<std::string>& args) {
  std::unique_ptr<Profile> profile;
  if (args.size() > 2) profile = std::make_unique<Profile>(std::stoull(args[3]));
  schedule_pktgen(args[1]);
  gauge::enter_netns(args[0]);
  const int control = open("/proc/net/pktgen/pgctrl", O_WRONLY | O_CLOEXEC);
  if (control < 0) die("pktgen's pgctrl");
  if (profile) profile->start();
  const Bracket bracket;
  if (write(control, "start\n", 6) < 0) die("pktgen start");
  const Span span = bracket.end();
  if (profile) {
    profile->stop();
    profile->write(args[2]);
  }
  std::cout << words(span) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + std::min(argc, 2), argv + argc);
  const std::string verb = argc > 1 ? argv[1] : "";
  signal(SIGPIPE, SIG_IGN);
  alarm(kPatience);
  if (verb == "clock" && args.empty()) return clock_check();
  if (verb == "tcp" && (args.size() == 5 || args.size() == 7)) return tcp(args);
  if (verb == "pktgen" && (args.size() == 2 || args.size() == 4)) return pktgen(args);
  if (verb == "command" && args.size() >= 2) return command(args);
  usage();
}

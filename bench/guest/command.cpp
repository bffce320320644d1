// SPDX-License-Identifier: GPL-2.0
// A program that makes packets by itself, run to its end.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "verbs.hpp"

namespace gauge {

void command(const std::string& ns, const std::vector<std::string>& words) {
  Stretch stretch({});
  enter_netns(ns);
  std::vector<char*> argv;
  for (const auto& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  stretch.begin();
  const pid_t child = fork();
  if (child == 0) {
    sched_param param{};
    param.sched_priority = 1;
    if (sched_setscheduler(0, SCHED_FIFO, &param) != 0) die("SCHED_FIFO");
    execvp(argv[0], argv.data());
    die(words[0]);
  }
  int status = 0;
  waitpid(child, &status, 0);
  stretch.end();
  errno = 0;
  if (status != 0) die(words[0] + " failed");
  stretch.report("");
}

}  // namespace gauge

// SPDX-License-Identifier: GPL-2.0
// The kernel's packet generator, run to its end.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "verbs.hpp"

namespace gauge {

namespace {

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
        (!fifo && setpriority(PRIO_PROCESS, static_cast<id_t>(thread), std::stoi(how)) != 0))
      die("cannot schedule pktgen's thread");
    found = true;
  }
  errno = 0;
  if (!found) die("pktgen has no thread");
}

}  // namespace

void pktgen(const std::string& ns, const std::string& how, const Sampling& sampling) {
  Stretch stretch(sampling);
  schedule_pktgen(how);
  enter_netns(ns);
  const int control = open("/proc/net/pktgen/pgctrl", O_WRONLY | O_CLOEXEC);
  if (control < 0) die("pktgen's pgctrl");
  stretch.begin();
  if (write(control, "start\n", 6) < 0) die("pktgen start");
  stretch.end();
  close(control);
  stretch.report("");
}

}  // namespace gauge

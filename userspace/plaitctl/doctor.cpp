// SPDX-License-Identifier: GPL-2.0
// plaitctl doctor: why a device does not pass traffic, and the remedy.
#include "doctor.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "gather.hpp"
#include "symptoms.hpp"

namespace plaitctl {

std::string view_findings(const Facts& facts, const std::vector<Finding>& findings,
                          const std::vector<std::string>& remarks) {
  std::string text = fmt::format(
      "{}: {}\n", facts.device.empty() ? "plait" : facts.device,
      findings.empty()
          ? std::string(facts.link && !moved(facts) ? "nothing wrong was found, without any traffic"
                                                    : "nothing wrong was found")
      : findings.size() == 1 ? std::string("one cause was found")
                             : fmt::format("{} causes, the likeliest first", findings.size()));
  for (std::size_t i = 0; i < findings.size(); i++) {
    const auto& finding = findings[i];
    text += fmt::format("\n{:>3}. {}\n     seen:   {}\n     remedy: {}\n", i + 1, finding.cause,
                        finding.evidence, finding.remedy);
    for (const auto& step : finding.steps)
      text += fmt::format("             - {}\n", step);
  }
  for (const auto& remark : remarks) {
    text += fmt::format("{}note: {}\n", &remark == &remarks.front() ? "\n" : "", remark);
  }
  return text;
}

Json findings_json(const Facts& facts, const std::vector<Finding>& findings,
                   const std::vector<std::string>& remarks) {
  Json array = Json::array();
  for (const auto& finding : findings) {
    array.push_back({{"id", finding.id},
                     {"cause", finding.cause},
                     {"evidence", finding.evidence},
                     {"remedy", finding.remedy},
                     {"steps", finding.steps}});
  }
  return {{"device", facts.device.empty() ? Json() : Json(facts.device)},
          {"findings", std::move(array)},
          {"remarks", remarks}};
}

void add_doctor_command(CLI::App& root, Session& session) {
  struct Arguments {
    std::optional<std::string> device;
    double seconds = 1.5;
    bool probe = false;
  };
  constexpr double min_seconds = 0.1;
  constexpr double max_seconds = 60;
  auto arguments = std::make_shared<Arguments>();
  Words words;
  words
      .name("DEV", Need::optional, link_name(arguments->device),
            "the device; every one if not given")
      .example("ping -q 10.7.0.2 & plaitctl doctor plait0");
  auto& command = add_command(
      root, {"doctor"}, "Why a device does not pass traffic, and the remedy", std::move(words),
      [arguments, &session] {
        const auto all =
            gather(arguments->device,
                   std::chrono::milliseconds(static_cast<long>(arguments->seconds * 1000)),
                   arguments->probe);
        Json array = Json::array();
        std::string text;
        for (const auto& facts : all) {
          const auto findings = diagnose(facts);
          if (!findings.empty()) {
            session.status = 1;
          }
          array.push_back(findings_json(facts, findings, remarks(facts)));
          text += (text.empty() ? "" : "\n") + view_findings(facts, findings, remarks(facts));
        }
        if (session.json) {
          print(array.dump(2) + "\n");
        } else {
          print_or_note(text, no_device);
        }
      });
  command.add_option("--seconds,-s", arguments->seconds, "How long to watch and listen, 1.5")
      ->type_name("SECONDS")
      ->check(CLI::Range(min_seconds, max_seconds));
  command.add_flag("--probe,-p", arguments->probe,
                   "Ask whether somebody listens on the peer's port: sends it three datagrams");
}

}  // namespace plaitctl

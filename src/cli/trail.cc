// gatehouse trail: who did what, and by which statement it was allowed or refused.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "account/trail/events.h"
#include "account/trail/trail.h"
#include "cli/command.h"

namespace gatehouse::cli {
namespace {

using account::decisions_of;
using account::object_of;
using account::text_of;

struct Options {
  Common common;
  std::string principal, action, resource, decision;
  bool follow = false;
};

std::string principal_of(const json::object& event) {
  const json::object& identity = object_of(event, "userIdentity");
  for (const std::string_view key : {"arn", "principalId", "type"}) {
    if (auto text = text_of(identity, key); !text.empty()) return text;
  }
  return "-";
}

bool wanted(const json::object& event, const Options& options) {
  if (!options.principal.empty() && principal_of(event).find(options.principal) == std::string::npos)
    return false;
  if (options.action.empty() && options.resource.empty() && options.decision.empty()) return true;
  for (const json::value& v : decisions_of(event)) {
    const json::object& d = v.as_object();
    if ((options.action.empty() || text_of(d, "action").find(options.action) != std::string::npos) &&
        (options.resource.empty() || text_of(d, "resource").find(options.resource) != std::string::npos) &&
        (options.decision.empty() || text_of(d, "decision") == options.decision)) {
      return true;
    }
  }
  return false;
}

void print_event(const json::object& event) {
  const std::string error = text_of(event, "errorCode");
  fmt::print("{}  {}  {}:{}{}\n", text_of(event, "eventTime"), principal_of(event),
             text_of(event, "eventSource").substr(0, text_of(event, "eventSource").find('.')),
             text_of(event, "eventName"), error.empty() ? "" : "  " + error);
  for (const json::value& v : decisions_of(event)) {
    const json::object& d = v.as_object();
    fmt::print("    {:<17} {} on {}", text_of(d, "decision"), text_of(d, "action"), text_of(d, "resource"));
    if (const auto policy = text_of(d, "policy"); !policy.empty()) {
      const auto sid = text_of(d, "sid");
      fmt::print(
          "\n{:22}by {} of {}", "",
          sid.empty() ? fmt::format("statement {}", json::int_or(d, "statement", 0)) : "statement " + sid,
          policy);
    } else {
      fmt::print("\n{:22}by {}", "", text_of(d, "decidedBy"));
    }
    fmt::print("\n");
  }
  if (!error.empty() && decisions_of(event).empty()) fmt::print("    {}\n", text_of(event, "errorMessage"));
}

int trail(const Options& options) {
  const std::string directory = options.common.data + "/trail";
  account::TrailReader reader(directory);
  const auto show = [&](const json::object& event, std::string_view line) {
    if (!wanted(event, options)) return;
    if (options.common.json()) {
      std::cout << line << "\n";
    } else {
      print_event(event);
    }
  };
  while (true) {
    // Without a server the files hold everything already.
    if (auto flushed = ask(options.common.data, "POST", "/trail/flush");
        !flushed && ::access(directory.c_str(), R_OK) != 0) {
      return complain({"NoSuchTrail", fmt::format("there is no trail in {}", options.common.data), 404, {}},
                      kUsage);
    }
    reader.read([&](std::string_view line) {
      const auto parsed = json::parse(line);
      if (parsed && parsed->is_object()) show(parsed->get_object(), line);
      return true;
    });
    std::cout.flush();
    std::fflush(stdout);
    if (!options.follow) return kDone;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

}  // namespace

void add_trail(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("trail", "Every call and decision, as CloudTrail events with reasons");
  command->footer(
      "Example:\n  gatehouse trail --decision ImplicitlyDenied\n  gatehouse trail --principal "
      "assumed-role/sdc --output json");
  auto options = std::make_shared<Options>();
  add_data(*command, options->common);
  add_output(*command, options->common);
  command->add_option("--principal", options->principal, "Only principals whose ARN contains this");
  command->add_option("--action", options->action, "Only decisions on actions that contain this");
  command->add_option("--resource", options->resource, "Only decisions on resources that contain this");
  command->add_option("--decision", options->decision, "Only these decisions")
      ->check(CLI::IsMember({"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}));
  command->add_flag("--follow", options->follow, "Go on with what happens next");
  command->callback([options, &run] { run = [options] { return trail(*options); }; });
}

}  // namespace gatehouse::cli

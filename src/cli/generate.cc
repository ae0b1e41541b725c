// gatehouse policy generate: the smallest policy that covers what a principal did, out of the trail.
#include "cli/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "account/trail/events.h"
#include "account/trail/trail.h"
#include "base/encoding.h"
#include "policy/generate/generate.h"

namespace gatehouse::cli {
namespace {

using account::object_of;

constexpr size_t kShown = 6;  // unused actions named for each service

struct Options {
  Common common;
  bool from_trail = false;
  std::string principal;
};

// The principal itself, or a session of that role.
bool is_of(const json::object& event, std::string_view principal) {
  const json::object& identity = object_of(event, "userIdentity");
  if (json::string_or(identity, "arn", "") == principal) return true;
  const json::object& issuer = object_of(object_of(identity, "sessionContext"), "sessionIssuer");
  return json::string_or(issuer, "arn", "") == principal;
}

void add_used(const json::object& event, std::vector<policy::Used>& used) {
  for (const json::value& v : account::decisions_of(event)) {
    const json::object& d = v.as_object();
    if (json::string_or(d, "decision", "") != "Allowed") continue;
    used.push_back({json::string_or(d, "action", ""), json::string_or(d, "resource", "*")});
  }
}

Result<std::vector<policy::Used>> used_by(const Options& options) {
  // Without a server the files hold everything already.
  static_cast<void>(ask(options.common.data, "POST", "/trail/flush"));
  std::vector<policy::Used> used;
  CHECK_OK(account::read_trail(options.common.data + "/trail", [&](std::string_view line) {
    const auto parsed = json::parse(line);
    if (parsed && parsed->is_object() && is_of(parsed->get_object(), options.principal))
      add_used(parsed->get_object(), used);
    return true;
  }));
  return used;
}

// The principal's identity policies of now, from the server; nullopt where none runs or knows it.
std::optional<std::vector<std::string>> present_policies(const Options& options) {
  const auto answer =
      ask(options.common.data, "GET", "/policies?principal=" + percent_encode(options.principal));
  if (!answer || !answer->is_array()) return std::nullopt;
  std::vector<std::string> documents;
  for (const json::value& v : answer->get_array()) documents.emplace_back(v.as_string());
  return documents;
}

json::array to_json(const std::vector<policy::Beyond>& beyond) {
  json::array out;
  for (const policy::Beyond& service : beyond) {
    json::array unused;
    for (const std::string& action : service.unused) unused.emplace_back(action);
    out.push_back(json::object{
        {"service", service.service}, {"granted", service.granted}, {"unused", std::move(unused)}});
  }
  return out;
}

void tell(const std::string& principal, const std::vector<policy::Beyond>& beyond) {
  if (beyond.empty()) {
    fmt::print(stderr, "gatehouse: the present policies of {} name no action that it did not use\n",
               principal);
    return;
  }
  fmt::print(stderr, "gatehouse: the present policies of {} also name, and it did not use:\n", principal);
  for (const policy::Beyond& service : beyond) {
    std::string names;
    for (size_t i = 0; i < std::min(kShown, service.unused.size()); ++i)
      names += (i == 0 ? "" : ", ") + service.unused[i];
    if (service.unused.size() > kShown) names += ", …";
    fmt::print(stderr, "  {:<12} {:>4} of {} actions: {}\n", service.service, service.unused.size(),
               service.granted, names);
  }
}

int generate(const Options& options) {
  const auto used = used_by(options);
  if (!used) return complain(used.error());
  if (used->empty()) {
    return complain({"NothingUsed",
                     fmt::format("the trail holds nothing that {} was allowed to do", options.principal),
                     404,
                     {}},
                    kNo);
  }
  const std::string policy = policy::smallest_policy(*used);
  const auto present = present_policies(options);
  const auto beyond = policy::beyond(present.value_or(std::vector<std::string>()), *used);
  if (options.common.json()) {
    json::object out{{"principal", options.principal}, {"policy", *json::parse(policy)}};
    if (present) out["beyond"] = to_json(beyond);
    std::cout << json::dump(out) << "\n";
    return kDone;
  }
  std::cout << policy << std::flush;
  if (present) {
    tell(options.principal, beyond);
  } else {
    fmt::print(stderr,
               "gatehouse: no server runs here that knows {}: what its policies grant beyond is not shown\n",
               options.principal);
  }
  return kDone;
}

}  // namespace

void add_generate(CLI::App& policy, Run& run) {
  CLI::App* command = policy.add_subcommand(
      "generate", "The smallest policy that covers what a principal did, and what its policies grant beyond");
  command->footer(
      "Exits 0 with the policy on stdout, 1 when the principal was allowed nothing.\n"
      "Example:\n  gatehouse policy generate --from-trail --principal "
      "arn:aws:iam::123456789012:role/sdc > sdc.json");
  auto options = std::make_shared<Options>();
  add_data(*command, options->common);
  add_output(*command, options->common);
  command->add_flag("--from-trail", options->from_trail, "From the trail, the one source there is")
      ->required();
  command->add_option("--principal", options->principal, "A user's or role's ARN, or one session's")
      ->required();
  command->callback([options, &run] { run = [options] { return generate(*options); }; });
}

}  // namespace gatehouse::cli

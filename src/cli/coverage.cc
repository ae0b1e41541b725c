// gatehouse coverage: which operations of which service are built.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.h"

namespace gatehouse::cli {
namespace {

int coverage(const Common& common) {
  const auto answer = ask(common.data, "GET", "/coverage");
  if (!answer) return complain(answer.error());
  if (common.json()) {
    std::cout << json::dump(*answer) << "\n";
    return kDone;
  }
  for (const json::value& v : answer->as_array()) {
    const json::object& o = v.as_object();
    const json::array& built = o.at("built").as_array();
    fmt::print("{} ({} of {})\n", json::string_or(o, "service", ""), built.size(),
               built.size() + o.at("notBuilt").as_array().size());
    for (const json::value& name : built) fmt::print("  {}\n", std::string_view(name.as_string()));
  }
  return kDone;
}

}  // namespace

void add_coverage(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("coverage", "Which operations of which service the running server has");
  command->footer("Example:\n  gatehouse coverage --output json");
  auto common = std::make_shared<Common>();
  add_data(*command, *common);
  add_output(*command, *common);
  command->callback([common, &run] { run = [common] { return coverage(*common); }; });
}

}  // namespace gatehouse::cli

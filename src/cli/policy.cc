// gatehouse policy: the engine on files, without a server.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/generate.h"
#include "policy/eval.h"
#include "policy/lint/lint.h"

namespace gatehouse::cli {
namespace {

namespace lint = policy::lint;

struct Options {
  std::vector<std::string> files;
  std::string kind, account, output = "text";
};

// What a line has beyond `most` bytes is read and forgotten.
bool next_line(std::istream& in, std::string& line, std::size_t most) {
  line.clear();
  std::streambuf& bytes = *in.rdbuf();
  for (int c = bytes.sbumpc(); c != std::char_traits<char>::eof(); c = bytes.sbumpc()) {
    if (c == '\n') return true;
    if (line.size() < most) line += static_cast<char>(c);
  }
  return !line.empty();
}

int evaluate(const Options& options) {
  bool good = true;
  for (const std::string& file : options.files) {
    std::ifstream opened;
    if (file != "-") {
      opened.open(file);
      if (!opened) return complain({"IOError", fmt::format("cannot read {}", file), 400, {}}, kUsage);
    }
    std::istream& in = file == "-" ? std::cin : opened;
    std::string line;
    while (next_line(in, line, policy::kMaxCase + 1)) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const policy::EvalLine answer = policy::evaluate_case(line);
      good = good && answer.ok;
      std::cout << answer.text << "\n";
    }
  }
  return good ? kDone : kUsage;
}

int lint_files(const Options& options) {
  lint::Options rules;
  rules.account = options.account;
  if (!options.kind.empty()) rules.kind = lint::kind_from(options.kind);
  std::vector<lint::FileFindings> all;
  bool errors = false;
  for (const std::string& file : options.files) {
    const auto text = read_file(file, lint::kMaxPolicy + 1);
    if (!text) return complain(text.error(), kUsage);
    lint::Result result = lint::lint(*text, rules);
    errors = errors || !result.findings.empty();
    if (options.output == "json") std::cout << lint::render_json_lines(file, result.findings);
    if (options.output == "text") std::cout << lint::render_text(file, *text, result.findings);
    all.push_back({file, std::move(result.findings)});
  }
  if (options.output == "sarif") std::cout << lint::render_sarif(all) << "\n";
  return errors ? kNo : kDone;
}

}  // namespace

void add_policy(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("policy", "The policy engine on files, without a server");
  command->require_subcommand(1);
  auto options = std::make_shared<Options>();

  CLI::App* eval =
      command->add_subcommand("eval", "Decide cases: a JSON object a line in, a decision a line out");
  eval->footer(
      "A case: {\"id\", \"request\": {\"principal\", \"action\", \"resource\", \"context\": {…}},\n"
      "  \"policies\": {\"identity\": [policy…], \"resource\": policy, \"boundary\": […], \"session\": […],\n"
      "  \"scp\": [[…]…], \"rcp\": [[…]…], \"endpoint\": […]}}\n"
      "Exits 0 when every case was evaluated, whatever the answers; 2 when one could not be.\n"
      "Example:\n  gatehouse policy eval cases.jsonl");
  eval->add_option("file", options->files, "Cases, one a line; - is stdin")->required();
  eval->add_option("--output", options->output, "Decisions are JSON, one a line")
      ->check(CLI::IsMember({"json"}));
  eval->callback([options, &run] { run = [options] { return evaluate(*options); }; });

  CLI::App* check = command->add_subcommand("lint", "What is wrong with a policy, where, and what to do");
  check->footer(
      "Exits 0 when there is nothing to say, 1 when there are findings, 2 when a file cannot be read.\n"
      "Examples:\n  gatehouse policy lint role-policy.json\n"
      "  gatehouse policy lint --kind scp --output sarif guardrails/*.json > findings.sarif");
  check->add_option("file", options->files, "Policies; - is stdin")->required();
  check
      ->add_option("--kind", options->kind,
                   "What they are: identity, resource, trust, key, boundary, session, scp, rcp or endpoint "
                   "(recognised otherwise, but for the last five)")
      ->check([](const std::string& name) {
        return lint::kind_from(name) ? std::string() : fmt::format("{} is no kind of policy", name);
      });
  check->add_option("--account", options->account, "Your own account, to tell it from others");
  check->add_option("--output", options->output, "How to print findings")
      ->check(CLI::IsMember({"text", "json", "sarif"}));
  check->callback([options, &run] { run = [options] { return lint_files(*options); }; });

  add_explain(*command, run);
  add_generate(*command, run);
}

}  // namespace gatehouse::cli

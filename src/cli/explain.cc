// gatehouse policy explain: which layer said what, and what would change it.
#include "cli/explain.h"

#include <iostream>

#include "policy/eval.h"
#include "policy/explain/account_dump.h"
#include "policy/explain/aws_error.h"
#include "policy/explain/report.h"

namespace gatehouse::cli {
namespace {

constexpr std::size_t kMostText = 1u << 20, kMostDump = 256u << 20;

struct Options {
  std::string case_file, aws_error, dump, principal, action, resource = "*", output = "text";
  std::vector<std::string> context;
};

int print(const policy::Report& report, const Options& options) {
  std::cout << (options.output == "json" ? policy::report_json(report) : policy::report_text(report));
  return report.decision.allowed() ? kDone : kNo;
}

// One case, in the form of `policy eval`.
int explain_case(const Options& options) {
  const auto text = read_file(options.case_file, policy::kMaxCase + 1);
  if (!text) return complain(text.error(), kUsage);
  const auto one = policy::Case::parse(*text);
  if (!one) return complain(one.error(), kUsage);
  return print(policy::make_report((*one)->request(), (*one)->policies(), (*one)->message_style()), options);
}

// A message alone: what it means and where to look.
int explain_message(const Options& options) {
  const auto text =
      options.aws_error == "-" ? read_file("-", kMostText) : Result<std::string>(options.aws_error);
  const auto denial = text ? policy::parse_aws_denial(*text) : std::unexpected(text.error());
  if (!denial) return complain(denial.error(), kUsage);
  if (options.output == "json") {
    json::object out{
        {"principal", denial->principal}, {"action", denial->action}, {"resource", denial->resource}};
    if (denial->layer) out["layer"] = policy::to_string(*denial->layer);
    out["explicit"] = denial->explicitly;
    if (!denial->policy_arn.empty()) out["policyArn"] = denial->policy_arn;
    if (denial->through) out["through"] = policy::to_string(*denial->through);
    out["meaning"] = policy::describe(*denial);
    std::cout << json::dump_pretty(out);
  } else {
    std::cout << policy::describe(*denial);
  }
  return kNo;
}

int explain_dump(const Options& options) {
  const auto text = read_file(options.dump, kMostDump + 1);
  if (!text) return complain(text.error(), kUsage);
  if (text->size() > kMostDump) return complain({"", "the dump is larger than 256 MiB", 400, {}}, kUsage);
  const auto dump = policy::AccountDump::parse(*text);
  if (!dump) return complain(dump.error(), kUsage);
  policy::DumpQuestion question;
  question.principal = options.principal;
  question.action = options.action;
  question.resource = options.resource;
  if (!options.aws_error.empty()) {
    const auto denial = policy::parse_aws_denial(options.aws_error);
    if (!denial) return complain(denial.error(), kUsage);
    question.principal = denial->principal;
    question.action = denial->action;
    if (!denial->resource.empty()) question.resource = denial->resource;
  }
  if (question.principal.empty() || question.action.empty()) {
    return complain({"", "a dump is asked with --principal and --action, or with --from-aws-error", 400, {}},
                    kUsage);
  }
  for (const std::string& pair : options.context) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos)
      return complain({"", "--context takes KEY=VALUE, not " + pair, 400, {}}, kUsage);
    question.context.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  const auto report = dump->explain(question);
  if (!report) return complain(report.error(), kUsage);
  return print(*report, options);
}

int explain(const Options& options) {
  if (!options.dump.empty()) return explain_dump(options);
  if (!options.aws_error.empty()) return explain_message(options);
  if (!options.case_file.empty()) return explain_case(options);
  return complain({"", "name a file with a case, or give --from-aws-error, or --account-dump", 400, {}},
                  kUsage);
}

}  // namespace

void add_explain(CLI::App& policy, Run& run) {
  CLI::App* command =
      policy.add_subcommand("explain", "Which layer said what and why, and what would change it");
  command->footer(
      "Exits 0 when the answer is Allowed, 1 when it is not, 2 when the question cannot be read.\n"
      "Examples:\n"
      "  gatehouse policy explain case.json\n"
      "  gatehouse policy explain --from-aws-error \"User: arn:… is not authorized to perform: s3:GetObject "
      "…\"\n"
      "  aws iam get-account-authorization-details > account.json\n"
      "  gatehouse policy explain --account-dump account.json --principal ana --action s3:GetObject "
      "--resource arn:aws:s3:::b/k");
  auto options = std::make_shared<Options>();
  command->add_option("case", options->case_file, "One case in the form of `policy eval`; - is stdin");
  command->add_option("--from-aws-error", options->aws_error, "AWS's access-denied message; - is stdin");
  command->add_option("--account-dump", options->dump,
                      "What aws iam get-account-authorization-details printed");
  command->add_option("--principal", options->principal,
                      "With a dump: the name or ARN of a user, a role or a session");
  command->add_option("--action", options->action, "With a dump: the action, s3:GetObject");
  command->add_option("--resource", options->resource, "With a dump: the resource's ARN");
  command->add_option("--context", options->context,
                      "With a dump: a condition key of the request, KEY=VALUE");
  command->add_option("--output", options->output, "How to print the report")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options, &run] { run = [options] { return explain(*options); }; });
}

}  // namespace gatehouse::cli

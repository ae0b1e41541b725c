// gatehouse account: other accounts and their root keys.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.h"

namespace gatehouse::cli {
namespace {

struct Options {
  Common common;
  std::string name, email, account;
};

int print_account(const Result<json::value>& answer, const Common& common) {
  if (!answer) return complain(answer.error(), answer.error().status < 500 ? kUsage : kFault);
  if (common.json()) {
    std::cout << json::dump(*answer) << "\n";
    return kDone;
  }
  const json::object& o = answer->as_object();
  fmt::print(
      "account          {}\naccess key id    {}\nsecret key       {}\nendpoint         {}\nregion           "
      "{}\n",
      json::string_or(o, "account", ""), json::string_or(o, "accessKeyId", ""),
      json::string_or(o, "secretAccessKey", ""), json::string_or(o, "endpoint", ""),
      json::string_or(o, "region", ""));
  return kDone;
}

int list(const Common& common) {
  const auto answer = ask(common.data, "GET", "/accounts");
  if (!answer) return complain(answer.error());
  if (common.json()) {
    std::cout << json::dump(*answer) << "\n";
    return kDone;
  }
  for (const json::value& v : answer->as_array()) {
    const json::object& o = v.as_object();
    fmt::print("{}  {:<24}  {}\n", json::string_or(o, "account", ""), json::string_or(o, "name", ""),
               json::string_or(o, "accessKeyId", ""));
  }
  return kDone;
}

}  // namespace

void add_account(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("account", "Accounts of the running server, and their root keys");
  command->footer("Example:\n  gatehouse account create --name vendor --output json");
  command->require_subcommand(1);
  auto options = std::make_shared<Options>();

  CLI::App* create = command->add_subcommand("create", "Make another account; prints its root key");
  add_data(*create, options->common);
  add_output(*create, options->common);
  create->add_option("--name", options->name, "Its name")->required();
  create->add_option("--email", options->email, "The root user's address");
  create->callback([options, &run] {
    run = [options] {
      json::object input{{"name", options->name}};
      if (!options->email.empty()) input["email"] = options->email;
      return print_account(ask(options->common.data, "POST", "/accounts", input), options->common);
    };
  });

  CLI::App* listing = command->add_subcommand("list", "List the accounts");
  add_data(*listing, options->common);
  add_output(*listing, options->common);
  listing->callback([options, &run] { run = [options] { return list(options->common); }; });

  CLI::App* show = command->add_subcommand("show", "Print an account's root key");
  add_data(*show, options->common);
  add_output(*show, options->common);
  show->add_option("account", options->account, "The twelve digits")->required();
  show->callback([options, &run] {
    run = [options] {
      return print_account(ask(options->common.data, "GET", "/accounts/" + options->account),
                           options->common);
    };
  });

  CLI::App* rotate =
      command->add_subcommand("rotate", "Replace an account's root key; the old one stops working");
  add_data(*rotate, options->common);
  add_output(*rotate, options->common);
  rotate->add_option("account", options->account, "The twelve digits")->required();
  rotate->callback([options, &run] {
    run = [options] {
      return print_account(
          ask(options->common.data, "POST", "/accounts/" + options->account + "/rotate", json::object{}),
          options->common);
    };
  });
}

}  // namespace gatehouse::cli

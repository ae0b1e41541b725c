#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "wire/client.h"

namespace gatehouse::cli {

std::string default_data_directory() {
  if (const char* data = std::getenv("GATEHOUSE_DATA"); data != nullptr && *data != '\0') return data;
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg != nullptr && *xdg != '\0')
    return std::string(xdg) + "/gatehouse";
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : ".") + "/.local/share/gatehouse";
}

void add_data(CLI::App& command, Common& common) {
  command.add_option("--data", common.data,
                     "The data directory (default: $GATEHOUSE_DATA, else ~/.local/share/gatehouse)");
}

void add_output(CLI::App& command, Common& common) {
  command.add_option("--output", common.output, "How to print results")
      ->check(CLI::IsMember({"text", "json"}));
}

int complain(const Error& error, int exit) {
  fmt::print(stderr, "gatehouse: {}\n", error.message);
  return exit;
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::ifstream file;
  if (path != "-") {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
      return fail("IOError", fmt::format("cannot read {}: it is a directory", path));
    file.open(path, std::ios::binary);
    if (!file) return fail("IOError", fmt::format("cannot read {}", path));
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  for (char chunk[1 << 16]; text.size() < most && in;) {
    in.read(chunk, static_cast<std::streamsize>(std::min(sizeof chunk, most - text.size())));
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

Result<json::value> ask(const std::string& data, const std::string& method, const std::string& target,
                        const json::value& body) {
  wire::ClientRequest request;
  request.method = method;
  request.target = target;
  if (!body.is_null()) {
    request.body = json::dump(body);
    request.headers.add("content-type", "application/json");
  }
  const auto response = wire::request_unix(data + "/admin.sock", request);
  if (!response) {
    return fail("ConnectionError",
                fmt::format("no server runs on {} ({}); start one with `gatehouse serve --data {}`", data,
                            response.error().message, data));
  }
  TRY(json::value answer, json::parse(response->body));
  if (response->status == 200) return answer;
  const json::object* o = answer.if_object();
  return fail(o != nullptr ? json::string_or(*o, "code", "InternalFailure") : "InternalFailure",
              o != nullptr ? json::string_or(*o, "message", "the server failed") : "the server failed",
              response->status);
}

int main(int argc, char** argv) {
  CLI::App app{
      "Gatehouse: an AWS account on one machine that says no for the same reason AWS would, and tells you "
      "the reason."};
  app.set_version_flag("--version", GATEHOUSE_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  Run run;
  add_serve(app, run);
  add_env(app, run);
  add_account(app, run);
  add_cluster(app, run);
  add_run(app, run);
  add_trail(app, run);
  add_coverage(app, run);
  add_policy(app, run);
  add_fsck(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  try {
    const int code = run();
    std::cout.flush();
    if (!std::cout) return complain({"IOError", "the output cannot be written", 500, {}});
    return code;
  } catch (const std::exception& fault) {
    return complain({"InternalFailure", fault.what(), 500, {}});
  }
}

}  // namespace gatehouse::cli

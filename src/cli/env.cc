// gatehouse env: what to export to use the running server.
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/command.h"

namespace gatehouse::cli {
namespace {

struct Options {
  Common common;
  std::string profile, vpc_endpoint;
};

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A kubeconfig for every cluster there is, tokens by way of the AWS CLI as `aws eks update-kubeconfig` writes
// it.
std::string kubeconfig(const json::array& clusters) {
  std::string clusters_text, users, contexts, current;
  for (const json::value& v : clusters) {
    const json::object& c = v.as_object();
    const std::string arn = json::string_or(c, "arn", "");
    current = arn;
    clusters_text +=
        fmt::format("- name: {0}\n  cluster:\n    server: {1}\n    certificate-authority-data: {2}\n", arn,
                    json::string_or(c, "endpoint", ""), json::string_or(c, "certificateAuthority", ""));
    contexts += fmt::format("- name: {0}\n  context:\n    cluster: {0}\n    user: {0}\n", arn);
    users += fmt::format(
        "- name: {}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      "
        "command: aws\n"
        "      args: [--region, {}, eks, get-token, --cluster-name, {}, --output, json]\n      "
        "interactiveMode: Never\n",
        arn, json::string_or(c, "region", ""), json::string_or(c, "name", ""));
  }
  const auto section = [](std::string_view name, const std::string& entries) {
    return fmt::format("{}:{}\n{}", name, entries.empty() ? " []" : "", entries);
  };
  return "apiVersion: v1\nkind: Config\npreferences: {}\n" + section("clusters", clusters_text) +
         section("contexts", contexts) + fmt::format("current-context: \"{}\"\n", current) +
         section("users", users);
}

Result<void> write_private(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  {
    std::ofstream out(draft, std::ios::trunc);
    ::chmod(draft.c_str(), 0600);
    out << text;
    if (!out.flush()) return fail("IOError", fmt::format("cannot write {}", draft), 500);
  }
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  if (error) return fail("IOError", fmt::format("cannot write {}: {}", path, error.message()), 500);
  return {};
}

// `[profile NAME]` sections for the AWS CLI's config and credentials files.
void print_profile(const std::string& name, const json::object& env) {
  const auto get = [&](std::string_view key) { return json::string_or(env, key, ""); };
  fmt::print(
      "# for ~/.aws/config\n[profile {}]\nregion = {}\nendpoint_url = {}\nca_bundle = {}\naws_access_key_id "
      "= {}\naws_secret_access_key = {}\n",
      name, get("region"), get("endpoint"), get("caBundle"), get("accessKeyId"), get("secretAccessKey"));
}

// Where a gateway endpoint listens.
Result<std::string> endpoint_address(const std::string& data, const std::string& id) {
  TRY(const auto endpoints, ask(data, "GET", "/vpc-endpoints"));
  for (const json::value& one : endpoints.as_array()) {
    if (json::string_or(one.as_object(), "id", "") != id) continue;
    std::string address = json::string_or(one.as_object(), "endpoint", "");
    if (!address.empty()) return address;
    return fail("NoListener",
                fmt::format("{} is an interface endpoint: its DNS names lead through it, by the proxy", id));
  }
  return fail("NoSuchEndpoint", fmt::format("there is no VPC endpoint {}", id), 404);
}

int env(const Options& options) {
  const std::string& data = options.common.data;
  const auto answer = ask(data, "GET", "/env");
  if (!answer) return complain(answer.error());
  json::object env = answer->as_object();
  if (!options.vpc_endpoint.empty()) {
    const auto through = endpoint_address(data, options.vpc_endpoint);
    if (!through) return complain(through.error(), kUsage);
    env["s3Endpoint"] = *through;
  }
  const auto clusters = ask(data, "GET", "/clusters");
  if (!clusters) return complain(clusters.error());
  const std::string kubeconfig_path = data + "/kubeconfig";
  if (auto written = write_private(kubeconfig_path, kubeconfig(clusters->as_array())); !written)
    return complain(written.error());

  if (options.common.json()) {
    json::object out = env;
    out["kubeconfig"] = kubeconfig_path;
    std::cout << json::dump(out) << "\n";
    return kDone;
  }
  if (!options.profile.empty()) {
    print_profile(options.profile, env);
    return kDone;
  }
  const auto print = [](std::string_view name, const std::string& value) {
    fmt::print("export {}={}\n", name, shell_quoted(value));
  };
  const auto get = [&](std::string_view key) { return json::string_or(env, key, ""); };
  print("AWS_ACCESS_KEY_ID", get("accessKeyId"));
  print("AWS_SECRET_ACCESS_KEY", get("secretAccessKey"));
  print("AWS_REGION", get("region"));
  print("AWS_DEFAULT_REGION", get("region"));
  print("AWS_ENDPOINT_URL", get("endpoint"));
  if (!options.vpc_endpoint.empty()) print("AWS_ENDPOINT_URL_S3", get("s3Endpoint"));
  // Clients put the account before this name, which an address cannot bear; the proxy leads it here.
  print("AWS_ENDPOINT_URL_S3_CONTROL", "https://s3-control.amazonaws.com");
  fmt::print("# for programs that do not know AWS_ENDPOINT_URL; other hosts are refused by this proxy\n");
  print("HTTPS_PROXY", get("proxy"));
  print("NO_PROXY", "127.0.0.1,localhost");
  print("AWS_CA_BUNDLE", get("caBundle"));
  print("KUBECONFIG", kubeconfig_path);
  fmt::print("unset AWS_SESSION_TOKEN AWS_PROFILE AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE\n");
  return kDone;
}

}  // namespace

void add_env(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("env", "What to export for the running server, or an AWS profile");
  command->footer("Example:\n  eval \"$(gatehouse env)\"\n  aws sts get-caller-identity");
  auto options = std::make_shared<Options>();
  add_data(*command, options->common);
  add_output(*command, options->common);
  command->add_option("--profile", options->profile,
                      "Print a profile of this name for ~/.aws/config instead");
  command->add_option("--vpc-endpoint", options->vpc_endpoint,
                      "Reach S3 as from the VPC of this gateway endpoint (vpce-…)");
  command->callback([options, &run] { run = [options] { return env(*options); }; });
}

}  // namespace gatehouse::cli

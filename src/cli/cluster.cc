// gatehouse cluster: clusters elsewhere whose service accounts and administrators this server vouches for.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/encoding.h"
#include "cli/command.h"
#include "kube/access/aws_auth_manifest.h"
#include "policy/lint/lint.h"

namespace gatehouse::cli {
namespace {

namespace lint = policy::lint;

constexpr std::size_t kLargestFile = 256 << 10;

struct Options {
  Common common;
  std::string name, issuer, region = "us-east-1", ca, address, jwks, aws_auth, server, before;
  std::vector<std::string> files;
};

int refuse(const Error& error) { return complain(error, error.status < 500 ? kUsage : kFault); }

std::string get(const json::object& o, std::string_view key) { return json::string_or(o, key, ""); }

void print(const json::object& c) {
  fmt::print("name          {}\nissuer        {}\nIAM provider  {}\nkeys          {}\nauthenticate  {}\n",
             get(c, "name"), get(c, "issuer"), get(c, "provider"), get(c, "keys"), get(c, "authenticate"));
}

int register_cluster(const Options& options) {
  json::object input{{"issuer", options.issuer},
                     {"name", options.name},
                     {"region", options.region},
                     {"address", options.address}};
  const std::pair<const char*, const std::string*> files[] = {
      {"ca", &options.ca}, {"jwks", &options.jwks}, {"awsAuth", &options.aws_auth}};
  for (const auto& [member, path] : files) {
    if (path->empty()) continue;
    const auto text = read_file(*path, kLargestFile);
    if (!text) return complain(text.error(), kUsage);
    input[member] = *text;
  }
  const auto answer = ask(options.common.data, "POST", "/outside-clusters", input);
  if (!answer) return refuse(answer.error());
  const json::object& cluster = answer->as_object();
  for (const json::value& warning : cluster.at("warnings").as_array())
    fmt::print(stderr, "warning: {}\n", std::string_view(warning.as_string()));
  if (options.common.json()) {
    std::cout << json::dump(*answer) << "\n";
  } else {
    print(cluster);
  }
  return kDone;
}

int list(const Common& common) {
  const auto answer = ask(common.data, "GET", "/outside-clusters");
  if (!answer) return refuse(answer.error());
  if (common.json()) {
    std::cout << json::dump(*answer) << "\n";
    return kDone;
  }
  for (const json::value& v : answer->as_array())
    fmt::print("{:<24}  {}\n", get(v.as_object(), "name"), get(v.as_object(), "issuer"));
  return kDone;
}

// A kubeconfig for kube-apiserver's --authentication-token-webhook-config-file. It is wanted before the
// cluster runs and thus before it can be registered.
int webhook_config(const Options& options) {
  const auto answer =
      ask(options.common.data, "GET", "/outside-clusters/" + percent_encode(options.name) + "/webhook");
  if (!answer) return refuse(answer.error());
  const json::object& webhook = answer->as_object();
  if (!json::bool_or(webhook, "registered", false))
    fmt::print(stderr, "no cluster is registered as {} yet: until then the webhook answers 404\n",
               options.name);
  const std::string server = options.server.empty() ? get(webhook, "endpoint") : options.server;
  fmt::print(
      "apiVersion: v1\nkind: Config\nclusters:\n- name: gatehouse\n  cluster:\n    server: {}{}\n"
      "    certificate-authority-data: {}\nusers:\n- name: kube-apiserver\n  user: {{}}\ncontexts:\n"
      "- name: gatehouse\n  context:\n    cluster: gatehouse\n    user: kube-apiserver\n"
      "current-context: gatehouse\n",
      server, get(webhook, "path"), get(webhook, "certificateAuthority"));
  return kDone;
}

lint::Finding as_lint(const kube::AwsAuthFinding& f) {
  return {f.line,          f.column,
          f.code,          static_cast<lint::Severity>(f.severity),
          f.message + ".", f.help.empty() ? "" : f.help + "."};
}

// An aws-auth manifest, before it is applied. Without a server.
int lint_manifests(const Options& options) {
  std::string before;
  if (!options.before.empty()) {
    const auto text = read_file(options.before, kLargestFile);
    if (!text) return complain(text.error(), kUsage);
    if (const auto manifest = kube::read_manifest(*text); !manifest)
      return complain(
          {manifest.error().code.data(),
           fmt::format("{}: line {}: {}", options.before, manifest.error().line, manifest.error().text()),
           400,
           {}},
          kUsage);
    before = *text;
  }
  std::vector<lint::FileFindings> all;
  for (const std::string& file : options.files) {
    const auto text = read_file(file, kLargestFile);
    if (!text) return complain(text.error(), kUsage);
    std::vector<lint::Finding> findings;
    for (const auto& finding : kube::review_manifest(*text, before)) findings.push_back(as_lint(finding));
    if (options.common.output == "json") std::cout << lint::render_json_lines(file, findings);
    if (options.common.output == "text") std::cout << lint::render_text(file, *text, findings);
    all.push_back({file, std::move(findings)});
  }
  if (options.common.output == "sarif") std::cout << lint::render_sarif(all) << "\n";
  const bool wrong = std::ranges::any_of(all, [](const lint::FileFindings& f) {
    return std::ranges::any_of(
        f.findings, [](const lint::Finding& one) { return one.severity != lint::Severity::suggestion; });
  });
  return wrong ? kNo : kDone;
}

int deregister(const Options& options) {
  const auto answer = ask(options.common.data, "DELETE", "/outside-clusters/" + percent_encode(options.name));
  if (!answer) return refuse(answer.error());
  if (options.common.json()) std::cout << json::dump(*answer) << "\n";
  return kDone;
}

}  // namespace

void add_cluster(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("cluster", "Clusters elsewhere (kind, k3s, EKS) that use this server's STS and IAM");
  command->footer(
      "Example:\n  gatehouse cluster register --issuer https://kubernetes.default.svc.cluster.local --name "
      "kind \\\n    --address 127.0.0.1:6443 --ca ca.crt --aws-auth aws-auth.yaml\n  gatehouse cluster "
      "webhook-config kind");
  command->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto sub = [&](const char* name, const char* help, int (*act)(const Options&)) {
    CLI::App* made = command->add_subcommand(name, help);
    add_data(*made, options->common);
    made->callback([options, act, &run] { run = [options, act] { return act(*options); }; });
    return made;
  };

  CLI::App* registering =
      sub("register", "Take the cluster's service-account tokens, and know who enters it", &register_cluster);
  add_output(*registering, options->common);
  registering->add_option("--issuer", options->issuer, "The `iss` of its tokens: https://HOST/PATH")
      ->required();
  registering->add_option("--name", options->name,
                          "Its name for `aws eks get-token` (default: of the issuer)");
  registering
      ->add_option("--ca", options->ca, "PEM authorities that vouch for the issuer, besides the system's")
      ->check(CLI::ExistingFile);
  registering->add_option("--address", options->address,
                          "ADDRESS:PORT where the issuer's documents are, if its name does not lead there");
  registering->add_option("--jwks", options->jwks, "Its key set as a file, if it cannot be asked from here")
      ->check(CLI::ExistingFile);
  registering
      ->add_option("--aws-auth", options->aws_auth,
                   "The aws-auth ConfigMap: which principals are which users")
      ->check(CLI::ExistingFile);
  registering->add_option("--region", options->region, "Where its instances are, for their names")
      ->capture_default_str();

  CLI::App* listing = sub("list", "List them", [](const Options& o) { return list(o.common); });
  add_output(*listing, options->common);

  CLI::App* config =
      sub("webhook-config", "Print the file for kube-apiserver's webhook flag", &webhook_config);
  config->add_option("name", options->name, "The registered cluster")->required();
  config->add_option("--server", options->server,
                     "https://HOST:PORT under which the cluster reaches this server");

  CLI::App* check = command->add_subcommand("lint", "What is wrong with an aws-auth manifest, and where");
  check->footer(
      "Exits 0 when nothing is wrong, 1 when something is, 2 when a file cannot be read.\n"
      "Example:\n  kubectl get configmap aws-auth -n kube-system -o yaml > before.yaml\n"
      "  gatehouse cluster lint --before before.yaml aws-auth.yaml");
  check->add_option("file", options->files, "Manifests; - is stdin")->required();
  check->add_option("--before", options->before, "What is there now: who would be locked out?");
  check->add_option("--output", options->common.output, "How to print findings")
      ->check(CLI::IsMember({"text", "json", "sarif"}));
  check->callback([options, &run] { run = [options] { return lint_manifests(*options); }; });

  CLI::App* removing =
      sub("deregister", "Forget one; its tokens are refused from the next call on", &deregister);
  add_output(*removing, options->common);
  removing->add_option("name", options->name, "The registered cluster")->required();
}

}  // namespace gatehouse::cli

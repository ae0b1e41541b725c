// gatehouse cluster: clusters elsewhere whose service accounts and administrators this server vouches for.
#include <fmt/format.h>

#include <iostream>

#include "base/encoding.h"
#include "cli/command.h"

namespace gatehouse::cli {
namespace {

constexpr std::size_t kLargestFile = 256 << 10;

struct Options {
  Common common;
  std::string name, issuer, region = "us-east-1", ca, address, jwks, aws_auth, server;
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

  CLI::App* removing =
      sub("deregister", "Forget one; its tokens are refused from the next call on", &deregister);
  add_output(*removing, options->common);
  removing->add_option("name", options->name, "The registered cluster")->required();
}

}  // namespace gatehouse::cli

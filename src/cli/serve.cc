// gatehouse serve
#include <fmt/format.h>
#include <signal.h>

#include <charconv>

#include "base/log.h"
#include "cli/command.h"
#include "cli/serve/house.h"

namespace gatehouse::cli {
namespace {

struct Options {
  Common common;
  std::string listen = "127.0.0.1:4566";
  std::string certificate, key, managed_policies;
  std::string issuer_ca;
  std::vector<std::string> issuer_addresses;
  std::string log_level = "info";
  std::string log_format = "text";
};

// "127.0.0.1:4566", "[::1]:0", ":4566"
Result<void> split_listen(const std::string& listen, HouseOptions& out) {
  const auto colon = listen.rfind(':');
  unsigned port = 0;
  const std::string_view digits =
      colon == std::string::npos ? "" : std::string_view(listen).substr(colon + 1);
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size() || port > 65535) {
    return fail("ValidationError", fmt::format("--listen takes ADDRESS:PORT, not {}", listen));
  }
  std::string address = listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (!address.empty()) out.address = address;
  out.port = static_cast<std::uint16_t>(port);
  return {};
}

// "HOST=ADDRESS:PORT", as curl's --connect-to has it.
Result<void> add_issuer(const std::string& text, HouseOptions& out) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 ||
      !identity::parse_socket_address(text.substr(equals + 1))) {
    return fail("ValidationError", fmt::format("--issuer-address takes HOST=ADDRESS:PORT, not {}", text));
  }
  out.issuers.addresses[text.substr(0, equals)] = text.substr(equals + 1);
  return {};
}

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warning") return log::Level::warning;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

int serve(const Options& options) {
  log::set_up(level_of(options.log_level),
              options.log_format == "json" ? log::Format::json : log::Format::text);
  HouseOptions house_options;
  house_options.data = options.common.data;
  house_options.tls_certificate = options.certificate;
  house_options.tls_key = options.key;
  house_options.managed_policies = options.managed_policies;
  if (auto split = split_listen(options.listen, house_options); !split)
    return complain(split.error(), kUsage);
  house_options.issuers.ca_file = options.issuer_ca;
  for (const std::string& issuer : options.issuer_addresses) {
    if (auto added = add_issuer(issuer, house_options); !added) return complain(added.error(), kUsage);
  }

  // Blocked before any thread starts, so that sigwait below is the only one to see them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto house = House::build(std::move(house_options));
  if (!house) return complain(house.error());
  if (auto started = (*house)->start(); !started) return complain(started.error());
  int caught = 0;
  sigwait(&signals, &caught);
  log::info("stopping", {{"signal", caught == SIGINT ? "SIGINT" : "SIGTERM"}});
  (*house)->stop();
  return kDone;
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("serve", "Run the account: AWS's APIs and the clusters' on one port");
  command->footer(
      "Example:\n  gatehouse serve --data ./account &\n  eval \"$(gatehouse env --data ./account)\"\n  aws "
      "s3 mb s3://my-bucket");
  auto options = std::make_shared<Options>();
  add_data(*command, options->common);
  command->add_option("--listen", options->listen, "Address and port; port 0 takes a free one")
      ->capture_default_str();
  auto* certificate =
      command->add_option("--tls-cert", options->certificate, "A PEM certificate for direct connections");
  auto* key = command->add_option("--tls-key", options->key, "Its private key");
  certificate->needs(key);
  key->needs(certificate);
  command
      ->add_option("--issuer-ca", options->issuer_ca,
                   "PEM authorities trusted for outside OIDC issuers, besides the system's")
      ->check(CLI::ExistingFile);
  command->add_option("--issuer-address", options->issuer_addresses,
                      "HOST=ADDRESS:PORT: where an outside issuer is that has no public address; repeatable");
  command
      ->add_option("--managed-policies", options->managed_policies,
                   "A folder of further AWS managed policies, a JSON file each")
      ->check(CLI::ExistingDirectory);
  command->add_option("--log-level", options->log_level, "How much to log")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  command->add_option("--log-format", options->log_format, "Text for people, JSON for machines")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([options, &run] { run = [options] { return serve(*options); }; });
}

}  // namespace gatehouse::cli

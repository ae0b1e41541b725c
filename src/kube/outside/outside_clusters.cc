#include "kube/outside/outside_clusters.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/time.h"
#include "kube/access/aws_auth_manifest.h"
#include "kube/access/aws_auth_review.h"
#include "wire/https.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kPrefix = "outsidecluster/";
constexpr size_t kLongestName = 100;  // as EKS has it
constexpr size_t kLongestIssuer = 255;

std::unexpected<Error> invalid(std::string message) {
  return fail("InvalidParameterException", std::move(message), 400);
}

std::string record_key(std::string_view name) { return std::string(kPrefix) + std::string(name); }

bool may_stand_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string to_record(const OutsideCluster& c) {
  return json::dump(json::object{{"v", 1},
                                 {"name", c.name},
                                 {"issuer", c.issuer},
                                 {"region", c.region},
                                 {"ca", c.ca_pem},
                                 {"address", c.address},
                                 {"jwks", c.jwks},
                                 {"awsAuth", c.aws_auth},
                                 {"registered", iso8601_millis(c.registered)}});
}

Result<OutsideCluster> from_record(std::string_view text) {
  TRY(const json::value parsed, json::parse(text));
  const json::object* o = parsed.if_object();
  if (o == nullptr || json::int_or(*o, "v", 0) != 1)
    return fail("InternalError", "a registered cluster's record cannot be read", 500);
  const auto get = [&](std::string_view key) { return json::string_or(*o, key, ""); };
  return OutsideCluster{.name = get("name"),
                        .issuer = get("issuer"),
                        .region = get("region"),
                        .ca_pem = get("ca"),
                        .address = get("address"),
                        .jwks = get("jwks"),
                        .aws_auth = get("awsAuth"),
                        .registered = parse_iso8601(get("registered")).value_or(Time{})};
}

// What IAM takes as a provider's URL, since the issuer must be one: no query, no fragment, no other port.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
Result<void> check_issuer(std::string_view issuer) {
  if (!issuer.starts_with("https://"))
    return invalid(fmt::format("an issuer's URL begins with https://, which {} does not", issuer));
  const std::string name = identity::normalized_issuer(issuer);
  const std::string_view host = std::string_view(name).substr(0, name.find('/'));
  if (host.empty() || issuer.size() > kLongestIssuer ||
      name.find_first_of("?#@ \t\r\n\\\"<>") != std::string::npos)
    return invalid(fmt::format("{} is not an issuer's URL: https://HOST, or https://HOST/PATH", issuer));
  if (host.find(':') != std::string_view::npos)
    return invalid(
        fmt::format("IAM takes no issuer with a port, as {} has; say where it is by its address", issuer));
  return {};
}

Result<void> check(const OutsideCluster& c) {
  CHECK_OK(check_issuer(c.issuer));
  CHECK_OK(check_cluster_name(c.name));
  if (!c.ca_pem.empty() && !wire::is_pem_certificates(c.ca_pem))
    return invalid("the CA is not a file of certificates in PEM");
  if (!c.address.empty() && !identity::parse_socket_address(c.address))
    return invalid(fmt::format("{} is not an IP address and a port, as 10.0.0.5:6443", c.address));
  return {};
}

Result<identity::IssuerTrust> trust_of(const OutsideCluster& c) {
  identity::IssuerTrust out{c.ca_pem, c.address, nullptr};
  if (c.jwks.empty()) return out;
  auto keys = identity::Jwks::parse(c.jwks);
  if (!keys) return invalid("the key set is unusable: " + keys.error().message);
  out.keys = std::make_shared<const identity::Jwks>(std::move(*keys));
  return out;
}

// Of no manifest, nothing.
Result<json::object> aws_auth_data(std::string_view manifest) {
  if (manifest.empty()) return json::object();
  auto read = read_manifest(manifest);
  if (!read) return invalid(fmt::format("line {}: {}", read.error().line, read.error().text()));
  return std::move(read->data);
}

}  // namespace

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html#AmazonEKS-CreateCluster-request-name
Result<void> check_cluster_name(std::string_view name) {
  const bool legal = !name.empty() && name.size() <= kLongestName && name.front() != '-' &&
                     name.front() != '_' && std::ranges::all_of(name, may_stand_in_name);
  if (!legal)
    return invalid(fmt::format("{} is not a cluster's name: letters, digits, - and _, 100 at most", name));
  return {};
}

std::string cluster_name_for(std::string_view issuer) {
  std::string out = identity::normalized_issuer(issuer);
  std::ranges::replace_if(out, [](char c) { return !may_stand_in_name(c); }, '-');
  return out.substr(0, kLongestName);
}

Result<std::unique_ptr<OutsideClusters>> OutsideClusters::open(store::Records& records, const Clock& clock,
                                                               identity::OutsideIssuers& issuers) {
  std::unique_ptr<OutsideClusters> out(new OutsideClusters(records, clock, issuers));
  TRY(const auto entries, records.scan(kPrefix, "", SIZE_MAX));
  for (const store::Entry& entry : entries) {
    TRY(OutsideCluster cluster, from_record(entry.record.value));
    TRY(identity::IssuerTrust trust, trust_of(cluster));
    TRY(const json::object data, aws_auth_data(cluster.aws_auth));
    cluster.auth = AwsAuth::parse(data);
    out->publish(std::make_shared<const OutsideCluster>(std::move(cluster)), std::move(trust));
  }
  return out;
}

void OutsideClusters::publish(OutsideClusterPtr cluster, identity::IssuerTrust trust) {
  issuers_.trust(identity::normalized_issuer(cluster->issuer), std::move(trust));
  const std::unique_lock lock(mutex_);
  by_name_[cluster->name] = std::move(cluster);
}

Result<void> OutsideClusters::check_free(const OutsideCluster& cluster) const {
  const std::string issuer = identity::normalized_issuer(cluster.issuer);
  for (const auto& other : all()) {
    const bool same_issuer = identity::normalized_issuer(other->issuer) == issuer;
    if ((other->name == cluster.name) == same_issuer) continue;
    return fail("ResourceInUseException",
                fmt::format("{} is registered already, with the issuer {}", other->name, other->issuer), 409);
  }
  return {};
}

Result<OutsideClusters::Registered> OutsideClusters::add(OutsideCluster cluster) {
  if (cluster.name.empty()) cluster.name = cluster_name_for(cluster.issuer);
  CHECK_OK(check(cluster));
  TRY(identity::IssuerTrust trust, trust_of(cluster));
  TRY(const json::object data, aws_auth_data(cluster.aws_auth));
  const std::lock_guard one_at_a_time(changing_);
  CHECK_OK(check_free(cluster));
  if (const auto keys = issuers_.try_out(identity::normalized_issuer(cluster.issuer), trust); !keys)
    return invalid(
        fmt::format("the keys of {} cannot be had from here: {}", cluster.issuer, keys.error().detail));
  cluster.auth = AwsAuth::parse(data);
  cluster.registered = clock_.now();
  store::Batch batch;
  batch.puts.emplace_back(record_key(cluster.name), to_record(cluster));
  CHECK_OK(records_.commit("outsidecluster", std::move(batch)));
  Registered out{std::make_shared<const OutsideCluster>(std::move(cluster)), {}};
  // Who is bound there is not known here.
  const auto review = review_aws_auth(nullptr, &data, [](std::string_view) { return true; });
  for (const AwsAuthFinding& finding : review.findings) out.warnings.push_back(finding.text());
  publish(out.cluster, std::move(trust));
  log::info("cluster registered", {{"cluster", out.cluster->name}, {"issuer", out.cluster->issuer}});
  return out;
}

Result<void> OutsideClusters::remove(std::string_view name) {
  const std::lock_guard one_at_a_time(changing_);
  const OutsideClusterPtr cluster = find(name);
  if (cluster == nullptr)
    return fail("ResourceNotFoundException", fmt::format("no cluster is registered as {}", name), 404);
  store::Batch batch;
  batch.deletes.push_back(record_key(name));
  CHECK_OK(records_.commit("outsidecluster", std::move(batch)));
  issuers_.distrust(identity::normalized_issuer(cluster->issuer));
  const std::unique_lock lock(mutex_);
  by_name_.erase(cluster->name);
  return {};
}

OutsideClusterPtr OutsideClusters::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->second;
}

std::vector<OutsideClusterPtr> OutsideClusters::all() const {
  std::vector<OutsideClusterPtr> out;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, cluster] : by_name_) out.push_back(cluster);
  return out;
}

}  // namespace gatehouse::kube

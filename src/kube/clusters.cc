#include "kube/clusters.h"

#include <fmt/format.h>

#include "base/arn.h"
#include "base/log.h"
#include "base/time.h"
#include "kube/bootstrap.h"
#include "store/gathered.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kPrefix = "kubecluster/";

std::string name_key(std::string_view account, std::string_view region, std::string_view name) {
  return fmt::format("{}/{}/{}", account, region, name);
}

std::string record_key(std::string_view hex) { return std::string(kPrefix) + std::string(hex); }

std::string write(const Cluster& c) {
  return json::dump(json::object{{"v", 1},
                                 {"account", c.account},
                                 {"region", c.region},
                                 {"name", c.name},
                                 {"hex", c.hex},
                                 {"issuer", c.issuer},
                                 {"creator", c.creator},
                                 {"created", iso8601_millis(c.created)},
                                 {"key", c.key.pem()}});
}

Result<std::shared_ptr<Cluster>> read(std::string_view text) {
  TRY(const json::value parsed, json::parse(text));
  const json::object* o = parsed.if_object();
  if (o == nullptr || json::int_or(*o, "v", 0) != 1)
    return fail("InternalError", "a cluster's record cannot be read", 500);
  TRY(identity::RsaKey key, identity::RsaKey::from_pem(json::string_or(*o, "key", "")));
  identity::Jwks keys{{identity::VerifyKey::of(key)}};
  const auto created = parse_iso8601(json::string_or(*o, "created", ""));
  return std::make_shared<Cluster>(Cluster{.account = json::string_or(*o, "account", ""),
                                           .region = json::string_or(*o, "region", ""),
                                           .name = json::string_or(*o, "name", ""),
                                           .hex = json::string_or(*o, "hex", ""),
                                           .issuer = json::string_or(*o, "issuer", ""),
                                           .creator = json::string_or(*o, "creator", ""),
                                           .created = created.value_or(Time{}),
                                           .key = std::move(key),
                                           .public_keys = std::move(keys),
                                           .objects = nullptr});
}

}  // namespace

std::string canonical_arn(std::string_view text) {
  const auto arn = Arn::parse(text);
  if (!arn) return "";
  const auto slash = arn->resource.find('/');
  const auto type = arn->resource.substr(0, slash);
  if (arn->service == "sts" && type == "assumed-role") {
    const auto rest = arn->resource.substr(slash + 1);
    return fmt::format("arn:{}:iam::{}:role/{}", arn->partition, arn->account,
                       rest.substr(0, rest.find('/')));
  }
  if (arn->service == "iam" && type == "role")
    return fmt::format("arn:{}:iam::{}:role/{}", arn->partition, arn->account,
                       arn->resource.substr(arn->resource.rfind('/') + 1));
  return std::string(text);
}

Result<std::unique_ptr<Clusters>> Clusters::open(store::Records& records, const Clock& clock, Random& random,
                                                 std::string ca_pem, KeyMaker make_key) {
  std::unique_ptr<Clusters> out(new Clusters(records, clock, random, std::move(ca_pem), std::move(make_key)));
  CHECK_OK(out->load());
  return out;
}

Result<void> Clusters::load() {
  TRY(const auto entries, records_.scan(kPrefix, "", SIZE_MAX));
  for (const store::Entry& entry : entries) {
    TRY(std::shared_ptr<Cluster> cluster, read(entry.record.value));
    TRY(cluster->objects, Objects::load(records_, cluster->hex));
    // A crash may have left a new cluster or a dying namespace half done.
    CHECK_OK(bootstrap(*cluster->objects, {clock_, random_, ca_pem_}));
    add(std::move(cluster));
  }
  return {};
}

void Clusters::add(ClusterPtr cluster) {
  const std::unique_lock lock(mutex_);
  by_issuer_[cluster->issuer] = cluster;
  by_name_[name_key(cluster->account, cluster->region, cluster->name)] = cluster;
  by_hex_[cluster->hex] = std::move(cluster);
}

Result<ClusterPtr> Clusters::create(Request request) {
  const std::lock_guard one_at_a_time(changing_);
  if (find(request.account, request.region, request.name) != nullptr)
    return fail("ResourceInUseException", fmt::format("Cluster already exists with name: {}", request.name),
                409);
  identity::RsaKey key = make_key_();
  identity::Jwks keys{{identity::VerifyKey::of(key)}};
  const std::string hex = random_.hex(32);
  const std::string_view suffix = request.region.starts_with("cn-") ? ".cn" : "";
  auto cluster = std::make_shared<Cluster>(
      Cluster{.account = request.account,
              .region = request.region,
              .name = request.name,
              .hex = hex,
              .issuer = fmt::format("https://oidc.eks.{}.amazonaws.com{}/id/{}", request.region, suffix, hex),
              .creator = canonical_arn(request.creator),
              .created = clock_.now(),
              .key = std::move(key),
              .public_keys = std::move(keys),
              .objects = nullptr});
  // Some thirty objects, which nobody knows of yet: a commit for each kind of them, and then read as written.
  store::Gathered gathered(records_);
  store::Batch batch;
  batch.puts.emplace_back(record_key(hex), write(*cluster));
  batch.preconditions.push_back({record_key(hex), 0});
  CHECK_OK(gathered.commit("kubecluster", std::move(batch)));
  {
    TRY(const auto objects, Objects::load(gathered, hex));
    CHECK_OK(bootstrap(*objects, {clock_, random_, ca_pem_}));
  }
  CHECK_OK(gathered.flush());
  TRY(cluster->objects, Objects::load(records_, hex));
  log::info("cluster identity made", {{"cluster", cluster->name}, {"issuer", cluster->issuer}});
  add(cluster);
  return cluster;
}

Result<void> Clusters::remove(std::string_view hex) {
  const std::lock_guard one_at_a_time(changing_);
  const ClusterPtr cluster = by_hex(hex);
  if (cluster == nullptr)
    return fail("ResourceNotFoundException", "No cluster found for the given identity.", 404);
  {
    const std::unique_lock lock(mutex_);
    by_hex_.erase(cluster->hex);
    by_issuer_.erase(cluster->issuer);
    by_name_.erase(name_key(cluster->account, cluster->region, cluster->name));
  }
  CHECK_OK(cluster->objects->clear());
  store::Batch batch;
  batch.deletes.push_back(record_key(hex));
  CHECK_OK(records_.commit("kubecluster", std::move(batch)));
  return {};
}

ClusterPtr Clusters::find(std::string_view account, std::string_view region, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_name_.find(name_key(account, region, name));
  return it == by_name_.end() ? nullptr : it->second;
}

ClusterPtr Clusters::by_hex(std::string_view hex) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_hex_.find(hex);
  return it == by_hex_.end() ? nullptr : it->second;
}

ClusterPtr Clusters::by_issuer(std::string_view issuer) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_issuer_.find(issuer);
  return it == by_issuer_.end() ? nullptr : it->second;
}

std::vector<ClusterPtr> Clusters::list(std::string_view account, std::string_view region) const {
  std::vector<ClusterPtr> out;
  const std::string prefix = name_key(account, region, "");
  const std::shared_lock lock(mutex_);
  for (auto it = by_name_.lower_bound(prefix); it != by_name_.end() && it->first.starts_with(prefix); ++it)
    out.push_back(it->second);
  return out;
}

std::vector<ClusterPtr> Clusters::all() const {
  std::vector<ClusterPtr> out;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, cluster] : by_name_) out.push_back(cluster);
  return out;
}

}  // namespace gatehouse::kube

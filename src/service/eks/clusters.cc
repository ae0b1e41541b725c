#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "base/encoding.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::int64_t kLargestPage = 100;
constexpr size_t kMostTags = 50;

// The cluster that resourceArn names.
Result<Cluster> tagged(const Eks& eks, const Call& call) {
  const std::string_view text = call.in[m::resourceArn].text();
  const auto arn = Arn::parse(text);
  const bool ours =
      arn && arn->service == "eks" && arn->region == call.region && arn->account == call.account;
  if (!ours || !arn->resource.starts_with("cluster/"))
    return fail("BadRequestException", fmt::format("Invalid resource ARN: {}", text));
  const std::string_view name = arn->resource.substr(std::string_view("cluster/").size());
  TRY(auto cluster, eks.find(call.account, call.region, name));
  if (!cluster) return fail("NotFoundException", fmt::format("Resource not found: {}", text), 404);
  return std::move(*cluster);
}

}  // namespace

Result<Value> page(const Value& in, wire::Member member, Value::List items,
                   std::string (*key)(const Value&)) {
  const std::int64_t most = in[m::maxResults].number(kLargestPage);
  if (most < 1 || most > kLargestPage)
    return error::invalid_parameter("maxResults must be between 1 and 100");
  const auto after = unbase64url(in[m::nextToken].text());
  if (!after) return error::invalid_parameter("Invalid nextToken");
  std::ranges::sort(items, {}, key);
  Value::List list;
  Value out;
  for (auto it = std::ranges::upper_bound(items, *after, {}, key); it != items.end(); ++it) {
    if (static_cast<std::int64_t>(list.size()) == most) {
      out.set(m::nextToken, base64url(key(list.back())));
      break;
    }
    list.push_back(*it);
  }
  out.set(member, std::move(list));
  return out;
}

Result<Value> describe_cluster(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call, call.in[m::name].text()));
  return structure({{m::cluster, render(eks, cluster)}});
}

Result<Value> list_clusters(Eks& eks, Call& call) {
  TRY(const auto names, eks.names(call.account, call.region));
  return page(call.in, m::clusters, Value::List(names.begin(), names.end()),
              [](const Value& name) { return std::string(name.text()); });
}

Result<Value> delete_cluster(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call, call.in[m::name].text()));
  if (cluster.deletion_protection) {
    return fail(
        "InvalidRequestException",
        fmt::format("Cluster {} has deletion protection enabled and cannot be deleted", cluster.name));
  }
  Value shown = render(eks, cluster, "DELETING");
  CHECK_OK(eks.remove(cluster));
  CHECK_OK(eks.rooms().clusters.remove(cluster.hex));
  CHECK_OK(eks.rooms().ec2.networks().update(call.account, call.region, [&](ec2::Network& n) {
    std::erase_if(n.interfaces, [&](const ec2::Interface& i) {
      return std::ranges::find(i.groups, cluster.security_group) != i.groups.end();
    });
    std::erase_if(n.groups, [&](const ec2::SecurityGroup& g) { return g.id == cluster.security_group; });
  }));
  return structure({{m::cluster, std::move(shown)}});
}

Result<Value> tag_resource(Eks& eks, Call& call) {
  TRY(auto cluster, tagged(eks, call));
  for (const auto& [key, value] : call.in[m::tags].map()) {
    if (key.empty() || key.starts_with("aws:"))
      return fail("BadRequestException", fmt::format("Invalid tag key: {}", key));
    cluster.tags.insert_or_assign(key, std::string(value.text()));
  }
  if (cluster.tags.size() > kMostTags) return fail("BadRequestException", "Too many tags: the limit is 50.");
  CHECK_OK(eks.store(std::move(cluster)));
  return Value(Value::Structure());
}

Result<Value> untag_resource(Eks& eks, Call& call) {
  TRY(auto cluster, tagged(eks, call));
  for (const auto& key : call.in[m::tagKeys].list()) cluster.tags.erase(std::string(key.text()));
  CHECK_OK(eks.store(std::move(cluster)));
  return Value(Value::Structure());
}

Result<Value> list_tags_for_resource(Eks& eks, Call& call) {
  TRY(const auto cluster, tagged(eks, call));
  return structure({{m::tags, Value::Map(cluster.tags.begin(), cluster.tags.end())}});
}

}  // namespace gatehouse::service::eks

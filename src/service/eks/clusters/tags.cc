// Tags of whatever has an ARN. https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
#include <algorithm>

#include "base/arn.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

std::unexpected<Error> not_there(std::string_view arn) {
  return fail("NotFoundException", fmt::format("Resource not found: {}", arn), 404);
}

std::unexpected<Error> bad_request(std::string message) {
  return fail("BadRequestException", std::move(message));
}

// "nodegroup/lake/workers/ID" -> its pieces
std::vector<std::string_view> pieces_of(std::string_view resource) {
  std::vector<std::string_view> out;
  while (true) {
    const auto slash = resource.find('/');
    out.push_back(resource.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    resource.remove_prefix(slash + 1);
  }
}

template <typename T>
Result<Tags> of_part(Eks& eks, const Cluster& cluster, std::string_view name, std::string_view arn,
                     const TagChange& change) {
  TRY(auto part, eks.part<T>(cluster, name));
  if (!part || arn_of(cluster, *part) != arn) return not_there(arn);
  if (change) {
    CHECK_OK(change(part->tags));
    store::Batch batch;
    Eks::put(batch, cluster, *part);
    CHECK_OK(eks.store(cluster, std::move(batch)));
  }
  return std::move(part->tags);
}

auto find_entry(Cluster& cluster, std::string_view arn) {
  return std::ranges::find_if(cluster.entries,
                              [&](const AccessEntry& e) { return cluster.arn_of(e) == arn; });
}
Tags& of_entry(Cluster& cluster, std::string_view arn) { return find_entry(cluster, arn)->tags; }
Tags& of_itself(Cluster& cluster, std::string_view) { return cluster.tags; }

// Of the cluster itself or of what lies in its record.
Result<Tags> in_cluster(Eks& eks, Cluster cluster, Tags& (*where)(Cluster&, std::string_view),
                        std::string_view arn, const TagChange& change) {
  Tags& tags = where(cluster, arn);
  if (change) {
    CHECK_OK(change(tags));
    TRY(cluster, eks.store(std::move(cluster)));
  }
  return where(cluster, arn);
}

}  // namespace

Result<Tags> tags_at(Eks& eks, const Call& call, const TagChange& change) {
  const std::string_view text = call.in[m::resourceArn].text();
  const auto arn = Arn::parse(text);
  const bool ours =
      arn && arn->service == "eks" && arn->region == call.region && arn->account == call.account;
  const auto pieces = ours ? pieces_of(arn->resource) : std::vector<std::string_view>{};
  if (pieces.size() < 2) return bad_request(fmt::format("Invalid resource ARN: {}", text));
  TRY(auto found, eks.find(call.account, call.region, pieces[1]));
  if (!found) return not_there(text);
  Cluster& cluster = *found;
  if (pieces[0] == "cluster" && pieces.size() == 2)
    return in_cluster(eks, std::move(cluster), of_itself, text, change);
  if (pieces[0] == "nodegroup" && pieces.size() == 4)
    return of_part<NodeGroup>(eks, cluster, pieces[2], text, change);
  if (pieces[0] == "addon" && pieces.size() == 4)
    return of_part<Addon>(eks, cluster, pieces[2], text, change);
  if (pieces[0] == "podidentityassociation" && pieces.size() == 3)
    return of_part<PodIdentity>(eks, cluster, pieces[2], text, change);
  if (pieces[0] == "identityproviderconfig" && pieces.size() == 5)
    return of_part<IdentityProvider>(eks, cluster, pieces[3], text, change);
  if (find_entry(cluster, text) == cluster.entries.end()) return not_there(text);
  return in_cluster(eks, std::move(cluster), of_entry, text, change);
}

Result<Value> tag_resource(Eks& eks, Call& call) {
  CHECK_OK(tags_at(eks, call, [&](Tags& tags) -> Result<void> {
    auto added = read_tags(call.in[m::tags]);
    if (!added) return bad_request(added.error().message);
    for (auto& [key, value] : *added) tags.insert_or_assign(key, std::move(value));
    if (tags.size() > kMostTags) return bad_request("Too many tags: the limit is 50.");
    return {};
  }));
  return Value(Value::Structure());
}

Result<Value> untag_resource(Eks& eks, Call& call) {
  CHECK_OK(tags_at(eks, call, [&](Tags& tags) -> Result<void> {
    for (const auto& key : texts(call.in[m::tagKeys])) tags.erase(key);
    return {};
  }));
  return Value(Value::Structure());
}

Result<Value> list_tags_for_resource(Eks& eks, Call& call) {
  TRY(const auto tags, tags_at(eks, call));
  return structure({{m::tags, value_of(tags)}});
}

}  // namespace gatehouse::service::eks

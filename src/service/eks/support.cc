#include "service/eks/support.h"

#include <algorithm>

#include "base/encoding.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::int64_t kLargestPage = 100;
constexpr size_t kMostUpdates = 50;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error missing(std::string message) { return error::not_found(std::move(message)).error(); }

}  // namespace

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const auto& text : list.list()) out.emplace_back(text.text());
  return out;
}

Value value_of(const std::vector<std::string>& from) { return Value::List(from.begin(), from.end()); }
Value value_of(const std::map<std::string, std::string>& from) {
  return Value::Map(from.begin(), from.end());
}

std::map<std::string, std::string> text_map(const Value& map) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : map.map()) out.insert_or_assign(key, std::string(value.text()));
  return out;
}

Result<std::map<std::string, std::string>> read_tags(const Value& map) {
  auto out = text_map(map);
  for (const auto& [key, value] : out) {
    if (key.empty() || key.size() > 128 || key.starts_with("aws:"))
      return error::invalid_parameter(fmt::format("Invalid tag key: {}", key));
    if (value.size() > 256) return error::invalid_parameter(fmt::format("Invalid tag value: {}", value));
  }
  if (out.size() > kMostTags) return error::invalid_parameter("Too many tags: the limit is 50.");
  return out;
}

bool is_name(std::string_view text, size_t longest) {
  return !text.empty() && text.size() <= longest && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

std::string_view cluster_name(const Call& call) {
  return call.in[m::clusterName] ? call.in[m::clusterName].text() : call.in[m::name].text();
}

Result<Cluster> existing(const Eks& eks, const Call& call) {
  TRY(auto cluster, eks.find(call.account, call.region, cluster_name(call)));
  if (!cluster) return error::not_found(fmt::format("No cluster found for name: {}.", cluster_name(call)));
  return std::move(*cluster);
}

Error no_part(const NodeGroup*, const Cluster&, std::string_view name) {
  return missing(fmt::format("No node group found for name: {}.", name));
}
Error no_part(const Addon*, const Cluster& cluster, std::string_view name) {
  return missing(fmt::format("No addon: {} found in cluster: {}", name, cluster.name));
}
Error no_part(const PodIdentity*, const Cluster&, std::string_view name) {
  return missing(fmt::format("The specified pod identity association {} could not be found.", name));
}
Error no_part(const IdentityProvider*, const Cluster& cluster, std::string_view name) {
  return missing(
      fmt::format("No config found for cluster: {}, config type: oidc, config name: {}", cluster.name, name));
}

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

std::string text_key(const Value& text) { return std::string(text.text()); }

const Update& begin_update(const Eks& eks, std::vector<Update>& updates, std::string_view type,
                           std::vector<UpdateParam> params) {
  if (updates.size() == kMostUpdates) updates.erase(updates.begin());
  updates.push_back(
      {eks.rooms().random.uuid(), std::string(type), eks.rooms().clock.now(), std::move(params)});
  return updates.back();
}

Value render(const Update& update, std::string_view status) {
  Value::List params;
  for (const auto& [type, value] : update.params)
    params.push_back(structure({{m::type, type}, {m::value, value}}));
  return structure({{m::update, structure({{m::id, update.id},
                                           {m::status, status},
                                           {m::type, update.type},
                                           {m::params, std::move(params)},
                                           {m::createdAt, update.created},
                                           {m::errors, Value::List()}})}});
}

}  // namespace gatehouse::service::eks

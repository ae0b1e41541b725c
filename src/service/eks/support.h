// What the operations do alike: finding what a call names, pages, tags, updates.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

inline constexpr size_t kMostTags = 50;

std::vector<std::string> texts(const wire::Value& list);
wire::Value value_of(const std::vector<std::string>& texts);
wire::Value value_of(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> text_map(const wire::Value& map);
// InvalidParameterException for what is no tag, or for too many.
Result<std::map<std::string, std::string>> read_tags(const wire::Value& map);

// [A-Za-z0-9][A-Za-z0-9_-]*, at most `longest` characters.
bool is_name(std::string_view text, size_t longest);

// The cluster that the call names, as `name` or as `clusterName`; ResourceNotFoundException.
std::string_view cluster_name(const Call& call);
Result<Cluster> existing(const Eks& eks, const Call& call);

// "No node group found for name: x." and the like.
Error no_part(const NodeGroup*, const Cluster& cluster, std::string_view name);
Error no_part(const Addon*, const Cluster& cluster, std::string_view name);
Error no_part(const PodIdentity*, const Cluster& cluster, std::string_view name);
Error no_part(const IdentityProvider*, const Cluster& cluster, std::string_view name);

template <typename T>
Result<T> existing_part(const Eks& eks, const Cluster& cluster, std::string_view name) {
  TRY(auto found, eks.part<T>(cluster, name));
  if (!found) return fail(no_part(static_cast<const T*>(nullptr), cluster, name));
  return std::move(*found);
}

// A page of the list, as maxResults and nextToken want it, and a nextToken if it is not the last. `key` of an
// item orders the list.
Result<wire::Value> page(const wire::Value& in, wire::Member member, wire::Value::List items,
                         std::string (*key)(const wire::Value&));
std::string text_key(const wire::Value& text);  // of a list of strings

// A new update, kept with those that are there; of one thing the newest fifty.
const Update& begin_update(const Eks& eks, std::vector<Update>& updates, std::string_view type,
                           std::vector<UpdateParam> params);
wire::Value render(const Update& update, std::string_view status);

}  // namespace gatehouse::service::eks

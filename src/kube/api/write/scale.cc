// The /scale of custom resources, for `kubectl scale`: an autoscaling/v1 Scale made of the members that the
// definition names.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource
#include <fmt/format.h>

#include "kube/api/write/write.h"
#include "kube/objects/json_path.h"
#include "kube/schema/json_query.h"
#include "kube/schema/messages.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kScaleVersion = "autoscaling/v1";

std::int64_t count_at(const json::object& object, std::string_view path) {
  const auto found = query(object, path);
  return found.empty() || !found.front()->is_int64() ? 0 : found.front()->get_int64();
}

json::object scale_of(const Subresource& part, const Stored& item) {
  json::object metadata;
  for (const char* member : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
    if (const json::value* v = at(item.object, {"metadata", member})) metadata[member] = *v;
  json::object status{{"replicas", count_at(item.object, part.scale.have)}};
  const auto selector = query(item.object, part.scale.selector);
  if (!selector.empty() && selector.front()->is_string()) status["selector"] = *selector.front();
  return {{"metadata", std::move(metadata)},
          {"spec", json::object{{"replicas", count_at(item.object, part.scale.wanted)}}},
          {"status", std::move(status)}};
}

wire::Response answer(const json::object& scale) {
  json::object out{{"kind", "Scale"}, {"apiVersion", kScaleVersion}};
  for (const auto& [key, value] : scale) out[key] = value;
  return json_response(200, out);
}

// ".spec.replicas"
void set_count(json::object& object, std::string_view path, std::int64_t count) {
  json::object* inside = &object;
  path.remove_prefix(path.starts_with('.') ? 1 : 0);
  while (true) {
    const auto dot = path.find('.');
    if (dot == std::string_view::npos) break;
    inside = &make_object(*inside, path.substr(0, dot));
    path.remove_prefix(dot + 1);
  }
  (*inside)[path] = count;
}

}  // namespace

Answer scale(Context& context) {
  const Request& r = context.request;
  const StoredPtr old = context.objects.find(*r.kind, r.scope(), r.name);
  if (old == nullptr) return fail(status::not_found(*r.kind, r.name));
  const json::object now = scale_of(*r.part, *old);
  if (r.verb == "get") return answer(now);
  json::object wanted;
  if (r.verb == "patch") {
    TRY(wanted, patched(context, {messages::kScale, std::string(kScaleVersion), "Scale"}, now));
  } else {
    TRY(wanted, decode_body(context, messages::kScale, kScaleVersion, "Scale"));
  }
  const json::value* replicas = at(wanted, {"spec", "replicas"});
  if (replicas != nullptr && (!replicas->is_int64() || replicas->get_int64() < 0)) {
    const Kind kind{.group = "autoscaling", .version = "v1", .kind = "Scale", .plural = "scales"};
    return fail(status::invalid(
        kind, r.name,
        {{"FieldValueInvalid", "spec.replicas",
          fmt::format("Invalid value: {}: must be greater than or equal to 0", json::dump(*replicas))}}));
  }
  json::object object = old->object;
  set_count(object, r.part->scale.wanted, replicas == nullptr ? 0 : replicas->get_int64());
  if (const json::value* version = at(wanted, {"metadata", "resourceVersion"}))
    make_object(object, "metadata")["resourceVersion"] = *version;
  TRY(const StoredPtr saved, replace(context, std::move(object), old, false));
  return answer(scale_of(*r.part, *saved));
}

}  // namespace gatehouse::kube

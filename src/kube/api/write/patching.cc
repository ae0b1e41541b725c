#include "kube/access/rbac.h"
#include "kube/api/write/write.h"
#include "kube/objects/json_path.h"
#include "kube/objects/patch.h"

namespace gatehouse::kube {
namespace {

constexpr int kTries = 5;
constexpr std::string_view kApply = "application/apply-patch+yaml";
constexpr std::string_view kStrategic = "application/strategic-merge-patch+json";

std::unexpected<Error> unknown_patch(bool custom) {
  return fail("UnsupportedMediaType",
              std::string("the body of the request was in an unknown format - accepted media types include: "
                          "application/json-patch+json, application/merge-patch+json, ") +
                  (custom ? "" : "application/strategic-merge-patch+json, ") + std::string(kApply),
              415);
}

Result<json::value> patched_value(const Request& r, const Message& schema, json::value target) {
  const bool custom = r.kind->structural != nullptr;
  const bool merges = r.content_type == "application/merge-patch+json" || r.content_type == kStrategic;
  if ((!merges && r.content_type != "application/json-patch+json") ||
      (custom && r.content_type == kStrategic))
    return unknown_patch(custom);
  const auto parsed = json::parse(r.body);
  if (!parsed) return fail(status::bad_request("error decoding patch: " + parsed.error().message));
  if (!merges) {
    CHECK_OK(json_patch(target, *parsed));
    return target;
  }
  if (!parsed->is_object()) return fail(status::bad_request("error decoding patch: it is not an object"));
  if (r.content_type == kStrategic) {
    CHECK_OK(strategic_merge_patch(schema, target.get_object(), parsed->get_object()));
  } else {
    merge_patch(target, *parsed);
  }
  return target;
}

Result<json::object> wanted(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  TRY(Decoded decoded, decode(kind, "application/yaml", r.body));
  if (decoded.kind != kind.kind || decoded.api_version != kind.group_version())
    return fail(status::bad_request("the object applied has another kind or apiVersion than the URL"));
  CHECK_OK(complain(context, decoded.complaints));
  json::object& metadata = make_object(decoded.object, "metadata");
  if (!metadata["name"].is_string()) metadata["name"] = r.name;
  if (text_at(metadata, {"name"}) != r.name)
    return fail(status::bad_request("the name of the object does not match the name on the URL"));
  if (kind.scope == Scope::namespaced && !metadata.contains("namespace")) metadata["namespace"] = r.ns;
  if (metadata.contains("managedFields"))
    return fail(status::bad_request("metadata.managedFields must be nil"));
  return kept(kind, std::move(decoded.object));
}

// Applying what is not there creates it, which is a right of its own.
Answer apply_new(Context& context, const json::object& object) {
  const Request& r = context.request;
  Attributes create = r.attributes();
  create.verb = "create";
  if (!authorize(context.objects, context.user, create).allowed)
    return fail(status::forbidden(*r.kind, r.name, denial(context.user, create)));
  TRY(json::object made, apply(kept_kind(*r.kind), nullptr, object, manager_of(context), true));
  return create_object(context, std::move(made), true);
}

Answer apply_patch(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  const Kind options{.group = "meta.k8s.io", .version = "v1", .kind = "PatchOptions", .plural = ""};
  if (r.parameter("fieldManager").empty())
    return fail(status::invalid(
        options, "",
        {{"FieldValueRequired", "fieldManager", "Required value: is required for apply patch"}}));
  TRY(const json::object object, wanted(context));
  const bool insists = !text_at(object, {"metadata", "resourceVersion"}).empty();
  for (int tries = 1;; ++tries) {
    const StoredPtr old = context.objects.find(kind, r.scope(), r.name);
    if (old == nullptr && !r.subresource.empty()) return fail(status::not_found(kind, r.name));
    if (old == nullptr) return apply_new(context, object);
    TRY(json::object merged,
        apply(kept_kind(kind), &old->object, object, manager_of(context), r.flag("force")));
    CHECK_OK(conform(kept_kind(kind), merged, nullptr));
    const auto saved = replace(context, std::move(merged), old, true);
    if (saved) return show(context, 200, *saved);
    if (saved.error().code != "Conflict" || insists || tries == kTries) return fail(saved.error());
  }
}

Result<json::object> patched_object(Context& context, const Stored& old) {
  const Kind& kind = *context.request.kind;
  TRY(json::object out, patched(context, {*kind.message, kind.group_version(), std::string(kind.kind)},
                                shown(kind, old.object)));
  std::vector<std::string> complaints;
  CHECK_OK(conform(kind, out, &complaints));
  CHECK_OK(complain(context, complaints));
  return kept(kind, std::move(out));
}

}  // namespace

Result<json::object> patched(Context& context, const PatchTarget& target, const json::object& base) {
  json::object typed{{"apiVersion", target.api_version}, {"kind", target.kind}};
  for (const auto& [key, value] : base) typed[key] = value;
  TRY(json::value result, patched_value(context.request, target.schema, json::value(std::move(typed))));
  if (!result.is_object()) return fail(status::bad_request("the patch leaves no object"));
  json::object out = std::move(result.get_object());
  if (text_at(out, {"kind"}) != target.kind || text_at(out, {"apiVersion"}) != target.api_version)
    return fail(status::bad_request("a patch cannot change an object's kind or apiVersion"));
  out.erase("apiVersion");
  out.erase("kind");
  return out;
}

Answer patch(Context& context) {
  const Request& r = context.request;
  CHECK_OK(check_write_options(context, "PatchOptions"));
  if (r.content_type == kApply) return apply_patch(context);
  for (int tries = 1;; ++tries) {
    const StoredPtr old = context.objects.find(*r.kind, r.scope(), r.name);
    if (old == nullptr) return fail(status::not_found(*r.kind, r.name));
    context.warnings.clear();
    TRY(json::object object, patched_object(context, *old));
    const bool insists = text_at(object, {"metadata", "resourceVersion"}) != std::to_string(old->version);
    const auto saved = replace(context, std::move(object), old, false);
    if (saved) return show(context, 200, *saved);
    // Somebody wrote in between: the patch is good for what they wrote, unless it named a version.
    if (saved.error().code != "Conflict" || insists || tries == kTries) return fail(saved.error());
  }
}

}  // namespace gatehouse::kube

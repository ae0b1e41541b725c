#include <fmt/format.h>

#include "base/time.h"
#include "kube/api/context.h"
#include "kube/api/read/listing.h"
#include "kube/api/write/follow_up.h"
#include "kube/api/write/grants.h"
#include "kube/api/write/mappings.h"
#include "kube/api/write/succession.h"
#include "kube/api/write/write.h"
#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"
#include "kube/schema/structural.h"

namespace gatehouse::kube {
namespace {

constexpr int kNameTries = 8;

// Five letters and digits without vowels, so that no generated name is a word.
std::string suffix(Random& random) {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string out = random.bytes(5);
  for (char& c : out) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return out;
}

Result<void> place_in_namespace(Context& context, json::object& object) {
  const Request& r = context.request;
  json::object& metadata = make_object(object, "metadata");
  const auto given = text_at(metadata, {"namespace"});
  if (r.kind->scope == Scope::cluster) {
    if (!given.empty())
      return fail(status::bad_request("namespace is not allowed on a cluster-scoped object"));
    return {};
  }
  if (r.ns.empty()) return fail(status::bad_request("an empty namespace may not be set during creation"));
  if (!given.empty() && given != r.ns)
    return fail(status::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request"));
  metadata["namespace"] = r.ns;
  return {};
}

Result<void> namespace_takes_more(Context& context, std::string_view name) {
  const Request& r = context.request;
  if (r.kind->scope == Scope::cluster) return {};
  const Kind& namespaces = kind_of("", "namespaces");
  const StoredPtr ns = context.objects.find(namespaces, "", r.ns);
  if (ns == nullptr) return fail(status::not_found(namespaces, r.ns));
  if (text_at(ns->object, {"metadata", "deletionTimestamp"}).empty()) return {};
  Error error = status::forbidden(
      *r.kind, name,
      fmt::format("unable to create new content in namespace {} because it is being terminated", r.ns));
  status::add_cause(error, {"NamespaceTerminating", "metadata.namespace",
                            fmt::format("namespace {} is being terminated", r.ns)});
  return fail(std::move(error));
}

Result<void> validate(const Kind& kind, const json::object& object, const json::object* old) {
  std::vector<Cause> causes;
  rules::check_metadata(kind, object, old, causes);
  if (kind.check != nullptr) kind.check(object, old, causes);
  if (kind.structural != nullptr) kind.structural->check(object, causes);
  if (causes.empty()) return {};
  return fail(status::invalid(kind, text_at(object, {"metadata", "name"}), causes));
}

void complete(const Kind& kind, json::object& object, const json::object* old) {
  if (kind.structural != nullptr) kind.structural->complete(object);
  if (kind.complete != nullptr) kind.complete(object, old);
}

// A dry run's result: as it would be, and not kept.
StoredPtr unsaved(json::object object) {
  auto out = std::make_shared<Stored>();
  out->object = std::move(object);
  out->text = json::dump(out->object);
  return out;
}

bool deletion_complete(const json::object& object) {
  if (text_at(object, {"metadata", "deletionTimestamp"}).empty()) return false;
  const json::array* finalizers = array_at(object, {"metadata", "finalizers"});
  return finalizers == nullptr || finalizers->empty();
}

// Kinds whose deletion removes other objects end by termination.h, not by their last finalizer.
bool ends_by_itself(const Kind& kind) {
  return kind.kind != "Namespace" && kind.kind != "CustomResourceDefinition";
}

std::vector<Cause> bad_options(const Request& r) {
  std::vector<Cause> causes;
  const auto mode = r.parameter("fieldValidation");
  if (!mode.empty() && mode != "Strict" && mode != "Warn" && mode != "Ignore")
    causes.push_back(rules::unsupported("fieldValidation", mode, R"("", "Ignore", "Strict", "Warn")"));
  for (const auto& [name, value] : r.query) {
    if (name == "dryRun" && value != "All") causes.push_back(rules::unsupported("dryRun", value, R"("All")"));
    if (name == "fieldManager" && value.size() > 128)
      causes.push_back({"FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"});
  }
  return causes;
}

}  // namespace

Result<void> check_write_options(Context& context, std::string_view options) {
  const auto causes = bad_options(context.request);
  if (causes.empty()) return {};
  const Kind kind{.group = "meta.k8s.io", .version = "v1", .kind = options, .plural = ""};
  return fail(status::invalid(kind, "", causes));
}

Manager manager_of(Context& context) {
  const Request& r = context.request;
  return {r.field_manager(), r.kind->group_version(), r.subresource, context.now()};
}

Result<void> complain(Context& context, const std::vector<std::string>& complaints) {
  if (complaints.empty()) return {};
  const auto mode = context.request.parameter("fieldValidation");
  if (mode == "Strict") {
    std::string all;
    for (const std::string& c : complaints) all.append(all.empty() ? "" : ", ").append(c);
    const Kind& kind = *context.request.kind;
    return fail(status::bad_request(
        fmt::format("{} in version \"{}\" cannot be handled as a {}: strict decoding error: {}", kind.kind,
                    kind.version, kind.kind, all)));
  }
  if (mode != "Ignore")
    for (const std::string& c : complaints) context.warnings.push_back(c);
  return {};
}

Result<StoredPtr> replace(Context& context, json::object object, const StoredPtr& old, bool applied) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  TRY(const bool tracks, succeed(r, object, *old));
  complete(kind, object, &old->object);
  CHECK_OK(validate(kind, object, &old->object));
  CHECK_OK(check_grants(context.objects, context.user, kind, object, &old->object));
  if (object == old->object) return old;
  if (r.dry_run) CHECK_OK(tell_of_mappings(context, kind, &old->object, &object));
  count_generation(kind, object, old->object);
  if (!applied && tracks) track(kept_kind(kind), object, &old->object, manager_of(context));
  if (r.dry_run) return unsaved(std::move(object));
  if (ends_by_itself(kind) && deletion_complete(object)) {
    TRY(StoredPtr gone, context.objects.remove(kind, old));
    CHECK_OK(after_removal(context, kind, *gone, "Background"));
    return gone;
  }
  TRY(StoredPtr saved, context.objects.put(kind, std::move(object), old));
  CHECK_OK(tell_of_mappings(context, kind, &old->object, &saved->object));
  CHECK_OK(after_write(context, kind, saved));
  return saved;
}

Result<json::object> decode_body(Context& context, const Message& message, std::string_view api_version,
                                 std::string_view kind) {
  const Request& r = context.request;
  TRY(Decoded decoded, decode(message, kind, r.content_type, r.body));
  return accept_body(context, std::move(decoded), api_version, kind);
}

Result<json::object> decode_object(Context& context) {
  const Request& r = context.request;
  TRY(Decoded decoded, decode(*r.kind, r.content_type, r.body));
  TRY(json::object object, accept_body(context, std::move(decoded), r.kind->group_version(), r.kind->kind));
  return kept(*r.kind, std::move(object));
}

Result<json::object> accept_body(Context& context, Decoded decoded, std::string_view api_version,
                                 std::string_view kind) {
  if (!decoded.api_version.empty() && decoded.api_version != api_version)
    return fail(status::bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    decoded.api_version, api_version)));
  if (!decoded.kind.empty() && decoded.kind != kind)
    return fail(status::bad_request(fmt::format("{} in version \"{}\" cannot be handled as a {}",
                                                decoded.kind, context.request.version, kind)));
  CHECK_OK(complain(context, decoded.complaints));
  return std::move(decoded.object);
}

Answer create(Context& context) {
  CHECK_OK(check_write_options(context, "CreateOptions"));
  TRY(json::object object, decode_object(context));
  make_object(object, "metadata").erase("managedFields");
  return create_object(context, std::move(object), false);
}

Answer create_object(Context& context, json::object object, bool applied) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  CHECK_OK(place_in_namespace(context, object));
  json::object& metadata = make_object(object, "metadata");
  // 500 and no reason, as the store below kube-apiserver has it; what is no version passes there as well.
  if (read_number(text_at(metadata, {"resourceVersion"})).value_or(0) != 0)
    return fail("", "resourceVersion should not be set on objects to be created", 500);
  for (const char* member : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                             "generation", "selfLink"})
    metadata.erase(member);
  // A custom resource's status is written by way of /status alone.
  if (kind.structural != nullptr && kind.has_part("status")) object.erase("status");
  CHECK_OK(namespace_takes_more(context, text_at(metadata, {"name"})));
  const std::string prefix(text_at(metadata, {"generateName"}));
  const bool generates = text_at(metadata, {"name"}).empty() && !prefix.empty();
  stamp(object, context.makers);
  if (kind.counts_generations) make_object(object, "metadata")["generation"] = 1;
  for (int tries = 0;; ++tries) {
    if (generates) make_object(object, "metadata")["name"] = prefix + suffix(context.makers.random);
    complete(kind, object, nullptr);
    CHECK_OK(validate(kind, object, nullptr));
    CHECK_OK(check_grants(context.objects, context.user, kind, object, nullptr));
    if (!applied) track(kept_kind(kind), object, nullptr, manager_of(context));
    if (r.dry_run) {
      const auto name = text_at(object, {"metadata", "name"});
      if (context.objects.find(kind, r.scope(), name) != nullptr)
        return fail(status::already_exists(kind, name));
      CHECK_OK(tell_of_mappings(context, kind, nullptr, &object));
      return show(context, 201, unsaved(std::move(object)));
    }
    auto made = context.objects.put(kind, object, nullptr);
    if (!made && generates && made.error().code == "AlreadyExists" && tries < kNameTries) continue;
    if (!made) return fail(made.error());
    wire::Response out = show(context, 201, *made);
    CHECK_OK(tell_of_mappings(context, kind, nullptr, &(*made)->object));
    if (kind.kind == "Namespace") CHECK_OK(furnish_namespace(context.objects, context.makers, (*made)->name));
    CHECK_OK(after_write(context, kind, *made));
    return out;
  }
}

Answer update(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  CHECK_OK(check_write_options(context, "UpdateOptions"));
  TRY(json::object object, decode_object(context));
  const auto name = text_at(object, {"metadata", "name"});
  if (!name.empty() && name != r.name)
    return fail(status::bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})", name, r.name)));
  if (kind.scope == Scope::namespaced) CHECK_OK(place_in_namespace(context, object));
  const StoredPtr old = context.objects.find(kind, r.scope(), r.name);
  if (old == nullptr) return fail(status::not_found(kind, r.name));
  TRY(const StoredPtr saved, replace(context, std::move(object), old, false));
  return show(context, 200, saved);
}

}  // namespace gatehouse::kube

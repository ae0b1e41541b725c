#include <fmt/format.h>

#include "kube/api/context.h"
#include "kube/api/write/follow_up.h"
#include "kube/objects/json_path.h"
#include "kube/objects/selectors.h"
#include "kube/schema/rules.h"
#include "kube/termination.h"

namespace gatehouse::kube {
namespace {

struct Options {
  std::string propagation = "Background", uid, version;
  bool dry_run = false;
};

Result<Options> options_of(const Request& r) {
  Options out;
  std::vector<Cause> causes;
  out.dry_run = r.dry_run;
  if (const auto p = r.parameter("propagationPolicy"); !p.empty()) out.propagation = p;
  if (!r.body.empty()) {
    const auto type = r.content_type.empty() ? std::string("application/json") : r.content_type;
    TRY(const Decoded body, decode(delete_options(), "DeleteOptions", type, r.body));
    const auto given = text_at(body.object, {"propagationPolicy"});
    const bool orphans = body.object.contains("orphanDependents");
    if (!given.empty()) out.propagation = given;
    if (!given.empty() && orphans)
      causes.push_back(rules::invalid("propagationPolicy", given,
                                      "orphanDependents and deletionPropagation cannot be both set"));
    if (json::bool_or(body.object, "orphanDependents", false)) out.propagation = "Orphan";
    out.uid = text_at(body.object, {"preconditions", "uid"});
    out.version = text_at(body.object, {"preconditions", "resourceVersion"});
    if (const json::array* dry = array_at(body.object, {"dryRun"})) {
      for (const json::value& v : *dry)
        if (v != json::value("All"))
          causes.push_back(rules::unsupported("dryRun", v.get_string(), R"("All")"));
      out.dry_run = out.dry_run || !dry->empty();
    }
  }
  if (out.propagation != "Background" && out.propagation != "Foreground" && out.propagation != "Orphan")
    causes.push_back(rules::unsupported("propagationPolicy", out.propagation,
                                        R"("Background", "Foreground", "Orphan", "nil")"));
  if (causes.empty()) return out;
  const Kind kind{.group = "meta.k8s.io", .version = "v1", .kind = "DeleteOptions", .plural = ""};
  return fail(status::invalid(kind, "", causes));
}

Result<void> preconditions(const Kind& kind, const Stored& item, const Options& options) {
  const auto uid = text_at(item.object, {"metadata", "uid"});
  if (!options.uid.empty() && options.uid != uid)
    return fail(
        status::conflict(kind, item.name,
                         fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                                     options.uid, uid)));
  if (!options.version.empty() && options.version != std::to_string(item.version))
    return fail(status::conflict(
        kind, item.name,
        fmt::format("Precondition failed: ResourceVersion in precondition: {}, ResourceVersion "
                    "in object meta: {}",
                    options.version, item.version)));
  return {};
}

bool deleting(const Stored& item) { return !text_at(item.object, {"metadata", "deletionTimestamp"}).empty(); }

Answer remove_namespace(Context& context, const StoredPtr& item) {
  const Kind& kind = *context.request.kind;
  // The namespaces that NamespaceLifecycle protects.
  if (item->name == "default" || item->name == "kube-system" || item->name == "kube-public")
    return fail(status::forbidden(kind, item->name, "this namespace may not be deleted"));
  if (deleting(*item)) {
    CHECK_OK(empty_namespace(context.objects, context.makers, item->name));
    if (context.objects.find(kind, "", item->name) == nullptr) return show(context, 200, item);
    return fail(status::conflict(
        kind, item->name,
        "The system is ensuring all content is removed from this namespace.  Upon completion, "
        "this namespace will automatically be purged by the system."));
  }
  json::object object = marked_deleted(item->object, context.now());
  make_object(object, "status")["phase"] = "Terminating";
  TRY(const StoredPtr marked, context.objects.put(kind, std::move(object), item));
  CHECK_OK(empty_namespace(context.objects, context.makers, item->name));
  return show(context, 200, marked);
}

// Its resources go first: whoever watches sees it marked meanwhile.
Answer remove_definition(Context& context, StoredPtr item) {
  const Kind& kind = *context.request.kind;
  if (!deleting(*item)) {
    TRY(item, context.objects.put(kind, marked_deleted(item->object, context.now()), item));
  }
  CHECK_OK(empty_definition(context.objects, context.makers, item->name));
  const StoredPtr left = context.objects.find(kind, "", item->name);
  return show(context, 200, left == nullptr ? item : left);
}

constexpr int kTries = 5;

Answer remove_named(Context& context, const Options& options) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  const StoredPtr item = context.objects.find(kind, r.scope(), r.name);
  if (item == nullptr) return fail(status::not_found(kind, r.name));
  CHECK_OK(preconditions(kind, *item, options));
  const auto done = [&] {
    return json_response(200, status::success(kind, item->name, text_at(item->object, {"metadata", "uid"})));
  };
  if (options.dry_run) return done();
  if (kind.kind == "Namespace") return remove_namespace(context, item);
  if (kind.kind == "CustomResourceDefinition") return remove_definition(context, item);
  TRY(const StoredPtr left, remove_one(context, kind, item, options.propagation));
  return left == nullptr ? done() : show(context, 200, left);
}

}  // namespace

Answer remove(Context& context) {
  TRY(const Options options, options_of(context.request));
  for (int tries = 1;; ++tries) {
    Answer answer = remove_named(context, options);
    // Somebody wrote in between: what they wrote is to go, unless the caller meant another version.
    const bool again =
        !answer && answer.error().code == "Conflict" && answer.error().message.ends_with("try again");
    if (!again || !options.version.empty() || tries == kTries) return answer;
  }
}

Answer remove_collection(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  TRY(const Options options, options_of(r));
  TRY(const Selector selector,
      Selector::parse(kind, r.parameter("labelSelector"), r.parameter("fieldSelector")));
  Snapshot items = context.objects.list(kind, r.scope());
  std::erase_if(items.items, [&](const StoredPtr& item) { return !selector.matches(item->object); });
  for (const StoredPtr& item : items.items) {
    if (options.dry_run) break;
    if (kind.kind == "CustomResourceDefinition") {
      CHECK_OK(remove_definition(context, item));
      continue;
    }
    const auto removed = remove_one(context, kind, item, options.propagation);
    if (!removed && removed.error().code != "NotFound") return fail(removed.error());
  }
  return json_response(200, present_list(kind, r.view, items, context.now()));
}

}  // namespace gatehouse::kube

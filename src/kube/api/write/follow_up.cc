#include "kube/api/write/follow_up.h"

#include "kube/access/aggregation.h"
#include "kube/access/tokens.h"
#include "kube/api/write/mappings.h"
#include "kube/objects/json_path.h"
#include "kube/termination.h"

namespace gatehouse::kube {
namespace {

bool deleting(const json::object& object) {
  return !text_at(object, {"metadata", "deletionTimestamp"}).empty();
}

// The owner that a reference names. `known` becomes false where its kind is not served here.
StoredPtr owner_of(Context& context, const json::object& reference, std::string_view ns, bool& known) {
  const auto api = text_at(reference, {"apiVersion"});
  const auto slash = api.find('/');
  const auto group = slash == std::string_view::npos ? std::string_view() : api.substr(0, slash);
  const Kind* kind = context.objects.kinds()->find_named(
      group, slash == std::string_view::npos ? api : api.substr(slash + 1), text_at(reference, {"kind"}));
  if (kind == nullptr || !kind->stored()) {
    known = false;
    return nullptr;
  }
  const StoredPtr found =
      context.objects.find(*kind, kind->scope == Scope::cluster ? "" : ns, text_at(reference, {"name"}));
  const bool same =
      found != nullptr && text_at(found->object, {"metadata", "uid"}) == text_at(reference, {"uid"});
  return same ? found : nullptr;
}

// https://kubernetes.io/docs/concepts/architecture/garbage-collection/: what is owned only by what does not
// exist is garbage.
bool is_garbage(Context& context, const Stored& item) {
  const json::array* owners = array_at(item.object, {"metadata", "ownerReferences"});
  if (owners == nullptr || owners->empty()) return false;
  bool known = true;
  for (const json::value& o : *owners) {
    if (o.is_object() && owner_of(context, o.get_object(), item.ns, known) != nullptr) return false;
    if (!known) return false;
  }
  return true;
}

// https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
Result<void> fill_token(Context& context, const Kind& kind, const StoredPtr& secret) {
  if (text_at(secret->object, {"type"}) != "kubernetes.io/service-account-token") return {};
  const std::string name(
      text_at(secret->object, {"metadata", "annotations", "kubernetes.io/service-account.name"}));
  const StoredPtr account = context.objects.find(kind_of("", "serviceaccounts"), secret->ns, name);
  if (account == nullptr) {
    CHECK_OK(context.objects.remove(kind, secret));
    return {};
  }
  if (at(secret->object, {"data", "token"}) != nullptr) return {};
  const std::string uid(text_at(account->object, {"metadata", "uid"}));
  json::object object = secret->object;
  make_object(make_object(object, "metadata"), "annotations")["kubernetes.io/service-account.uid"] = uid;
  json::object& data = make_object(object, "data");
  data["ca.crt"] = base64(context.makers.ca_pem);
  data["namespace"] = base64(secret->ns);
  data["token"] = base64(make_secret_token(*context.cluster, secret->ns, {name, uid}, secret->name));
  CHECK_OK(context.objects.put(kind, std::move(object), secret));
  return {};
}

Result<void> drop_tokens(Context& context, const Stored& account) {
  const Kind& kind = kind_of("", "secrets");
  for (const StoredPtr& secret : context.objects.list(kind, account.ns).items) {
    if (text_at(secret->object, {"type"}) != "kubernetes.io/service-account-token" ||
        text_at(secret->object, {"metadata", "annotations", "kubernetes.io/service-account.name"}) !=
            account.name)
      continue;
    const auto gone = context.objects.remove(kind, secret);
    if (!gone && gone.error().code != "NotFound" && gone.error().code != "Conflict")
      return fail(gone.error());
  }
  return {};
}

// Calls visit(kind, item) for each object that names `uid` as an owner.
template <typename Visit>
Result<void> each_dependent(Context& context, const Stored& owner, const Visit& visit) {
  const auto uid = text_at(owner.object, {"metadata", "uid"});
  const KindSetPtr kinds = context.objects.kinds();
  for (const Kind* kind : kinds->kept()) {
    // What has no namespace is never owned by what has one.
    if (kind->scope == Scope::cluster && !owner.ns.empty()) continue;
    for (const StoredPtr& item : context.objects.list(*kind, owner.ns).items) {
      const json::array* owners = array_at(item->object, {"metadata", "ownerReferences"});
      if (owners == nullptr) continue;
      const auto ours = std::find_if(owners->begin(), owners->end(), [&](const json::value& o) {
        return o.is_object() && text_at(o.get_object(), {"uid"}) == uid;
      });
      if (ours != owners->end()) CHECK_OK(visit(*kind, item, ours->get_object()));
    }
  }
  return {};
}

Result<void> orphan(Context& context, const Kind& kind, const StoredPtr& item, std::string_view uid) {
  json::object object = item->object;
  json::object& metadata = make_object(object, "metadata");
  json::array left;
  for (const json::value& o : metadata["ownerReferences"].get_array())
    if (text_at(o.get_object(), {"uid"}) != uid) left.push_back(o);
  if (left.empty()) {
    metadata.erase("ownerReferences");
  } else {
    metadata["ownerReferences"] = std::move(left);
  }
  CHECK_OK(context.objects.put(kind, std::move(object), item));
  return {};
}

// A dependent goes with its last owner; with others left it only loses this one.
Result<void> release(Context& context, const Kind& kind, const StoredPtr& item, std::string_view uid,
                     std::string_view propagation) {
  const json::array* owners = array_at(item->object, {"metadata", "ownerReferences"});
  if (propagation == "Orphan" || (owners != nullptr && owners->size() > 1))
    return orphan(context, kind, item, uid);
  const auto removed = remove_one(context, kind, item, propagation);
  if (!removed && removed.error().code != "NotFound" && removed.error().code != "Conflict")
    return fail(removed.error());
  return {};
}

bool has_finalizer(const json::object& object, std::string_view name) {
  const json::array* all = array_at(object, {"metadata", "finalizers"});
  return all != nullptr && std::find(all->begin(), all->end(), json::value(name)) != all->end();
}

// An owner that is deleted in the foreground goes once nothing that blocks it is left.
Result<StoredPtr> finish_foreground(Context& context, const Kind& kind, const StoredPtr& owner) {
  bool blocked = false;
  CHECK_OK(each_dependent(context, *owner, [&](const Kind&, const StoredPtr&, const json::object& reference) {
    blocked = blocked || json::bool_or(reference, "blockOwnerDeletion", false);
    return Result<void>();
  }));
  if (blocked) return owner;
  json::object object = owner->object;
  json::array& finalizers = make_object(object, "metadata")["finalizers"].get_array();
  finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), json::value("foregroundDeletion")),
                   finalizers.end());
  if (!finalizers.empty()) return context.objects.put(kind, std::move(object), owner);
  TRY(const StoredPtr gone, context.objects.remove(kind, owner));
  CHECK_OK(after_removal(context, kind, *gone, "Background"));
  return StoredPtr();
}

Result<StoredPtr> remove_in_foreground(Context& context, const Kind& kind, const StoredPtr& item) {
  StoredPtr owner = item;
  if (!has_finalizer(item->object, "foregroundDeletion")) {
    json::object object = item->object;
    json::value& finalizers = make_object(object, "metadata")["finalizers"];
    if (!finalizers.is_array()) finalizers.emplace_array();
    finalizers.get_array().emplace_back("foregroundDeletion");
    TRY(owner, context.objects.put(kind, marked_deleted(std::move(object), context.now()), item));
  }
  const std::string uid(text_at(owner->object, {"metadata", "uid"}));
  CHECK_OK(
      each_dependent(context, *owner, [&](const Kind& k, const StoredPtr& dependent, const json::object&) {
        return release(context, k, dependent, uid, "Foreground");
      }));
  return finish_foreground(context, kind, owner);
}

Result<void> wake_owners(Context& context, const Stored& gone) {
  const json::array* owners = array_at(gone.object, {"metadata", "ownerReferences"});
  for (size_t i = 0; owners != nullptr && i < owners->size(); ++i) {
    const json::object& reference = (*owners)[i].get_object();
    bool known = true;
    const StoredPtr owner = owner_of(context, reference, gone.ns, known);
    if (owner == nullptr || !has_finalizer(owner->object, "foregroundDeletion")) continue;
    const auto api = text_at(reference, {"apiVersion"});
    const auto slash = api.find('/');
    const KindSetPtr kinds = context.objects.kinds();
    const Kind* kind = kinds->find_named(slash == std::string_view::npos ? "" : api.substr(0, slash),
                                         slash == std::string_view::npos ? api : api.substr(slash + 1),
                                         text_at(reference, {"kind"}));
    CHECK_OK(finish_foreground(context, *kind, owner));
  }
  return {};
}

}  // namespace

Result<void> after_write(Context& context, const Kind& kind, const StoredPtr& saved) {
  if (kind.kind == "Namespace" && deleting(saved->object))
    return empty_namespace(context.objects, context.makers, saved->name);
  if (kind.kind == "CustomResourceDefinition" && deleting(saved->object))
    return empty_definition(context.objects, context.makers, saved->name);
  if (kind.kind == "ClusterRole") CHECK_OK(aggregate_roles(context.objects));
  if (kind.kind == "Secret") CHECK_OK(fill_token(context, kind, saved));
  if (is_garbage(context, *saved)) {
    const auto gone = remove_one(context, kind, saved, "Background");
    if (!gone && gone.error().code != "NotFound" && gone.error().code != "Conflict")
      return fail(gone.error());
  }
  return {};
}

Result<StoredPtr> remove_one(Context& context, const Kind& kind, const StoredPtr& item,
                             std::string_view propagation) {
  if (propagation == "Foreground") return remove_in_foreground(context, kind, item);
  const json::array* finalizers = array_at(item->object, {"metadata", "finalizers"});
  if (finalizers != nullptr && !finalizers->empty()) {
    if (deleting(item->object)) return item;
    return context.objects.put(kind, marked_deleted(item->object, context.now()), item);
  }
  TRY(const StoredPtr gone, context.objects.remove(kind, item));
  CHECK_OK(after_removal(context, kind, *gone, propagation));
  return StoredPtr();
}

Result<void> after_removal(Context& context, const Kind& kind, const Stored& gone,
                           std::string_view propagation) {
  const std::string uid(text_at(gone.object, {"metadata", "uid"}));
  CHECK_OK(each_dependent(context, gone, [&](const Kind& k, const StoredPtr& item, const json::object&) {
    return release(context, k, item, uid, propagation);
  }));
  CHECK_OK(wake_owners(context, gone));
  CHECK_OK(tell_of_mappings(context, kind, &gone.object, nullptr));
  if (kind.kind == "ClusterRole") CHECK_OK(aggregate_roles(context.objects));
  if (kind.kind == "ServiceAccount") CHECK_OK(drop_tokens(context, gone));
  if (kind.structural != nullptr) CHECK_OK(finish_definition(context.objects, context.makers, kind));
  if (kind.scope != Scope::namespaced) return {};
  const StoredPtr ns = context.objects.find(kind_of("", "namespaces"), "", gone.ns);
  if (ns == nullptr) return {};
  if (deleting(ns->object)) return empty_namespace(context.objects, context.makers, gone.ns);
  const bool furniture = (kind.kind == "ServiceAccount" && gone.name == "default") ||
                         (kind.kind == "ConfigMap" && gone.name == "kube-root-ca.crt");
  return furniture ? furnish_namespace(context.objects, context.makers, gone.ns) : Result<void>();
}

}  // namespace gatehouse::kube

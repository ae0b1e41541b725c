#include "kube/api/write/mappings.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "kube/access/aws_auth_manifest.h"
#include "kube/access/aws_auth_review.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kNamespace = "kube-system", kName = "aws-auth";
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

bool is_aws_auth(const Kind& kind, const json::object* object) {
  return kind.kind == "ConfigMap" && kind.group.empty() && object != nullptr &&
         text_at(*object, {"metadata", "namespace"}) == kNamespace &&
         text_at(*object, {"metadata", "name"}) == kName;
}

bool names_user(const json::object& binding, std::string_view user) {
  const json::array* subjects = array_at(binding, {"subjects"});
  if (subjects == nullptr) return false;
  return std::any_of(subjects->begin(), subjects->end(), [&](const json::value& s) {
    return s.is_object() && text_at(s.get_object(), {"kind"}) == "User" &&
           text_at(s.get_object(), {"name"}) == user;
  });
}

bool is_bound(const Objects& objects, std::string_view user) {
  for (const char* plural : {"rolebindings", "clusterrolebindings"}) {
    for (const StoredPtr& binding : objects.list(kind_of(kRbac, plural), "").items)
      if (names_user(binding->object, user)) return true;
  }
  return false;
}

Result<void> record_lost(Context& context, const json::object& object, const std::vector<std::string>& lost) {
  std::string who;
  for (const std::string& one : lost) who.append(who.empty() ? "" : ", ").append(one);
  const std::string now = iso8601(context.now());
  json::object event{
      {"metadata", json::object{{"name", fmt::format("{}.{}", kName, hex(context.makers.random.bytes(8)))},
                                {"namespace", kNamespace}}},
      {"involvedObject", json::object{{"kind", "ConfigMap"},
                                      {"apiVersion", "v1"},
                                      {"namespace", kNamespace},
                                      {"name", kName},
                                      {"uid", text_at(object, {"metadata", "uid"})}}},
      {"type", "Warning"},
      {"reason", "PrincipalsUnmapped"},
      {"message", fmt::format("{} took away the mapping of {}", context.user.name, who)},
      {"source", json::object{{"component", "aws-iam-authenticator"}}},
      {"firstTimestamp", now},
      {"lastTimestamp", now},
      {"count", 1}};
  stamp(event, context.makers);
  CHECK_OK(context.objects.put(kind_of("", "events"), std::move(event), nullptr));
  return {};
}

// Access entries come before aws-auth, and in authentication mode API instead of it.
// https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
void tell_what_is_not_read(Context& context, const json::object& object) {
  const auto warn = [&](std::string text) { context.warnings.push_back("aws-auth: " + std::move(text)); };
  if (!context.authenticator.admission(*context.cluster, "").by_config_map)
    return warn("the cluster's authentication mode is API, in which it is not read; make access entries");
  const json::object* data = object_at(object, {"data"});
  if (data == nullptr) return;
  const AwsAuth auth = AwsAuth::parse(*data);
  for (const auto* mappings : {&auth.roles, &auth.users}) {
    for (const auto& [key, mapping] : *mappings)
      if (context.authenticator.admission(*context.cluster, canonical_arn(mapping.arn)).entry)
        warn(fmt::format("{} has an access entry, which comes before its mapping here; one of them is enough",
                         mapping.arn));
  }
}

// `kubectl apply` of what `kubectl get` printed: the server's own fields, which hold for one version alone.
void tell_of_server_fields(Context& context, const json::object& object) {
  const auto applied = text_at(object, {"metadata", "annotations", kLastApplied});
  const auto parsed = json::parse(applied);
  if (applied.empty() || !parsed || !parsed->is_object()) return;
  for (const auto field : server_fields(parsed->get_object()))
    context.warnings.push_back(
        fmt::format("aws-auth: the manifest carries metadata.{}, which is the server's; leave it out, or "
                    "applying it again is a conflict",
                    field));
}

}  // namespace

Result<void> tell_of_mappings(Context& context, const Kind& kind, const json::object* before,
                              const json::object* after) {
  if (!is_aws_auth(kind, after != nullptr ? after : before)) return {};
  const auto data = [](const json::object* o) { return o == nullptr ? nullptr : object_at(*o, {"data"}); };
  const AwsAuthReview review = review_aws_auth(
      data(before), data(after), [&](std::string_view user) { return is_bound(context.objects, user); });
  for (const AwsAuthFinding& finding : review.findings)
    context.warnings.push_back(fmt::format("aws-auth: {}", finding.text()));
  if (after != nullptr) {
    tell_what_is_not_read(context, *after);
    tell_of_server_fields(context, *after);
  }
  if (review.lost.empty() || context.request.dry_run) return {};
  return record_lost(context, after != nullptr ? *after : *before, review.lost);
}

}  // namespace gatehouse::kube

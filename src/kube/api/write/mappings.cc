#include "kube/api/write/mappings.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "kube/access/aws_auth_review.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kNamespace = "kube-system", kName = "aws-auth";
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

}  // namespace

Result<void> tell_of_mappings(Context& context, const Kind& kind, const json::object* before,
                              const json::object* after) {
  if (!is_aws_auth(kind, after != nullptr ? after : before)) return {};
  const auto data = [](const json::object* o) { return o == nullptr ? nullptr : object_at(*o, {"data"}); };
  const AwsAuthReview review = review_aws_auth(
      data(before), data(after), [&](std::string_view user) { return is_bound(context.objects, user); });
  for (const std::string& finding : review.findings)
    context.warnings.push_back(fmt::format("aws-auth: {}", finding));
  if (review.lost.empty() || context.request.dry_run) return {};
  return record_lost(context, after != nullptr ? *after : *before, review.lost);
}

}  // namespace gatehouse::kube

// May this user do this? RBAC, as https://kubernetes.io/docs/reference/access-authn-authz/rbac/ describes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/access/user.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

// What is asked: of a resource, or of a path.
struct Attributes {
  std::string verb{};
  bool resource_request = true;
  std::string group{}, version{}, resource{}, subresource{}, ns{}, name{};
  std::string path{};  // of a non-resource request
};

struct Decision {
  bool allowed = false;
  std::string reason;  // `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to User "z"`
};

Decision authorize(const Objects& objects, const User& user, const Attributes& attributes);

// Every rule that applies to the user in a namespace (and, for ns "", in none): SelfSubjectRulesReview, and
// the check that nobody gives away more than they have.
std::vector<json::object> rules_for(const Objects& objects, const User& user, std::string_view ns);
bool rule_allows(const json::object& rule, const Attributes& attributes);
// Whether `owned` together allow everything `wanted` does.
bool covers(const std::vector<json::object>& owned, const json::object& wanted);
// The rules of a role; empty if there is no such role.
std::vector<json::object> rules_of_role(const Objects& objects, std::string_view kind, std::string_view ns,
                                        std::string_view name);

// The text of a 403: `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the
// namespace "ns"` without its beginning.
std::string denial(const User& user, const Attributes& attributes);

}  // namespace gatehouse::kube

// Who a request comes from, as Kubernetes sees it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gatehouse::kube {

// What an EKS access policy gives its principal: the policy's name, and where; everywhere if no namespace is
// named.
struct AccessGrant {
  std::string policy;
  std::vector<std::string> namespaces;  // "team-*" stands for all that begin so
};

struct User {
  std::string name, uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
  std::vector<AccessGrant> grants{};

  bool in(std::string_view group) const {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  }
};

inline constexpr std::string_view kMasters = "system:masters";
inline constexpr std::string_view kAuthenticated = "system:authenticated";
inline constexpr std::string_view kUnauthenticated = "system:unauthenticated";

inline User anonymous() { return {"system:anonymous", "", {std::string(kUnauthenticated)}, {}}; }

// authentication.k8s.io's UserInfo.
json::object user_info(const User& user);
User user_of(std::string_view name, std::string_view uid, const json::array* groups,
             const json::object* extra);

}  // namespace gatehouse::kube

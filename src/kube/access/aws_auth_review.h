// What is wrong with an aws-auth ConfigMap: EKS takes any text and drops in silence what it cannot use, so
// that people and nodes find themselves locked out.
// https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "kube/access/aws_auth_finding.h"

namespace gatehouse::kube {

struct AwsAuthReview {
  std::vector<AwsAuthFinding> findings;
  std::vector<std::string> lost;  // ARNs (and account numbers) that were mapped before and are not now
};

// The ConfigMap's `data` before and after a change; null where there is none. `bound` tells whether some
// binding names a user; null if that is not known.
AwsAuthReview review_aws_auth(const json::object* before, const json::object* after,
                              const std::function<bool(std::string_view user)>& bound);

}  // namespace gatehouse::kube

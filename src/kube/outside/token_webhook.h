// The webhook that tells a kube-apiserver elsewhere who the bearer of an `aws eks get-token` is, as
// aws-iam-authenticator does.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kube/access/authenticator.h"
#include "kube/outside/outside_clusters.h"
#include "wire/http.h"

namespace gatehouse::kube {

struct TokenReviewed {
  wire::Response response;
  std::optional<User> user;  // who it is, if the token holds and its bearer is mapped
  std::string error;         // why not
};

// `body`: a TokenReview of authentication.k8s.io/v1 or v1beta1 in JSON; the answer is of the same version.
// 200 with the user; 403 with `authenticated: false` for a token that does not hold or maps to nobody; 400
// for what is no TokenReview.
TokenReviewed review_token(const Authenticator& authenticator, const OutsideCluster& cluster,
                           std::string_view body);

}  // namespace gatehouse::kube

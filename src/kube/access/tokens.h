// Service-account tokens: what TokenRequest and the kubelet's projection give, and how the API server reads
// them back.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "kube/access/user.h"
#include "kube/clusters.h"

namespace gatehouse::kube {

struct Bound {
  std::string name, uid;
};

struct TokenSpec {
  std::string ns, account, account_uid;
  std::vector<std::string> audiences;
  std::chrono::seconds lifetime{3600};
  std::optional<Bound> pod, node, secret;
};

inline constexpr std::chrono::seconds kMinTokenLifetime{600};
inline constexpr std::chrono::seconds kMaxTokenLifetime{86400};  // EKS shortens longer ones
inline constexpr std::string_view kApiAudience = "https://kubernetes.default.svc";

std::string make_token(const Cluster& cluster, const TokenSpec& spec, Time now, Random& random);

// The token of a Secret of type kubernetes.io/service-account-token: it does not expire, and holds while the
// secret does.
std::string make_secret_token(const Cluster& cluster, std::string_view ns, const Bound& account,
                              std::string_view secret);

// The service account a token speaks for, if the cluster signed it for one of `audiences`, it is in its time,
// and the account (and what the token is bound to) still exists with the same uid. The error is for the log
// and for TokenReview.
std::expected<User, std::string> verify_token(const Cluster& cluster, std::string_view token,
                                              const std::vector<std::string>& audiences, Time now);

}  // namespace gatehouse::kube

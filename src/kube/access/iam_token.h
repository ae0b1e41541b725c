// The tokens of `aws eks get-token`: a presigned sts:GetCallerIdentity, as text.
//
// They are verified here and nowhere else: the URL in a token is never fetched, so that a token cannot make
// Gatehouse call anybody. Which checks, in which order: pkg/token of sigs.k8s.io/aws-iam-authenticator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "wire/http.h"

namespace gatehouse::kube {

inline constexpr std::string_view kIamTokenPrefix = "k8s-aws-v1.";

// Who signed, as GetCallerIdentity tells it.
struct IamIdentity {
  std::string account;
  std::string arn;      // arn:aws:sts::A:assumed-role/R/S, arn:aws:iam::A:user/U
  std::string user_id;  // AROA…:S, AIDA…
  std::string access_key_id;
};

// Verifies the signature of a presigned GET and says whose it is. Implemented over the account directory.
class IamVerifier {
 public:
  virtual ~IamVerifier() = default;
  // `presigned` is the request a client would send: method, target, and the headers host and x-k8s-aws-id.
  // Its age is checked already: such a token serves for 15 minutes from X-Amz-Date whatever X-Amz-Expires
  // says, so the verifier must not apply X-Amz-Expires; it does refuse a date in the future, and keys and
  // sessions that are expired or inactive.
  virtual Result<IamIdentity> verify(const wire::Head& presigned) const = 0;
};

// The presigned request inside a token, for a cluster of this name. `own_endpoints` are URLs without a path
// ("http://127.0.0.1:4566") under which this server's STS answers; besides them only AWS's own STS names are
// taken.
Result<wire::Head> read_iam_token(std::string_view token, std::string_view cluster_name, Time now,
                                  const std::vector<std::string>& own_endpoints);

bool is_sts_host(std::string_view host);

}  // namespace gatehouse::kube

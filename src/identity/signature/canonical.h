// SigV4's canonical request and string to sign, for both sides.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/http.h"

namespace gatehouse::identity {

struct CanonicalInput {
  const wire::Head& head;
  // Lower case, sorted.
  const std::vector<std::string>& signed_headers;
  std::string_view payload_hash;
  bool presigned = false;  // X-Amz-Signature is left out of the query
  // S3 takes the path as it is, encoded once. Elsewhere "/a//b/../c" means "/a/c", and what was encoded for
  // the wire is encoded again.
  bool s3 = false;
};

std::string canonical_request(const CanonicalInput& input);

// `scope`: "20150830/us-east-1/iam/aws4_request".
std::string string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical);

}  // namespace gatehouse::identity

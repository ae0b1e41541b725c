// The policy of a browser's upload by POST: a document that its author signed, and that says what the form
// may hold. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "identity/signature/sigv4.h"

namespace gatehouse::identity {

// The form's fields before its file, names in lower case, in order.
using FormFields = std::vector<std::pair<std::string, std::string>>;
std::optional<std::string_view> form_field(const FormFields& fields, std::string_view name);

struct PostPolicy {
  struct Condition {
    bool starts_with = false;  // else the whole value
    std::string field;         // in lower case
    std::string value;
    std::string shown;  // as an error names it
  };
  Time expiration{};
  std::vector<Condition> conditions;
  std::uint64_t least = 0;  // content-length-range
  std::uint64_t most = UINT64_MAX;
};

// Of Base64. InvalidPolicyDocument for what is none.
Result<PostPolicy> parse_post_policy(std::string_view encoded);

// AccessDenied, "Invalid according to Policy: …", for a policy that is over, a condition that is not met, or
// a field that no condition names. The file's size is for its reader to compare.
Result<void> check_post_policy(const PostPolicy& policy, const FormFields& fields, std::string_view bucket,
                               Time now);

// Who signed the form; nullopt for one without a policy and a signature, which is anonymous.
Result<std::optional<Claim>> parse_form_claim(const FormFields& fields);

bool is_signed_by(const Claim& claim, std::string_view encoded_policy, const Sha256& signing_key);

}  // namespace gatehouse::identity

// What the tests of claims and of signatures share: requests as the server sees them, and AWS's and
// botocore's examples.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/signature/sigv4.h"

namespace gatehouse::identity::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

inline wire::Head head(std::string method, std::string target, Fields fields) {
  wire::Head out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.headers.fields = std::move(fields);
  return out;
}

inline Time at(std::string_view basic) { return parse_basic_iso8601(basic).value(); }

inline std::string hash_of(std::string_view body) { return hex(as_bytes(sha256(body))); }

// Parses and verifies, as the server would. The body's hash where the family wants it.
inline Result<void> check(const wire::Head& request, Family family, std::string_view secret,
                          std::string_view body, Time now) {
  SigningKeys keys;
  TRY(const auto claim, parse_claim(request, family));
  if (!claim) return fail("Anonymous", "no claim");
  const std::string payload = family == Family::s3 ? claim->payload_hash : hash_of(body);
  return verify(*claim, request, {secret, payload, now, family}, keys);
}

#define EXPECT_OK(expression)                      \
  if (const auto result_ = (expression); !result_) \
  ADD_FAILURE() << result_.error().code << ": " << result_.error().message

#define EXPECT_REFUSED(expression, code_, status_, text) \
  if (const auto result_ = (expression); result_) {      \
    ADD_FAILURE() << "accepted";                         \
  } else {                                               \
    EXPECT_EQ(result_.error().code, code_);              \
    EXPECT_EQ(result_.error().status, status_);          \
    EXPECT_EQ(result_.error().message, text);            \
  }

inline constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

inline std::string authorization(std::string_view scope, std::string_view signed_headers,
                                 std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/" + std::string(scope) +
         "/aws4_request,SignedHeaders=" + std::string(signed_headers) +
         ",Signature=" + std::string(signature);
}

inline wire::Head s3_get_example() {
  return head(
      "GET", "/test.txt",
      {{"host", "examplebucket.s3.amazonaws.com"},
       {"range", "bytes=0-9"},
       {"x-amz-content-sha256", std::string(kEmptyHash)},
       {"x-amz-date", "20130524T000000Z"},
       {"authorization", authorization("20130524/us-east-1/s3", "host;range;x-amz-content-sha256;x-amz-date",
                                       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")}});
}

inline constexpr std::string_view kBotoSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline constexpr std::string_view kForm = "application/x-www-form-urlencoded; charset=utf-8";
inline const Time kBotoTime = from_unix_seconds(1769903998);

}  // namespace gatehouse::identity::testing

#include "identity/signature/post_policy.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time.h"

namespace gatehouse::identity {
namespace {

std::string message_of(std::string_view policy, const FormFields& fields,
                       std::string_view now = "2026-01-01T00:00:00Z") {
  const auto parsed = parse_post_policy(base64(policy));
  if (!parsed) return parsed.error().message;
  const auto checked = check_post_policy(*parsed, fields, "lake", *parse_iso8601(now));
  return checked ? "" : checked.error().message;
}

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
TEST(PostPolicy, VerifiesTheDocumentedSignature) {
  const std::string_view policy =
      "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldC"
      "I6"
      "ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7Im"
      "Fj"
      "bCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2"
      "tl"
      "dC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LV"
      "R5"
      "cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcn"
      "Zl"
      "ci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQ"
      "oN"
      "CiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcm"
      "Vx"
      "dWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMj"
      "Ax"
      "NTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
  const FormFields fields = {
      {"policy", std::string(policy)},
      {"x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"},
      {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
      {"x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
      {"x-amz-date", "20151229T000000Z"}};
  const auto claim = parse_form_claim(fields);
  ASSERT_TRUE(claim && *claim);
  EXPECT_EQ((*claim)->access_key_id, "AKIAIOSFODNN7EXAMPLE");
  const Sha256 key = derive_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", (*claim)->key_scope());
  EXPECT_TRUE(is_signed_by(**claim, policy, key));
  EXPECT_FALSE(is_signed_by(**claim, "e30=", key));
  const auto parsed = parse_post_policy(policy);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->conditions.size(), 11U);
}

TEST(PostPolicy, ChecksEachCondition) {
  constexpr std::string_view kPolicy =
      R"({"expiration": "2026-01-02T00:00:00Z", "conditions": [{"bucket": "lake"}, ["starts-with", "$Key", "u/"],
          ["eq", "$x-amz-meta-a", "1"], ["content-length-range", 1, "10"]]})";
  EXPECT_EQ(message_of(kPolicy, {{"key", "u/k"}, {"x-amz-meta-a", "1"}}), "");
  EXPECT_EQ(message_of(kPolicy, {{"key", "v/k"}, {"x-amz-meta-a", "1"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$Key", "u/"])");
  EXPECT_EQ(message_of(kPolicy, {{"key", "u/k"}}),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-meta-a", "1"])");
  EXPECT_EQ(message_of(kPolicy, {{"key", "u/k"}, {"x-amz-meta-a", "1"}, {"acl", "private"}}),
            "Invalid according to Policy: Extra input fields: acl");
  EXPECT_EQ(message_of(kPolicy, {{"key", "u/k"}, {"x-amz-meta-a", "1"}, {"x-ignore-me", "1"}}), "");
  EXPECT_EQ(message_of(kPolicy, {{"key", "u/k"}, {"x-amz-meta-a", "1"}}, "2026-01-02T00:00:00Z"),
            "Invalid according to Policy: Policy expired.");
  const auto parsed = parse_post_policy(base64(kPolicy));
  EXPECT_EQ(parsed->least, 1U);
  EXPECT_EQ(parsed->most, 10U);
}

TEST(PostPolicy, RefusesWhatIsNone) {
  EXPECT_EQ(message_of("{", {}), "Invalid Policy: Invalid JSON.");
  EXPECT_EQ(message_of("{}", {}), "Invalid Policy: Policy missing expiration.");
  EXPECT_EQ(message_of(R"({"expiration": "2026-01-02T00:00:00Z"})", {}),
            "Invalid Policy: Policy missing conditions.");
  EXPECT_EQ(message_of(R"({"expiration": "2026-01-02T00:00:00Z", "conditions": [{"a": "1", "b": "2"}]})", {}),
            "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property "
            "specified.");
}

}  // namespace
}  // namespace gatehouse::identity

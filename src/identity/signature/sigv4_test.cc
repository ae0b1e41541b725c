#include "identity/signature/sigv4.h"

#include "identity/signature/signer.h"
#include "identity/signature/sigv4_fixture.h"

namespace gatehouse::identity {
namespace {

using namespace testing;  // NOLINT

// ---- AWS's published aws-sig-v4-test-suite: key, date, service and signatures are AWS's ----

struct SuiteCase {
  const char* name;
  const char* method;
  std::string target;
  Fields headers;
  const char* body;
  const char* signed_headers;
  const char* signature;
};

class Suite : public ::testing::TestWithParam<SuiteCase> {};

TEST_P(Suite, VerifiesAndNothingElseDoes) {
  constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const Time now = at("20150830T123600Z");
  const SuiteCase& c = GetParam();
  Fields fields = c.headers;
  fields.emplace_back("host", "example.amazonaws.com");
  fields.emplace_back("x-amz-date", "20150830T123600Z");
  fields.emplace_back(
      "authorization",
      std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                  "SignedHeaders=") +
          c.signed_headers + ", Signature=" + c.signature);
  wire::Head request = head(c.method, c.target, fields);
  EXPECT_OK(check(request, Family::query, kSecret, c.body, now));
  EXPECT_FALSE(check(request, Family::query, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEy", c.body, now));
  EXPECT_FALSE(check(request, Family::query, kSecret, std::string(c.body) + " ", now));
  request.method = "PUT";
  EXPECT_FALSE(check(request, Family::query, kSecret, c.body, now));
  request.method = c.method;
  request.target += request.query().empty() ? "?x=1" : "&x=1";
  EXPECT_FALSE(check(request, Family::query, kSecret, c.body, now));
}

INSTANTIATE_TEST_SUITE_P(
    Aws, Suite,
    ::testing::Values(SuiteCase{"get-vanilla",
                                "GET",
                                "/",
                                {},
                                "",
                                "host;x-amz-date",
                                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
                      SuiteCase{"get-unreserved",
                                "GET",
                                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                                {},
                                "",
                                "host;x-amz-date",
                                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
                      SuiteCase{"get-slashes",
                                "GET",
                                "//example//",
                                {},
                                "",
                                "host;x-amz-date",
                                "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
                      SuiteCase{"get-vanilla-query-order-key-case",
                                "GET",
                                "/?Param2=value2&Param1=value1",
                                {},
                                "",
                                "host;x-amz-date",
                                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
                      SuiteCase{"get-vanilla-query-order-value",
                                "GET",
                                "/?Param1=value2&Param1=value1",
                                {},
                                "",
                                "host;x-amz-date",
                                "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
                      SuiteCase{"get-vanilla-utf8-query",
                                "GET",
                                "/?\xe1\x88\xb4=bar",
                                {},
                                "",
                                "host;x-amz-date",
                                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
                      SuiteCase{"get-header-value-order",
                                "GET",
                                "/",
                                {{"my-header1", "value4"},
                                 {"my-header1", "value1"},
                                 {"my-header1", "value3"},
                                 {"my-header1", "value2"}},
                                "",
                                "host;my-header1;x-amz-date",
                                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
                      SuiteCase{
                          "get-header-key-duplicate",
                          "GET",
                          "/",
                          {{"my-header1", "value2"}, {"my-header1", "value2"}, {"my-header1", "value1"}},
                          "",
                          "host;my-header1;x-amz-date",
                          "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
                      SuiteCase{"get-header-value-trim",
                                "GET",
                                "/",
                                {{"my-header1", " value1"}, {"my-header2", "\"a   b   c\""}},
                                "",
                                "host;my-header1;my-header2;x-amz-date",
                                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
                      SuiteCase{"post-x-www-form-urlencoded",
                                "POST",
                                "/",
                                {{"content-type", "application/x-www-form-urlencoded"}},
                                "Param1=value1",
                                "content-type;host;x-amz-date",
                                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
                      SuiteCase{"post-sts-header-before",
                                "GET",
                                "/",
                                {{"x-amz-security-token",
                                  "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
                                "",
                                "host;x-amz-date;x-amz-security-token",
                                "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"}),
    [](const auto& suite) {
      std::string name = suite.param.name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

// ---- The examples of "Signature Calculations for the Authorization Header" in the S3 API reference ----

TEST(S3Examples, GetObject) {
  EXPECT_OK(check(s3_get_example(), Family::s3, kSecret, "", at("20130524T000000Z")));
}

TEST(S3Examples, PutObject) {
  const auto request = head(
      "PUT", "/test%24file.text",
      {{"host", "examplebucket.s3.amazonaws.com"},
       {"date", "Fri, 24 May 2013 00:00:00 GMT"},
       {"x-amz-date", "20130524T000000Z"},
       {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
       {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
       {"authorization", authorization("20130524/us-east-1/s3",
                                       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                                       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")}});
  const Time now = at("20130524T000000Z");
  EXPECT_OK(check(request, Family::s3, kSecret, "", now));
  const auto claim = parse_claim(request, Family::s3).value().value();
  EXPECT_OK(check_payload(claim, sha256("Welcome to Amazon S3.")));
  EXPECT_REFUSED(check_payload(claim, sha256("Welcome to Amazon S3!")), "XAmzContentSHA256Mismatch", 400,
                 "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

TEST(S3Examples, PresignedGet) {
  const std::string target =
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-"
      "1%2Fs3%"
      "2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-"
      "Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  auto request = head("GET", target, {{"host", "examplebucket.s3.amazonaws.com"}});
  EXPECT_OK(check(request, Family::s3, kSecret, "", at("20130524T000000Z")));
  EXPECT_OK(check(request, Family::s3, kSecret, "", at("20130525T000000Z")));
  EXPECT_REFUSED(check(request, Family::s3, kSecret, "", at("20130525T000001Z")), "AccessDenied", 403,
                 "Request has expired");
  EXPECT_REFUSED(check(request, Family::s3, kSecret, "", at("20130523T234459Z")), "RequestTimeTooSkewed", 403,
                 "The difference between the request time and the current time is too large.");
  request.target.replace(request.target.find("86400"), 5, "86401");
  EXPECT_REFUSED(
      check(request, Family::s3, kSecret, "", at("20130524T000000Z")), "SignatureDoesNotMatch", 403,
      "The request signature we calculated does not match the signature you provided. Check your key and "
      "signing method.");
}

// ---- What botocore 1.29.27 (Debian 12) signs. Made by its SigV4Auth, S3SigV4Auth, S3SigV4QueryAuth and
// SigV4QueryAuth with the clock held at 2026-01-31T23:59:58Z, region eu-west-1. ----

TEST(Botocore, IamQuery) {
  const auto request = head(
      "POST", "/",
      {{"host", "iam.amazonaws.com"},
       {"content-type", std::string(kForm)},
       {"x-amz-date", "20260131T235958Z"},
       {"authorization", authorization("20260131/eu-west-1/iam", "content-type;host;x-amz-date",
                                       "56ab6b7c07e43d81919e340b010d38b7866b85f213321d05e89af89a9c5ace15")}});
  EXPECT_OK(check(request, Family::query, kBotoSecret, "Action=ListUsers&Version=2010-05-08", kBotoTime));
  EXPECT_REFUSED(
      check(request, Family::query, kBotoSecret, "Action=ListRoles&Version=2010-05-08", kBotoTime),
      "SignatureDoesNotMatch", 403,
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
      "Access Key and signing method. Consult the service documentation for details.");
}

TEST(Botocore, SessionToken) {
  auto request =
      head("POST", "/",
           {{"host", "sts.eu-west-1.amazonaws.com"},
            {"content-type", std::string(kForm)},
            {"x-amz-date", "20260131T235958Z"},
            {"x-amz-security-token", "FwoGZXIvYXdzEXAMPLE//token="},
            {"authorization",
             authorization("20260131/eu-west-1/sts", "content-type;host;x-amz-date;x-amz-security-token",
                           "891c67b50b3be13306d9f6d1152f680e580ad1f2a40d6c375a2c40821ac865a2")}});
  const std::string body = "Action=GetCallerIdentity&Version=2011-06-15";
  EXPECT_OK(check(request, Family::query, kBotoSecret, body, kBotoTime));
  EXPECT_EQ(parse_claim(request, Family::query).value()->session_token, "FwoGZXIvYXdzEXAMPLE//token=");
  request.headers.fields[3].second = "FwoGZXIvYXdzEXAMPLE//t0ken=";
  EXPECT_FALSE(check(request, Family::query, kBotoSecret, body, kBotoTime));
}

TEST(Botocore, RestJsonPathIsNormalisedAndEncodedTwice) {
  const auto request = head(
      "GET", "/clusters/a%20b/x//y?z=1&b=%2F~&a=%20",
      {{"host", "eks.eu-west-1.amazonaws.com"},
       {"x-amz-date", "20260131T235958Z"},
       {"authorization", authorization("20260131/eu-west-1/eks", "host;x-amz-date",
                                       "062cc668868fa054af2b8a3c6dcd55fb5ee7e704ff6e4ccd8fca11020772af3b")}});
  EXPECT_OK(check(request, Family::rest_json, kBotoSecret, "", kBotoTime));
}

TEST(Botocore, S3PathStaysAsItIs) {
  const auto request = head(
      "GET", "/my-bucket/a%20b//c%2Bd/..%3D?list-type=2&prefix=x%2F%C3%A9&delimiter=%2F",
      {{"host", "s3.eu-west-1.amazonaws.com"},
       {"x-amz-date", "20260131T235958Z"},
       {"x-amz-content-sha256", std::string(kEmptyHash)},
       {"authorization", authorization("20260131/eu-west-1/s3", "host;x-amz-content-sha256;x-amz-date",
                                       "b1151dea8b7d58d0b3bc4875ad50fa0f128e7cb7260916bd2335e8caa5a22efd")}});
  EXPECT_OK(check(request, Family::s3, kBotoSecret, "", kBotoTime));
}

TEST(Botocore, S3PutWithMetadata) {
  auto request = head(
      "PUT", "/my-bucket/key",
      {{"host", "s3.eu-west-1.amazonaws.com"},
       {"content-type", "text/plain"},
       {"x-amz-meta-a", "two   words"},  // trimmed by the server's parser
       {"x-amz-date", "20260131T235958Z"},
       {"x-amz-content-sha256", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"},
       {"authorization", authorization("20260131/eu-west-1/s3",
                                       "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a",
                                       "b6284d9a0fa2c5eb8856e272135f42d3d628d2bcd968f0b7b6d7253eb094a4f4")}});
  EXPECT_OK(check(request, Family::s3, kBotoSecret, "", kBotoTime));
  EXPECT_OK(check_payload(parse_claim(request, Family::s3).value().value(), sha256("hello world")));
  request.headers.add("x-amz-acl", "public-read");
  EXPECT_REFUSED(check(request, Family::s3, kBotoSecret, "", kBotoTime), "AccessDenied", 403,
                 "There were headers present in the request which were not signed");
}

TEST(Botocore, S3Presigned) {
  const auto versioned = head(
      "GET",
      "/my-bucket/"
      "k%C3%A9y?versionId=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%"
      "2F20260131%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T235958Z&X-Amz-Expires=3600&X-Amz-"
      "SignedHeaders=host&X-Amz-Signature=61bbbf212599c9500a15bcc350e05b11c5f7d19a445c456f628500804be26b70",
      {{"host", "s3.eu-west-1.amazonaws.com"}});
  EXPECT_OK(check(versioned, Family::s3, kBotoSecret, "", kBotoTime));
  const auto session =
      head("GET",
           "/my-bucket/"
           "key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-"
           "1%2Fs3%2Faws4_request&X-Amz-Date=20260131T235958Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-"
           "Amz-Security-"
           "Token=FwoGZXIvYXdzEXAMPLE%2F%2Ftoken%3D&X-Amz-Signature="
           "06da20c88a23e8e8711277a1df887a7e36e4e0f15ca313847d9b796e81f9c585",
           {{"host", "s3.eu-west-1.amazonaws.com"}});
  EXPECT_OK(check(session, Family::s3, kBotoSecret, "", kBotoTime));
  EXPECT_EQ(parse_claim(session, Family::s3).value()->session_token, "FwoGZXIvYXdzEXAMPLE//token=");
}

// What `aws eks get-token` puts in its token. STS holds such a URL to 15 minutes, not to X-Amz-Expires.
TEST(Botocore, StsPresignedForKubernetes) {
  auto request =
      head("GET",
           "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
           "AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260131T235958Z&X-"
           "Amz-Expires="
           "60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature="
           "1832605e8cc1431d7a3d66eaf92435b3d797b2a5ace64f2e60b37b33dfaed702",
           {{"host", "sts.eu-west-1.amazonaws.com"}, {"x-k8s-aws-id", "demo"}});
  EXPECT_OK(check(request, Family::query, kBotoSecret, "", kBotoTime));
  EXPECT_OK(check(request, Family::query, kBotoSecret, "", kBotoTime + std::chrono::minutes(15)));
  EXPECT_REFUSED(check(request, Family::query, kBotoSecret, "", kBotoTime + std::chrono::seconds(901)),
                 "SignatureDoesNotMatch", 403,
                 "Signature expired: 20260131T235958Z is now earlier than 20260131T235959Z (20260201T001459Z "
                 "- 15 min.)");
  request.headers.fields[1].second = "other";
  EXPECT_FALSE(check(request, Family::query, kBotoSecret, "", kBotoTime));
}

// ---- Our own signer against our own verifier, and the cache ----

TEST(Signer, WhatItSignsVerifies) {
  for (const auto& [service, family] : {std::pair{"iam", Family::query}, std::pair{"s3", Family::s3}}) {
    for (const char* token : {"", "session/token+="}) {
      const Credentials credentials{"AKIDEXAMPLE", "secret", token};
      const SigningContext context{"us-east-1", service, kBotoTime};
      wire::Head request =
          head("PUT", "/a%20b/%E1%88%B4?q=1&p=%2F", {{"host", "h:4566"}, {"x-amz-meta-n", "  v  w "}});
      sign(request, hash_of("body"), credentials, context);
      EXPECT_OK(check(request, family, "secret", "body", kBotoTime));
      wire::Head url = head("GET", "/a%20b?q=1", {{"host", "h:4566"}});
      presign(url, std::chrono::seconds(60), credentials, context);
      EXPECT_OK(check(url, family, "secret", "", kBotoTime + std::chrono::seconds(60)));
      EXPECT_EQ(parse_claim(url, family).value()->session_token, token);
    }
  }
}

// The derived key of the test suite's credentials: AWS's "Examples of how to derive a signing key".
TEST(SigningKeysTest, DerivesAwsExample) {
  const KeyScope scope{"20150830", "us-east-1", "iam"};
  constexpr std::string_view kExample = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  EXPECT_EQ(hex(as_bytes(derive_signing_key(kExample, scope))),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  SigningKeys keys;
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(keys.get(kExample, scope), derive_signing_key(kExample, scope));
  // More scopes than the cache holds must change nothing but its contents.
  for (int i = 0; i < 10000; ++i) {
    const std::string region = "r" + std::to_string(i);
    const KeyScope other{"20150830", region, "iam"};
    const Sha256 key = keys.get(kExample, other);
    if (i % 1000 == 0) {
      EXPECT_EQ(key, derive_signing_key(kExample, other));
    }
  }
  EXPECT_EQ(keys.get(kExample, scope), derive_signing_key(kExample, scope));
}

}  // namespace
}  // namespace gatehouse::identity

// Requests that cannot be read as signed, or are signed for another moment, place or purpose.
#include "identity/signature/signer.h"
#include "identity/signature/sigv4.h"
#include "identity/signature/sigv4_fixture.h"

namespace gatehouse::identity {
namespace {

using namespace testing;  // NOLINT

TEST(Refusals, Skew) {
  const auto request = head(
      "POST", "/",
      {{"host", "iam.amazonaws.com"},
       {"content-type", std::string(kForm)},
       {"x-amz-date", "20260131T235958Z"},
       {"authorization", authorization("20260131/eu-west-1/iam", "content-type;host;x-amz-date",
                                       "56ab6b7c07e43d81919e340b010d38b7866b85f213321d05e89af89a9c5ace15")}});
  const std::string body = "Action=ListUsers&Version=2010-05-08";
  using std::chrono::minutes;
  EXPECT_OK(check(request, Family::query, kBotoSecret, body, kBotoTime + minutes(15)));
  EXPECT_OK(check(request, Family::query, kBotoSecret, body, kBotoTime - minutes(15)));
  EXPECT_REFUSED(check(request, Family::query, kBotoSecret, body, kBotoTime + minutes(20)),
                 "SignatureDoesNotMatch", 403,
                 "Signature expired: 20260131T235958Z is now earlier than 20260201T000458Z (20260201T001958Z "
                 "- 15 min.)");
  EXPECT_REFUSED(
      check(request, Family::json, kBotoSecret, body, kBotoTime - minutes(20)), "InvalidSignatureException",
      400,
      "Signature not yet current: 20260131T235958Z is still later than 20260131T235458Z (20260131T233958Z + "
      "15 min.)");
  EXPECT_REFUSED(check(request, Family::ec2, kBotoSecret, body, kBotoTime - minutes(20)), "RequestExpired",
                 400, "Request has expired.");
}

TEST(Refusals, S3Skew) {
  const auto result = check(s3_get_example(), Family::s3, kSecret, "", at("20130524T001501Z"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "RequestTimeTooSkewed");
  EXPECT_EQ(result.error().details, (Fields{{"RequestTime", "20130524T000000Z"},
                                            {"ServerTime", "2013-05-24T00:15:01Z"},
                                            {"MaxAllowedSkewMilliseconds", "900000"}}));
}

TEST(Refusals, S3MismatchShowsWhatWasSigned) {
  const auto result = check(s3_get_example(), Family::s3, "other", "", at("20130524T000000Z"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "SignatureDoesNotMatch");
  ASSERT_EQ(result.error().details.size(), 6U);
  EXPECT_EQ(result.error().details[0],
            (std::pair<std::string, std::string>("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE")));
  // From the same page of the S3 API reference.
  EXPECT_EQ(result.error().details[1].second,
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
  EXPECT_EQ(result.error().details[3].second.substr(0, 12), "41 57 53 34 ");
}

TEST(Refusals, NobodyIsNoError) {
  const auto claim = parse_claim(head("GET", "/?a=b", {{"host", "h"}}), Family::query);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(claim->has_value());
}

struct BadHeader {
  std::string authorization, date;
  Family family;
  std::string code;
  int status;
  std::string message;
};

class Malformed : public ::testing::TestWithParam<BadHeader> {};

TEST_P(Malformed, IsToldInAwsWords) {
  const BadHeader& c = GetParam();
  Fields fields{
      {"host", "h"}, {"authorization", c.authorization}, {"x-amz-content-sha256", std::string(kEmptyHash)}};
  if (!c.date.empty()) fields.emplace_back("x-amz-date", c.date);
  EXPECT_REFUSED(parse_claim(head("GET", "/", fields), c.family), c.code, c.status, c.message);
}

const std::string kSig(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    All, Malformed,
    ::testing::Values(
        // As API Gateway and OpenSearch answer a Bearer token: rclone's backend quotes the whole text.
        BadHeader{
            "Bearer abc", "", Family::rest_json, "IncompleteSignatureException", 403,
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
            "parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header "
            "requires "
            "existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Bearer"},
        BadHeader{"AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature",
                  "20150830T000000Z", Family::query, "IncompleteSignature", 400,
                  "'Signature' not a valid key=value pair (missing equal-sign) in Authorization header: "
                  "'AWS4-HMAC-SHA256 "
                  "Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature'."},
        BadHeader{
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/aws4_request, SignedHeaders=host, Signature=" + kSig,
            "20150830T000000Z", Family::query, "IncompleteSignature", 400,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            "got "
            "'a/20150830/r/aws4_request'"},
        BadHeader{
            "AWS4-HMAC-SHA256 Credential=a/20150829/r/s/aws4_request, SignedHeaders=host, Signature=" + kSig,
            "20150830T000000Z", Family::query, "SignatureDoesNotMatch", 403,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            "'20150829' "
            "!= '20150830', from '20150830T000000Z'."},
        BadHeader{"AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=x-amz-date;host, "
                  "Signature=" +
                      kSig,
                  "20150830T000000Z", Family::query, "SignatureDoesNotMatch", 403,
                  "SignedHeaders must be lower case, sorted and separated by semicolons."},
        BadHeader{
            "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "20150830T000000Z", Family::s3,
            "InvalidRequest", 400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."},
        BadHeader{"Bearer abc", "20150830T000000Z", Family::s3, "InvalidArgument", 400,
                  "Unsupported Authorization Type"},
        BadHeader{
            "AWS4-HMAC-SHA256 Credential=a/b", "20150830T000000Z", Family::s3, "AuthorizationHeaderMalformed",
            400,
            "The authorization header is malformed; the authorization header requires three components: "
            "Credential, SignedHeaders, and Signature."},
        BadHeader{"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=" + kSig,
                  "20150830T000000Z", Family::s3, "AuthorizationHeaderMalformed", 400,
                  "The authorization header is malformed; the Credential is mal-formed; expecting "
                  "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."},
        BadHeader{
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/s3/aws4_request, SignedHeaders=host, Signature=" + kSig,
            "", Family::s3, "AccessDenied", 403,
            "AWS authentication requires a valid Date or x-amz-date header"},
        BadHeader{
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/s3/aws4_request, SignedHeaders=host, Signature=zz",
            "20150830T000000Z", Family::s3, "SignatureDoesNotMatch", 403,
            "The request signature we calculated does not match the signature you provided. Check your key "
            "and "
            "signing method."}));

TEST(Refusals, S3PayloadWords) {
  const std::string signed_by =
      "AWS4-HMAC-SHA256 Credential=a/20150830/r/s3/aws4_request, SignedHeaders=host, Signature=" + kSig;
  const Fields base{{"host", "h"}, {"authorization", signed_by}, {"x-amz-date", "20150830T000000Z"}};
  EXPECT_REFUSED(parse_claim(head("PUT", "/", base), Family::s3), "InvalidRequest", 400,
                 "Missing required header for this request: x-amz-content-sha256");
  const std::pair<const char*, PayloadMode> modes[] = {
      {"UNSIGNED-PAYLOAD", PayloadMode::unsigned_payload},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadMode::signed_chunks},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadMode::signed_chunks_trailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadMode::unsigned_trailer},
      {kEmptyHash.data(), PayloadMode::hash}};
  for (const auto& [word, mode] : modes) {
    Fields fields = base;
    fields.emplace_back("x-amz-content-sha256", word);
    EXPECT_EQ(parse_claim(head("PUT", "/", fields), Family::s3).value()->payload_mode, mode) << word;
  }
  Fields fields = base;
  fields.emplace_back("x-amz-content-sha256", "STREAMING-NONSENSE");
  const auto wrong = parse_claim(head("PUT", "/", fields), Family::s3);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "InvalidArgument");
}

TEST(Refusals, PresignedParameters) {
  const std::string base =
      "/b/"
      "k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20150830%2Fr%2Fs3%2Faws4_request&X-Amz-Date="
      "20150830T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
      kSig;
  const auto parse = [](const std::string& target) {
    return parse_claim(head("GET", target, {{"host", "h"}}), Family::s3);
  };
  EXPECT_REFUSED(parse(base), "AuthorizationQueryParametersError", 400,
                 "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                 "X-Amz-Signature, "
                 "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  EXPECT_REFUSED(parse(base + "&X-Amz-Expires=604801"), "AuthorizationQueryParametersError", 400,
                 "X-Amz-Expires must be less than a week (in seconds) that is 604800");
  EXPECT_REFUSED(parse(base + "&X-Amz-Expires=-1"), "AuthorizationQueryParametersError", 400,
                 "X-Amz-Expires must be non-negative");
  EXPECT_REFUSED(parse(base + "&X-Amz-Expires=1h"), "AuthorizationQueryParametersError", 400,
                 "X-Amz-Expires should be a number");
  EXPECT_TRUE(parse(base + "&X-Amz-Expires=604800"));
  EXPECT_FALSE(parse(base + "&X-Amz-Expires=60&X-Amz-Expires=604800"));
  auto both =
      head("GET", base + "&X-Amz-Expires=60", {{"host", "h"}, {"authorization", "AWS4-HMAC-SHA256 x"}});
  const auto refused = parse_claim(both, Family::s3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "InvalidArgument");
}

TEST(Refusals, HostMustBeSigned) {
  wire::Head request = head("GET", "/", {});
  sign(request, kEmptyHash, {"AKIDEXAMPLE", "secret", ""}, {"us-east-1", "iam", kBotoTime});
  request.headers.add("host", "iam.amazonaws.com");
  EXPECT_REFUSED(check(request, Family::query, "secret", "", kBotoTime), "SignatureDoesNotMatch", 403,
                 "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(Refusals, Scope) {
  Claim claim;
  claim.region = "us-east-2";
  claim.service = "ec2";
  EXPECT_OK(check_scope(claim, Family::query, "", ""));
  EXPECT_REFUSED(check_scope(claim, Family::query, "us-east-1", "iam"), "SignatureDoesNotMatch", 403,
                 "Credential should be scoped to a valid region, not 'us-east-2'. Credential should be "
                 "scoped to correct "
                 "service: 'iam'. ");
  EXPECT_REFUSED(
      check_scope(claim, Family::s3, "us-west-2", "s3"), "AuthorizationHeaderMalformed", 400,
      "The authorization header is malformed; the region 'us-east-2' is wrong; expecting 'us-west-2'");
}

TEST(Refusals, ErrorsByFamily) {
  EXPECT_EQ(error_for(AuthFailure::unknown_key, Family::query).code, "InvalidClientTokenId");
  EXPECT_EQ(error_for(AuthFailure::unknown_key, Family::json).code, "UnrecognizedClientException");
  EXPECT_EQ(error_for(AuthFailure::unknown_key, Family::ec2).code, "AuthFailure");
  const Error s3 = error_for(AuthFailure::unknown_key, Family::s3, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(s3.code, "InvalidAccessKeyId");
  EXPECT_EQ(s3.details, (Fields{{"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"}}));
  EXPECT_EQ(error_for(AuthFailure::expired_token, Family::query).code, "ExpiredToken");
  EXPECT_EQ(error_for(AuthFailure::expired_token, Family::rest_json).code, "ExpiredTokenException");
  EXPECT_EQ(error_for(AuthFailure::expired_token, Family::s3).status, 400);
  EXPECT_EQ(error_for(AuthFailure::missing_credentials, Family::query).message,
            "Request is missing Authentication Token");
  EXPECT_EQ(error_for(AuthFailure::missing_credentials, Family::s3).code, "AccessDenied");
}

}  // namespace
}  // namespace gatehouse::identity

#include "service/s3/cors/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/s3/cors/cors.h"
#include "service/s3/errors.h"
#include "service/s3/object/checksum.h"
#include "wire/request_id.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kMostRules = 100;
constexpr size_t kLargestDocument = 64 << 10;
constexpr size_t kLongestId = 255;
constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "POST", "DELETE", "HEAD"};

std::vector<std::string> texts(const wire::Value& list) {
  std::vector<std::string> out;
  for (const wire::Value& one : list.list()) out.emplace_back(one.text());
  return out;
}

wire::Value list(const std::vector<std::string>& from) {
  if (from.empty()) return {};
  return wire::Value::List(from.begin(), from.end());
}

Result<void> check_stars(std::string_view element, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (std::ranges::count(pattern, '*') <= 1) continue;
    return fail(error::invalid_request(
        fmt::format("{} \"{}\" can not have more than one wildcard.", element, pattern)));
  }
  return {};
}

Result<CorsRule> read_rule(const wire::Value& in) {
  CorsRule rule{std::string(in[m::ID].text()),
                texts(in[m::AllowedOrigins]),
                texts(in[m::AllowedMethods]),
                texts(in[m::AllowedHeaders]),
                texts(in[m::ExposeHeaders]),
                std::nullopt,
                {}};
  if (rule.origins.empty() || rule.methods.empty() || rule.id.size() > kLongestId)
    return fail(error::malformed_xml());
  for (const std::string& method : rule.methods) {
    if (std::ranges::find(kMethods, method) != kMethods.end()) continue;
    return fail(error::invalid_request(
        fmt::format("Found unsupported HTTP method in CORS config. Unsupported method is {}", method)));
  }
  CHECK_OK(check_stars("AllowedOrigin", rule.origins));
  CHECK_OK(check_stars("AllowedHeader", rule.headers));
  for (const std::string& header : rule.exposed) {
    if (header.find('*') == std::string::npos) continue;
    return fail(error::invalid_request(fmt::format(
        "ExposeHeader \"{}\" contains wildcard. We currently do not support wildcard for ExposeHeader.",
        header)));
  }
  if (in[m::MaxAgeSeconds]) rule.max_age = in[m::MaxAgeSeconds].number();
  prepare(rule);
  return rule;
}

wire::Value rule_value(const CorsRule& rule) {
  wire::Value out = wire::structure({{m::AllowedHeaders, list(rule.headers)},
                                     {m::AllowedMethods, list(rule.methods)},
                                     {m::AllowedOrigins, list(rule.origins)},
                                     {m::ExposeHeaders, list(rule.exposed)}});
  if (!rule.id.empty()) out.set(m::ID, rule.id);
  if (rule.max_age) out.set(m::MaxAgeSeconds, *rule.max_age);
  return out;
}

}  // namespace

Result<wire::Value> put_bucket_cors(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
  if (call.body.size() > kLargestDocument)
    return fail("MaxMessageLengthExceeded", "Your request was too large.", 400);
  const auto& sent = call.in[m::CORSConfiguration][m::CORSRules].list();
  if (sent.empty() || sent.size() > kMostRules) return fail(error::malformed_xml());
  Cors rules;
  for (const wire::Value& one : sent) {
    TRY(auto rule, read_rule(one));
    rules.push_back(std::move(rule));
  }
  const auto kept = std::make_shared<const Cors>(std::move(rules));
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.cors = kept; }));
  return wire::Value();
}

Result<wire::Value> get_bucket_cors(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.cors == nullptr) {
    return fail(error::not_configured("NoSuchCORSConfiguration", "The CORS configuration does not exist",
                                      bucket.name));
  }
  wire::Value::List rules;
  for (const CorsRule& rule : *bucket.cors) rules.push_back(rule_value(rule));
  return wire::structure({{m::CORSRules, std::move(rules)}});
}

Result<wire::Value> delete_bucket_cors(S3& s3, Call& call) {
  if (bucket_of(call).cors == nullptr) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) { next.cors = nullptr; }));
  return wire::Value();
}

Result<wire::Response> preflight(const Bucket* bucket, const Call& call) {
  const auto question = cors_question(*call.head);
  if (!question) return fail("BadRequest", "Insufficient information. Origin request header needed.", 400);
  const auto forbidden = [&](std::string_view why, std::string_view type) {
    return fail(error::cors_forbidden(why, question->method, type));
  };
  if (bucket == nullptr) return forbidden("Bucket not found", "BUCKET");
  if (bucket->cors == nullptr) return forbidden("CORS is not enabled for this bucket.", "BUCKET");
  if (call.head->headers.find("access-control-request-method") == nullptr)
    return fail("BadRequest", "Invalid Access-Control-Request-Method: null", 400);
  const CorsRule* rule = find_rule(*bucket->cors, *question);
  if (rule == nullptr) {
    return forbidden(
        "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec.",
        call.in[m::Key] ? "OBJECT" : "BUCKET");
  }
  wire::Response response;
  response.headers.add("x-amz-request-id", call.request_id);
  response.headers.add("x-amz-id-2", wire::host_id(call.request_id));
  add_cors_headers(*rule, *question, response.headers);
  return response;
}

}  // namespace gatehouse::service::s3

#include "service/s3/conditions.h"

#include <array>

#include "base/encoding.h"
#include "base/time.h"

namespace gatehouse::service::s3 {
namespace {

struct HeaderKey {
  std::string_view header;
  std::string_view key;
};
constexpr std::array<HeaderKey, 18> kWriteKeys = {{
    {"x-amz-acl", "s3:x-amz-acl"},
    {"x-amz-grant-full-control", "s3:x-amz-grant-full-control"},
    {"x-amz-grant-read", "s3:x-amz-grant-read"},
    {"x-amz-grant-read-acp", "s3:x-amz-grant-read-acp"},
    {"x-amz-grant-write", "s3:x-amz-grant-write"},
    {"x-amz-grant-write-acp", "s3:x-amz-grant-write-acp"},
    {"x-amz-server-side-encryption", "s3:x-amz-server-side-encryption"},
    {"x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-aws-kms-key-id"},
    {"x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-server-side-encryption-customer-algorithm"},
    {"x-amz-storage-class", "s3:x-amz-storage-class"},
    {"x-amz-metadata-directive", "s3:x-amz-metadata-directive"},
    {"x-amz-website-redirect-location", "s3:x-amz-website-redirect-location"},
    {"x-amz-object-ownership", "s3:x-amz-object-ownership"},
    {"x-amz-object-lock-mode", "s3:object-lock-mode"},
    {"x-amz-object-lock-retain-until-date", "s3:object-lock-retain-until-date"},
    {"x-amz-object-lock-legal-hold", "s3:object-lock-legal-hold"},
    {"if-match", "s3:if-match"},
    {"if-none-match", "s3:if-none-match"},
}};

std::string query_parameter(const wire::Head& head, std::string_view name) {
  const auto parameters = parse_query(head.query());
  if (!parameters) return "";
  for (const auto& [key, value] : *parameters) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

void add_signature_keys(const Call& call, account::Requirement& requirement) {
  const wire::Head& head = *call.head;
  if (!head.tls_version.empty()) requirement.key("s3:TlsVersion", std::string(head.tls_version));
  if (call.caller.anonymous() || call.caller.type == policy::PrincipalType::service) return;
  // Who signed neither the head nor the query signed a form.
  const bool in_header = head.headers.find("authorization") != nullptr;
  const bool in_query = !in_header && head.query().find("X-Amz-Signature=") != std::string_view::npos;
  requirement.key("s3:authType", in_header ? "REST-HEADER" : in_query ? "REST-QUERY-STRING" : "POST");
  requirement.key("s3:signatureversion", "AWS4-HMAC-SHA256");
  const std::string date =
      in_query ? query_parameter(head, "X-Amz-Date") : std::string(head.headers.get("x-amz-date"));
  if (const auto signed_at = parse_basic_iso8601(date))
    requirement.key("s3:signatureAge", std::to_string((call.now() - *signed_at).count()));
  if (const auto* hash = head.headers.find("x-amz-content-sha256"))
    requirement.key("s3:x-amz-content-sha256", *hash);
}

void add_write_keys(const Call& call, account::Requirement& requirement) {
  for (const auto& [header, key] : kWriteKeys) {
    if (const auto* value = call.head->headers.find(header)) requirement.key(std::string(key), *value);
  }
  // As "bucket/key", however it was written, so that no way of writing it slips past a policy.
  if (const auto* source = call.head->headers.find("x-amz-copy-source")) {
    std::string decoded = percent_decode(*source).value_or(*source);
    if (decoded.starts_with('/')) decoded.erase(0, 1);
    requirement.key("s3:x-amz-copy-source", std::move(decoded));
  }
  if (const auto until = parse_iso8601(call.head->headers.get("x-amz-object-lock-retain-until-date")))
    add_remaining_days(*until, call.now(), requirement);
}

// In whole days, the last one counted though it is not whole.
void add_remaining_days(Time until, Time now, account::Requirement& requirement) {
  const auto days = std::chrono::ceil<std::chrono::days>(until - now).count();
  requirement.key("s3:object-lock-remaining-retention-days", std::to_string(days));
}

void add_creation_key(bool creates, account::Requirement& requirement) {
  requirement.key("s3:ObjectCreationOperation", creates ? "true" : "false");
}

void add_request_tags(const std::vector<account::Tag>& tags, account::Requirement& requirement) {
  if (tags.empty()) return;
  std::vector<std::string> names;
  for (const auto& [name, value] : tags) {
    requirement.key("s3:RequestObjectTag/" + name, value);
    names.push_back(name);
  }
  requirement.keys_of("s3:RequestObjectTagKeys", std::move(names));
}

void add_existing_tags(const std::vector<account::Tag>& tags, account::Requirement& requirement) {
  for (const auto& [name, value] : tags) requirement.key("s3:ExistingObjectTag/" + name, value);
}

}  // namespace gatehouse::service::s3

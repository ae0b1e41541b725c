#include "service/s3/acl/asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kMostGrants = 100;
constexpr std::string_view kOwnerFullControl = "bucket-owner-full-control";
// EC2's, which fetches machine images.
constexpr std::string_view kImageReader = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

struct GrantHeader {
  wire::Member member;
  std::string_view name;
  Permission permission;
};
constexpr std::array<GrantHeader, 5> kGrantHeaders = {
    {{m::GrantFullControl, "x-amz-grant-full-control", Permission::full_control},
     {m::GrantRead, "x-amz-grant-read", Permission::read},
     {m::GrantReadACP, "x-amz-grant-read-acp", Permission::read_acp},
     {m::GrantWrite, "x-amz-grant-write", Permission::write},
     {m::GrantWriteACP, "x-amz-grant-write-acp", Permission::write_acp}}};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
Result<Grants> canned(std::string_view name, On on, const Owners& owners) {
  const Grant owner{owners.own, Permission::full_control};
  const bool object = on == On::object;
  if (name == "private") return Grants{owner};
  if (name == "public-read") return Grants{owner, {std::string(kAllUsers), Permission::read}};
  if (name == "public-read-write") {
    return Grants{
        owner, {std::string(kAllUsers), Permission::read}, {std::string(kAllUsers), Permission::write}};
  }
  if (name == "authenticated-read")
    return Grants{owner, {std::string(kAuthenticatedUsers), Permission::read}};
  if (name == "aws-exec-read") return Grants{owner, {std::string(kImageReader), Permission::read}};
  if (name == "log-delivery-write" && !object) {
    return Grants{owner,
                  {std::string(kLogDelivery), Permission::write},
                  {std::string(kLogDelivery), Permission::read_acp}};
  }
  const bool full = name == kOwnerFullControl;
  if (full || name == "bucket-owner-read") {
    // Ignored for a bucket, and nothing more where the bucket's owner owns the object.
    if (!object || owners.bucket == owners.own) return Grants{owner};
    return Grants{owner, {owners.bucket, full ? Permission::full_control : Permission::read}};
  }
  return fail(error::invalid_argument("", "x-amz-acl", name));
}

// Addresses are resolved no more since October 2025.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html
std::unexpected<Error> by_email() {
  return fail("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
}

Result<std::string> user_id(const S3& s3, std::string_view id, std::string_view argument) {
  const auto accounts = s3.directory().accounts();
  const bool known = id == kImageReader || id == kAnonymousId ||
                     std::ranges::any_of(accounts, [&](const auto& a) { return a->canonical_id == id; });
  if (!known) return fail(error::invalid_argument("Invalid id", argument, id));
  return std::string(id);
}

Result<std::string> group_uri(std::string_view uri, std::string_view argument) {
  if (uri != kAllUsers && uri != kAuthenticatedUsers && uri != kLogDelivery)
    return fail(error::invalid_argument("Invalid group uri", argument, uri));
  return std::string(uri);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view unquoted(std::string_view text) {
  return text.size() > 1 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2)
                                                                      : text;
}

// id="…", uri="…", emailAddress="…"
Result<void> read_header(const S3& s3, const GrantHeader& header, std::string_view value, Grants& to) {
  std::string_view rest = value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view one = trimmed(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const auto equals = one.find('=');
    const std::string_view kind = one.substr(0, equals);
    const std::string_view named =
        equals == std::string_view::npos ? "" : unquoted(trimmed(one.substr(equals + 1)));
    if (kind == "emailAddress" && !named.empty()) return by_email();
    const bool user = kind == "id";
    if (named.empty() || (!user && kind != "uri"))
      return fail(error::invalid_argument("Argument format not recognized", header.name, value));
    TRY(auto grantee, user ? user_id(s3, named, kind) : group_uri(named, kind));
    to.push_back({std::move(grantee), header.permission});
  }
  return {};
}

// Who a document's Grantee is; its type says which member counts.
Result<std::string> grantee_of(const S3& s3, const wire::Value& grantee) {
  const std::string_view type = grantee[m::Type].text();
  if (type == "AmazonCustomerByEmail") return by_email();
  if (type == "Group") return group_uri(grantee[m::URI].text(), "Group/URI");
  if (type == "CanonicalUser") return user_id(s3, grantee[m::ID].text(), "CanonicalUser/ID");
  return fail(error::malformed_acl());
}

Result<Grants> read_document(const S3& s3, const wire::Value& document, const Owners& owners) {
  // The owner is told, not made.
  if (document[m::Owner][m::ID].text().empty()) return fail(error::malformed_acl());
  if (document[m::Owner][m::ID].text() != owners.own) return fail(error::access_denied());
  Grants grants;
  for (const wire::Value& grant : document[m::Grants].list()) {
    const auto permission = permission_from(grant[m::Permission].text());
    if (!permission) return fail(error::malformed_acl());
    TRY(auto grantee, grantee_of(s3, grant[m::Grantee]));
    grants.push_back({std::move(grantee), *permission});
  }
  return grants;
}

Result<Grants> read_headers(const S3& s3, const wire::Value& in) {
  Grants grants;
  for (const GrantHeader& header : kGrantHeaders) {
    if (const auto& value = in[header.member]) CHECK_OK(read_header(s3, header, value.text(), grants));
  }
  return grants;
}

std::string writer_of(const Call& call) {
  return call.caller.anonymous() ? std::string(kAnonymous) : call.caller.account;
}

}  // namespace

bool has_grant_headers(const wire::Value& in) {
  return std::ranges::any_of(kGrantHeaders, [&](const GrantHeader& h) { return bool(in[h.member]); });
}

std::string canonical_id(const S3& s3, std::string_view account) {
  if (account == kAnonymous) return std::string(kAnonymousId);
  const auto found = s3.directory().account(account);
  return found == nullptr ? "" : found->canonical_id;
}

Result<std::optional<Grants>> asked_grants(const S3& s3, const wire::Value& in, On on, const Owners& owners) {
  const bool headers = has_grant_headers(in);
  const auto& document = in[m::AccessControlPolicy];
  if (in[m::ACL] && headers) {
    return fail(error::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"));
  }
  if (document && (in[m::ACL] || headers))
    return fail("UnexpectedContent", "This request does not support content", 400);
  std::optional<Grants> asked;
  if (in[m::ACL]) {
    TRY(asked, canned(in[m::ACL].text(), on, owners));
  } else if (headers) {
    TRY(asked, read_headers(s3, in));
  } else if (document) {
    TRY(asked, read_document(s3, document, owners));
  }
  if (asked && asked->size() > kMostGrants) return fail(error::malformed_acl());
  return asked;
}

Result<void> check_list(const Call& call, const Bucket& bucket, std::string_view action,
                        std::string_view resource, const Grants& grants, const Owners& owners) {
  if (!bucket.has_lists()) {
    // Not even `private`, which says the same in other words.
    const auto& named = call.in[m::ACL];
    if (named ? named.text() == kOwnerFullControl : only_owners(grants, owners.bucket)) return {};
    return fail(error::access_control_list_not_supported());
  }
  if (!is_public(grants) || !bucket.public_block().block_acls) return {};
  if (call.caller.anonymous() || call.caller.account != bucket.account) return fail(error::access_denied());
  return fail(error::access_denied(fmt::format(
      "User: {} is not authorized to perform: {} on resource: \"{}\" because public access control lists "
      "(ACLs) are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
      call.caller.arn, action, resource)));
}

Result<void> own(const S3& s3, const Call& call, const Bucket& bucket, Object& object) {
  const bool asks = call.in[m::ACL] || has_grant_headers(call.in);
  const bool given = !bucket.has_lists() || (bucket.ownership == "BucketOwnerPreferred" &&
                                             call.in[m::ACL].text() == kOwnerFullControl);
  const std::string writer = given ? bucket.account : writer_of(call);
  if (writer != bucket.account) object.owner = writer;
  if (!asks) return {};
  const Owners owners{canonical_id(s3, writer), canonical_id(s3, bucket.account)};
  TRY(auto grants, asked_grants(s3, call.in, On::object, owners));
  CHECK_OK(check_list(call, bucket, "s3:PutObject", object_arn(bucket.name, call.in[m::Key].text()), *grants,
                      owners));
  if (bucket.has_lists() && !only_owners(*grants, owners.own))
    object.acl = std::make_shared<const Grants>(std::move(*grants));
  return {};
}

}  // namespace gatehouse::service::s3

// A bucket's policy, and what blocks public ones.
#include <fmt/format.h>

#include <algorithm>

#include "account/directory/principals.h"
#include "base/arn.h"
#include "base/json.h"
#include "policy/catalogue/catalogue.h"
#include "service/s3/bucket/names.h"
#include "service/s3/bucket/operations.h"
#include "service/s3/bucket/public_policy.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kLargestPolicy = 20 * 1024;

// Only identities of the owner's account may touch the policy, whatever it grants.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
Result<void> check_owner(const Call& call) {
  if (call.caller.account == bucket_of(call).account) return {};
  return fail("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
}

bool is_own_resource(std::string_view resource, std::string_view bucket) {
  const std::string arn = bucket_arn(bucket);
  return resource == arn || resource.starts_with(arn + "/");
}

// Every resource of a bucket's policy is the bucket or something in it; wildcards may stand behind its name.
bool names_only(const json::value& resources, std::string_view bucket) {
  if (resources.is_string()) return is_own_resource(resources.get_string(), bucket);
  if (!resources.is_array()) return false;
  for (const auto& r : resources.get_array()) {
    if (!r.is_string() || !is_own_resource(r.get_string(), bucket)) return false;
  }
  return true;
}

bool is_own_action(const json::value& action) {
  if (!action.is_string()) return false;
  const std::string_view pattern = action.get_string();
  if (pattern == "*") return true;
  constexpr std::string_view kService = "s3:";
  return pattern.size() > kService.size() &&
         policy::catalogue::glob_ignoring_case(kService, pattern.substr(0, kService.size())) &&
         policy::catalogue::matches_any_action(pattern);
}

bool acts_on_s3_only(const json::value& actions) {
  if (!actions.is_array()) return is_own_action(actions);
  return std::ranges::all_of(actions.get_array(), is_own_action);
}

Result<void> check_statement(const json::value& v, std::string_view bucket) {
  if (!v.is_object()) return {};
  const json::object& statement = v.get_object();
  for (const char* element : {"Action", "NotAction"}) {
    const auto* actions = statement.if_contains(element);
    if (actions != nullptr && !acts_on_s3_only(*actions))
      return fail(error::malformed_policy("Policy has invalid action"));
  }
  for (const char* element : {"Resource", "NotResource"}) {
    const auto* resources = statement.if_contains(element);
    if (resources != nullptr && !names_only(*resources, bucket))
      return fail(error::malformed_policy("Policy has invalid resource"));
  }
  return {};
}

// What the language allows and a bucket's policy does not.
Result<void> check_statements(std::string_view policy, std::string_view bucket) {
  TRY(const auto document, json::parse(policy));
  const auto* statements = document.as_object().if_contains("Statement");
  if (statements == nullptr) return {};
  if (!statements->is_array()) return check_statement(*statements, bucket);
  for (const auto& statement : statements->get_array()) CHECK_OK(check_statement(statement, bucket));
  return {};
}

Result<account::PolicyText> compiled(const S3& s3, std::string_view text, std::string_view bucket) {
  if (text.size() > kLargestPolicy) {
    return fail("PolicyTooLarge", "Policy exceeds the maximum allowed document size.");
  }
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return fail(error::malformed_policy("Policies must be valid JSON and the first byte must be '{'"));
  }
  auto policy = policy::compile(text, policy::Kind::resource);
  if (!policy) return fail(error::malformed_policy(policy.error().message));
  CHECK_OK(check_statements(text, bucket));
  // Users and roles are kept by their unique ids; a recreated one is another.
  auto kept = account::with_unique_ids(s3.directory(), text);
  if (!kept) return fail(error::malformed_policy("Invalid principal in policy"));
  policy = policy::compile(*kept, policy::Kind::resource);
  if (!policy) return fail(error::malformed_policy(policy.error().message));
  return account::PolicyText{std::move(*kept), std::move(*policy)};
}

std::unexpected<Error> blocked(const Call& call) {
  return fail(error::access_denied(fmt::format(
      "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" because public "
      "policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
      call.caller.arn, bucket_arn(bucket_of(call).name))));
}

}  // namespace

Result<wire::Value> put_bucket_policy(S3& s3, Call& call) {
  CHECK_OK(check_owner(call));
  const Bucket& bucket = bucket_of(call);
  TRY(auto policy, compiled(s3, call.in[m::Policy].text(), bucket.name));
  const bool is_open = is_public(policy.text);
  if (is_open && bucket.public_block().block_policy) return blocked(call);
  CHECK_OK(s3.buckets().update(bucket, [&](Bucket& next) {
    next.policy = std::move(policy);
    next.policy_is_public = is_open;
  }));
  return wire::Value();
}

Result<wire::Value> get_bucket_policy(S3& s3, Call& call) {
  CHECK_OK(check_owner(call));
  const Bucket& bucket = bucket_of(call);
  if (bucket.policy.text.empty()) return fail(error::no_such_bucket_policy(bucket.name));
  return wire::structure({{m::Policy, account::with_arns(s3.directory(), bucket.policy.text)}});
}

Result<wire::Value> delete_bucket_policy(S3& s3, Call& call) {
  CHECK_OK(check_owner(call));
  const Bucket& bucket = bucket_of(call);
  if (bucket.policy.text.empty()) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket, [](Bucket& next) {
    next.policy = {};
    next.policy_is_public = false;
  }));
  return wire::Value();
}

Result<wire::Value> get_bucket_policy_status(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.policy.text.empty()) return fail(error::no_such_bucket_policy(bucket.name));
  return wire::structure({{m::PolicyStatus, wire::structure({{m::IsPublic, bucket.policy_is_public}})}});
}

PublicAccessBlock read_public_access(const wire::Value& sent) {
  return {sent[m::BlockPublicAcls].boolean(), sent[m::IgnorePublicAcls].boolean(),
          sent[m::BlockPublicPolicy].boolean(), sent[m::RestrictPublicBuckets].boolean()};
}

wire::Value public_access_value(const PublicAccessBlock& b) {
  return wire::structure({{m::BlockPublicAcls, b.block_acls},
                          {m::IgnorePublicAcls, b.ignore_acls},
                          {m::BlockPublicPolicy, b.block_policy},
                          {m::RestrictPublicBuckets, b.restrict_buckets}});
}

Result<wire::Value> put_public_access_block(S3& s3, Call& call) {
  const auto block = read_public_access(call.in[m::PublicAccessBlockConfiguration]);
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.public_access = block; }));
  return wire::Value();
}

Result<wire::Value> get_public_access_block(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (!bucket.public_access) {
    return fail(error::not_configured("NoSuchPublicAccessBlockConfiguration",
                                      "The public access block configuration was not found", bucket.name));
  }
  return wire::structure({{m::PublicAccessBlockConfiguration, public_access_value(*bucket.public_access)}});
}

Result<wire::Value> delete_public_access_block(S3& s3, Call& call) {
  if (!bucket_of(call).public_access) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) { next.public_access.reset(); }));
  return wire::Value();
}

}  // namespace gatehouse::service::s3

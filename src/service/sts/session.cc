#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "base/time.h"
#include "service/sts/sts.h"

namespace gatehouse::service::sts {
namespace {

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43200;
constexpr std::int64_t kChained = 3600;
constexpr size_t kSessionPolicyLimit = 2048;
constexpr size_t kMostTags = 50;

std::unexpected<Error> constraint(std::string_view value, std::string_view field, std::string_view rule) {
  return fail("ValidationError",
              fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
                          value, field, rule));
}

bool session_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

}  // namespace

Result<void> check_session_name(std::string_view name, std::string_view field, size_t longest) {
  if (name.size() < 2) return constraint(name, field, "Member must have length greater than or equal to 2");
  if (name.size() > longest) {
    return constraint(name, field, fmt::format("Member must have length less than or equal to {}", longest));
  }
  if (!std::all_of(name.begin(), name.end(), session_name_character))
    return constraint(name, field, "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  return {};
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
Result<void> check_source_identity(std::string_view name) {
  CHECK_OK(check_session_name(name, "sourceIdentity", 64));
  if (name.starts_with("aws:"))
    return constraint(name, "sourceIdentity", "Member must not begin with the reserved prefix aws:");
  return {};
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
Result<void> check_session_tags(const std::vector<account::Tag>& tags) {
  if (tags.size() > kMostTags)
    return constraint("", "tags", "Member must have length less than or equal to 50");
  std::vector<std::string> seen;
  for (const auto& [key, value] : tags) {
    if (key.empty()) return constraint(key, "tags.key", "Member must have length greater than or equal to 1");
    if (key.size() > 128)
      return constraint(key, "tags.key", "Member must have length less than or equal to 128");
    if (value.size() > 256)
      return constraint(value, "tags.value", "Member must have length less than or equal to 256");
    seen.push_back(account::named_key("", key));
  }
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
    return fail("InvalidParameterValue",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.", 400);
  }
  return {};
}

Result<void> check_duration(const Call& call, std::int64_t longest) {
  const wire::Value& seconds = call.in[m::DurationSeconds];
  if (!seconds) return {};
  const std::string text = std::to_string(seconds.number());
  if (seconds.number() < kShortest)
    return constraint(text, "durationSeconds", "Member must have value greater than or equal to 900");
  if (seconds.number() > longest) {
    return constraint(text, "durationSeconds",
                      fmt::format("Member must have value less than or equal to {}", longest));
  }
  return {};
}

std::shared_ptr<const account::Role> role_of(const Sts& sts, std::string_view arn) {
  const auto parts = Arn::parse(arn);
  if (!parts || parts->service != "iam" || !parts->resource.starts_with("role/")) return nullptr;
  auto role = sts.directory.role(parts->account, parts->resource.substr(parts->resource.rfind('/') + 1));
  return role != nullptr && role->arn == arn ? role : nullptr;
}

Result<void> check_session_parameters(const Call& call) {
  const std::string_view arn = call.in[m::RoleArn].text();
  if (arn.size() < 20)
    return constraint(arn, "roleArn", "Member must have length greater than or equal to 20");
  const auto parts = Arn::parse(arn);
  if (!parts || !is_account_id(parts->account))
    return fail("ValidationError", fmt::format("{} is invalid", arn));
  CHECK_OK(check_session_name(call.in[m::RoleSessionName].text(), "roleSessionName", 64));
  return check_duration(call, kLongest);
}

Requirements requirements_of(Call& call, account::Requirement assume, Assumption assumption) {
  if (assumption.role != nullptr) assume.resource_policy = assumption.role->trust.compiled;
  if (!assumption.source_identity.empty()) assume.key("sts:SourceIdentity", assumption.source_identity);
  Requirements all{assume};
  if (!assumption.tags.empty()) {
    all.push_back(assume);
    all.back().action = "sts:TagSession";
  }
  if (!assumption.source_identity.empty()) {
    all.push_back(std::move(assume));
    all.back().action = "sts:SetSourceIdentity";
  }
  call.pinned = std::make_shared<const Assumption>(std::move(assumption));
  return all;
}

Result<account::Session> new_session(Sts& sts, const Call& call, const Assumption& assumption) {
  const account::Role& role = *assumption.role;
  const std::int64_t seconds = call.in[m::DurationSeconds].number(kChained);
  const bool chained = call.caller.type == policy::PrincipalType::assumed_role;
  if (chained && seconds > kChained) {
    return fail(
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  }
  if (seconds > role.max_session_seconds) {
    return fail("ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  account::Session session;
  session.access_key_id = access_key_id(sts.random, id_prefix::kTemporaryKey);
  session.secret = sts.random.secret(40);
  session.account = role.account;
  session.role = role.name;
  session.owner_id = role.id;
  session.name = call.in[m::RoleSessionName].text();
  session.issued = call.now();
  session.expires = call.now() + std::chrono::seconds(seconds);
  session.tags = assumption.tags;
  session.transitive_tags = assumption.transitive;
  session.source_identity = assumption.source_identity;
  CHECK_OK(take_session_policies(sts, call, session));
  return session;
}

Result<void> take_session_policies(const Sts& sts, const Call& call, account::Session& session) {
  if (const std::string_view text = call.in[m::Policy].text(); !text.empty()) {
    if (text.size() > kSessionPolicyLimit) {
      return constraint("", "policy", "Member must have length less than or equal to 2048");
    }
    CHECK_OK(policy::compile(text, policy::Kind::session));
    session.policies.emplace_back(text);
    session.has_session_policy = true;
  }
  const auto& arns = call.in[m::PolicyArns].list();
  if (arns.size() > 10)
    return constraint("", "policyArns", "Member must have length less than or equal to 10");
  for (const wire::Value& entry : arns) {
    const std::string_view arn = entry[m::arn].text();
    if (sts.directory.policy(arn) == nullptr) {
      return fail("ValidationError", fmt::format("Policy {} does not exist or is not attachable.", arn));
    }
    session.policy_arns.emplace_back(arn);
    session.has_session_policy = true;
  }
  return {};
}

wire::Value credentials_value(Sts& sts, const account::Session& session) {
  return wire::structure({{m::AccessKeyId, session.access_key_id},
                          {m::SecretAccessKey, session.secret},
                          {m::SessionToken, sts.sessions.seal(session)},
                          {m::Expiration, session.expires}});
}

wire::Value assumed_role_value(const account::Session& session, const account::Role& role) {
  return wire::structure({{m::AssumedRoleId, account::session_user_id(session, role)},
                          {m::Arn, account::session_arn(session, role)}});
}

}  // namespace gatehouse::service::sts

// Roles and their trust.
#include "account/directory/principals.h"
#include "service/iam/policies/grants.h"
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kTrustLimit = 2048;
constexpr size_t kLongestDescription = 1000;
constexpr int kShortestSession = 3600;
constexpr int kLongestSession = 12 * 3600;

Result<int> session_duration(const wire::Value& value) {
  const std::int64_t seconds = value.number(kShortestSession);
  if (seconds < kShortestSession || seconds > kLongestSession) {
    return error::constraint(std::to_string(seconds), "maxSessionDuration",
                             seconds < kShortestSession
                                 ? "Member must have value greater than or equal to 3600"
                                 : "Member must have value less than or equal to 43200");
  }
  return static_cast<int>(seconds);
}

Result<std::string> description(const wire::Value& value) {
  if (value.text().size() > kLongestDescription)
    return error::constraint(value.text(), "description",
                             "Member must have length less than or equal to 1000");
  return std::string(value.text());
}

// Kept with the unique ids of the users and roles it names. The size is that of what was sent.
Result<account::PolicyText> trust_document(Iam& iam, const wire::Value& document) {
  TRY(auto trust, compile_document(document.text(), policy::Kind::trust, kTrustLimit));
  auto kept = account::with_unique_ids(iam.directory, trust.text);
  if (!kept) {
    return fail("MalformedPolicyDocument",
                fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", kept.error().message));
  }
  if (*kept == trust.text) return trust;
  TRY(auto compiled, policy::compile(*kept, policy::Kind::trust));
  return account::PolicyText{std::move(*kept), std::move(compiled)};
}

}  // namespace

Result<wire::Value> create_role(Iam& iam, Call& call) {
  TRY(account::Role role, fresh<account::Role>(iam, call, m::RoleName, id_prefix::kRole));
  if (role.path.starts_with(kServiceRolePath)) {
    return error::validation(
        "The specified value for path is invalid. /aws-service-role/ is for service-linked roles.");
  }
  TRY(role.description, description(call.in[m::Description]));
  TRY(role.max_session_seconds, session_duration(call.in[m::MaxSessionDuration]));
  TRY(role.tags, check_tags(call.in[m::Tags]));
  TRY(role.trust, trust_document(iam, call.in[m::AssumeRolePolicyDocument]));
  TRY(role.grants.boundary, boundary_in(iam, call));
  role.created = call.now();
  std::string taken = taken_message<account::Role>(role.name);
  TRY(const auto made, create(iam, std::move(role), std::move(taken)));
  wire::Value value = role_value(iam, *made);
  return wire::structure({{m::Role, std::move(value)}});
}

Result<wire::Value> get_role(Iam& iam, Call& call) {
  TRY(const account::Role role, pinned<account::Role>(call));
  return wire::structure({{m::Role, role_value(iam, role)}});
}

Result<wire::Value> list_roles(Iam& iam, Call& call) {
  return page(call, below_prefix<account::Role>(iam, call), m::Roles,
              [&](const auto& role) { return listed_role(iam, *role); });
}

Result<wire::Value> delete_role(Iam& iam, Call& call) {
  TRY(const account::Role role, changeable<account::Role>(call));
  bool in_profile = false;
  iam.directory.each<account::InstanceProfile>(
      call.account, [&](const auto& profile) { in_profile = in_profile || profile.role == role.id; });
  if (in_profile) {
    return error::delete_conflict("Cannot delete entity, must remove roles from instance profile first.");
  }
  CHECK_OK(check_bare(role.grants));
  CHECK_OK(or_concurrent(iam.directory.remove(role)));
  return wire::Value();
}

// A service-linked role's description is its account's to change; the rest is not.
Result<wire::Value> update_role(Iam& iam, Call& call) {
  TRY(account::Role role,
      call.in[m::MaxSessionDuration] ? changeable<account::Role>(call) : pinned<account::Role>(call));
  if (call.in[m::Description]) {
    TRY(role.description, description(call.in[m::Description]));
  }
  if (call.in[m::MaxSessionDuration]) {
    TRY(role.max_session_seconds, session_duration(call.in[m::MaxSessionDuration]));
  }
  return save(iam, std::move(role));
}

Result<wire::Value> update_role_description(Iam& iam, Call& call) {
  TRY(account::Role role, pinned<account::Role>(call));
  TRY(role.description, description(call.in[m::Description]));
  CHECK_OK(save(iam, role));
  return wire::structure({{m::Role, role_value(iam, role)}});
}

Result<wire::Value> update_assume_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, changeable<account::Role>(call));
  TRY(role.trust, trust_document(iam, call.in[m::PolicyDocument]));
  return save(iam, std::move(role));
}

}  // namespace gatehouse::service::iam

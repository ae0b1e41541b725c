// AWS Organizations: accounts under one management account, and the policies that bind them. What a policy
// does is the gate's business; here are the operations and their rules.
// https://docs.aws.amazon.com/organizations/latest/APIReference/
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "account/directory/directory.h"
#include "account/organization/organizations.h"
#include "base/encoding.h"
#include "model/organizations.h"
#include "service/call.h"

namespace gatehouse::service::organizations {

namespace m = model::organizations;
using account::ControlPolicy;
using account::ControlType;
using account::Organization;
using account::OrganizationNode;
using Kind = account::OrganizationNode::Kind;
using OrganizationPtr = std::shared_ptr<const Organization>;

struct Org {
  account::Organizations& organizations;
  account::Directory& directory;
  const Clock& clock;
  Random& random;
};

Service make_service(Org& org);

// Errors, worded as Organizations words them.
namespace error {
inline std::unexpected<Error> with_reason(std::string code, std::string message, std::string reason) {
  return fail(Error{std::move(code), std::move(message), 400, {{"Reason", std::move(reason)}}});
}
inline std::unexpected<Error> constraint(std::string reason, std::string message) {
  return with_reason("ConstraintViolationException", std::move(message), std::move(reason));
}
inline std::unexpected<Error> invalid(std::string reason,
                                      std::string message = "You specified an invalid value.") {
  return with_reason("InvalidInputException", std::move(message), std::move(reason));
}
std::unexpected<Error> not_in_use();
std::unexpected<Error> access_denied();
std::unexpected<Error> account_not_found();
std::unexpected<Error> parent_not_found();
std::unexpected<Error> target_not_found();
std::unexpected<Error> policy_not_found();
std::unexpected<Error> unit_not_found();
std::unexpected<Error> root_not_found();
}  // namespace error

// The caller's organization; managed(): and the caller is of its management account.
Result<OrganizationPtr> own(const Org& org, const Call& call);
Result<OrganizationPtr> managed(const Org& org, const Call& call);
// What the row's requirements were made of.
struct Authorised {
  std::vector<std::pair<std::string, std::vector<account::Tag>>> tags;  // by id
};
const std::vector<account::Tag>* tags_of(const Organization& organization, std::string_view id);

// Changes the organization that the caller manages. What was authorised by its tags is not changed once those
// are others: ConcurrentModificationException.
Result<void> change(const Org& org, const Call& call, const std::function<Result<void>(Organization&)>& edit);

// What the parameters have to look like. `id` patterns are those of the API's reference.
enum class Id : std::uint8_t {
  root,
  unit,
  account,
  policy,
  parent,
  target,
  child,
  taggable,
  handshake,
  request
};
Result<void> check_id(std::string_view text, Id id);
Result<void> check_length(std::string_view text, size_t least, size_t most);
Result<ControlType> check_type(const wire::Value& type);
bool is_other_type(std::string_view type);  // a kind of policy that AWS has and Gatehouse has not
Result<std::vector<account::Tag>> check_tags(const wire::Value& tags);

wire::Value organization_value(const Org& org, const Organization& organization);
wire::Value root_value(const Organization& organization);
wire::Value unit_value(const OrganizationNode& unit);
wire::Value account_value(const OrganizationNode& account);
wire::Value policy_summary(const ControlPolicy& policy);
wire::Value policy_value(const ControlPolicy& policy);
wire::Value request_value(const account::AccountRequest& request);
wire::Value handshake_value(const Org& org, const Organization& organization,
                            const account::Handshake& handshake);

// MaxResults and NextToken; a token tells how many came before.
template <typename Items, typename Render>
Result<wire::Value> page(const Call& call, const Items& items, wire::Member member, Render render) {
  const std::int64_t limit = call.in[m::MaxResults].number(20);
  if (limit < 1) return error::invalid("MIN_VALUE_EXCEEDED");
  if (limit > 20) return error::invalid("MAX_VALUE_EXCEEDED");
  size_t from = 0;
  if (const wire::Value& token = call.in[m::NextToken]; token) {
    const auto text = unbase64url(token.text());
    const bool digits = text && !text->empty() && text->size() < 9 &&
                        text->find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return error::invalid("INVALID_NEXT_TOKEN", "You provided an invalid next token.");
    from = std::min<size_t>(items.size(), std::stoul(*text));
  }
  const size_t to = std::min(items.size(), from + static_cast<size_t>(limit));
  wire::Value::List list;
  for (size_t i = from; i < to; ++i) list.push_back(render(items[i]));
  wire::Value out;
  out.set(member, std::move(list));
  if (to < items.size()) out.set(m::NextToken, base64url(std::to_string(to)));
  return out;
}

// organization.cc
Result<wire::Value> create_organization(Org& org, Call& call);
Result<wire::Value> describe_organization(Org& org, Call& call);
Result<wire::Value> delete_organization(Org& org, Call& call);
Result<wire::Value> list_roots(Org& org, Call& call);
Result<wire::Value> enable_policy_type(Org& org, Call& call);
Result<wire::Value> disable_policy_type(Org& org, Call& call);
Result<wire::Value> enable_service_access(Org& org, Call& call);
Result<wire::Value> disable_service_access(Org& org, Call& call);
Result<wire::Value> list_service_access(Org& org, Call& call);

// units.cc
Result<wire::Value> create_unit(Org& org, Call& call);
Result<wire::Value> describe_unit(Org& org, Call& call);
Result<wire::Value> update_unit(Org& org, Call& call);
Result<wire::Value> delete_unit(Org& org, Call& call);
Result<wire::Value> list_units_for_parent(Org& org, Call& call);
Result<wire::Value> list_accounts_for_parent(Org& org, Call& call);
Result<wire::Value> list_children(Org& org, Call& call);
Result<wire::Value> list_parents(Org& org, Call& call);

// accounts.cc
Result<wire::Value> create_account(Org& org, Call& call);
Result<wire::Value> describe_create_account_status(Org& org, Call& call);
Result<wire::Value> list_create_account_status(Org& org, Call& call);
Result<wire::Value> describe_account(Org& org, Call& call);
Result<wire::Value> list_accounts(Org& org, Call& call);
Result<wire::Value> move_account(Org& org, Call& call);
Result<wire::Value> close_account(Org& org, Call& call);
Result<wire::Value> remove_account(Org& org, Call& call);
Result<wire::Value> leave_organization(Org& org, Call& call);

// policies.cc
Result<wire::Value> create_policy(Org& org, Call& call);
Result<wire::Value> describe_policy(Org& org, Call& call);
Result<wire::Value> update_policy(Org& org, Call& call);
Result<wire::Value> delete_policy(Org& org, Call& call);
Result<wire::Value> list_policies(Org& org, Call& call);

// attachments.cc
Result<wire::Value> attach_policy(Org& org, Call& call);
Result<wire::Value> detach_policy(Org& org, Call& call);
Result<wire::Value> list_policies_for_target(Org& org, Call& call);
Result<wire::Value> list_targets_for_policy(Org& org, Call& call);
Result<wire::Value> describe_effective_policy(Org& org, Call& call);

// handshakes.cc
Result<wire::Value> invite_account(Org& org, Call& call);
Result<wire::Value> enable_all_features(Org& org, Call& call);
Result<wire::Value> describe_handshake(Org& org, Call& call);
Result<wire::Value> accept_handshake(Org& org, Call& call);
Result<wire::Value> decline_handshake(Org& org, Call& call);
Result<wire::Value> cancel_handshake(Org& org, Call& call);
Result<wire::Value> list_handshakes_for_account(Org& org, Call& call);
Result<wire::Value> list_handshakes_for_organization(Org& org, Call& call);

// tags.cc
Result<wire::Value> tag_resource(Org& org, Call& call);
Result<wire::Value> untag_resource(Org& org, Call& call);
Result<wire::Value> list_tags_for_resource(Org& org, Call& call);

}  // namespace gatehouse::service::organizations

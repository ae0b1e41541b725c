// Member accounts: made, moved, closed, let go.
#include <algorithm>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

using State = account::AccountRequest::State;

// AWS's default is 10; organizations are given more on request. Hitting 10 here would stop nobody's mistake.
constexpr size_t kAccounts = 5000;
bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

// [^\s@]+@[^\s@]+\.[^\s@]+
bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  const auto dot = text.rfind('.');
  return text.size() >= 6 && text.size() <= 64 && at != std::string_view::npos && at > 0 &&
         text.find('@', at + 1) == std::string_view::npos && dot != std::string_view::npos && dot > at + 1 &&
         dot + 1 < text.size() && text.find_first_of(" \t\r\n\f\v") == std::string_view::npos;
}

Result<account::AccountRequest> read_request(const Call& call, Random& random) {
  account::AccountRequest request;
  request.name = call.in[m::AccountName].text();
  request.email = call.in[m::Email].text();
  CHECK_OK(check_length(request.name, 1, 50));
  const bool printable =
      std::all_of(request.name.begin(), request.name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || !looks_like_email(request.email)) {
    return error::invalid("INVALID_PATTERN",
                          "You provided a value that does not match the required pattern.");
  }
  const std::string_view billing = call.in[m::IamUserAccessToBilling].text_or("ALLOW");
  if (billing != "ALLOW" && billing != "DENY") return error::invalid("INVALID_ENUM");
  request.id = account::organization_id(random, "car-", 32);
  request.requested = call.now();
  return request;
}

Result<std::string> role_name(const Call& call) {
  std::string name(call.in[m::RoleName].text_or("OrganizationAccountAccessRole"));
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), name_character))
    return error::invalid("INVALID_ROLE_NAME", "You provided a role name that isn't valid.");
  return name;
}

// By which the management account administers the new one.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
Result<void> make_access_role(Org& org, std::string_view account, std::string_view management,
                              std::string name, Time now) {
  account::Role role;
  role.account = account;
  role.name = std::move(name);
  role.path = "/";
  role.arn = fmt::format("arn:aws:iam::{}:role/{}", account, role.name);
  role.id = unique_id(org.random, id_prefix::kRole);
  role.created = now;
  role.trust.text = fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"sts:AssumeRole"}}]}})",
      management);
  TRY(role.trust.compiled, policy::compile(role.trust.text, policy::Kind::trust));
  role.grants.attached.emplace_back("arn:aws:iam::aws:policy/AdministratorAccess");
  CHECK_OK(org.directory.put(std::move(role)));
  return {};
}

bool email_taken(const Org& org, const Organization& o, std::string_view email, std::string_view request) {
  const auto accounts = org.directory.accounts();
  const bool by_account = std::any_of(accounts.begin(), accounts.end(),
                                      [&](const auto& account) { return account->email == email; });
  return by_account || std::any_of(o.requests.begin(), o.requests.end(), [&](const auto& other) {
           return other.second->email == email && other.second->state == State::in_progress &&
                  other.first != request;
         });
}

void finish(Organization& o, account::AccountRequest request, std::string_view failure, Time now) {
  request.state = failure.empty() ? State::succeeded : State::failed;
  request.failure = failure;
  request.completed = now;
  o.set(std::move(request));
}

Result<account::AccountRequest> begin_request(Org& org, Call& call) {
  TRY(account::AccountRequest request, read_request(call, org.random));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    if (o.accounts().size() >= kAccounts) {
      return error::constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                               "You attempted to exceed the limit on the number of accounts in an "
                               "organization.");
    }
    if (email_taken(org, o, request.email, request.id)) {
      finish(o, request, "EMAIL_ALREADY_EXISTS", call.now());
    } else {
      o.set(request);
    }
    return {};
  }));
  return request;
}

// The account, its role, and its place under the root, in this order: one that a crash left halfway is in no
// organization and is reached by nobody.
Result<void> make_account(Org& org, Call& call, account::AccountRequest request, std::string role,
                          const std::vector<account::Tag>& tags) {
  TRY(const auto organization, managed(org, call));
  TRY(const auto made, org.directory.create_account(request.name, request.email));
  CHECK_OK(make_access_role(org, made->id, call.account, std::move(role), call.now()));
  return org.organizations.change(organization->id, [&](Organization& o) -> Result<void> {
    OrganizationNode node = account::new_node(o, Kind::account, made->id, o.root, request.name);
    node.email = request.email;
    node.joined = call.now();
    node.tags = tags;
    o.set(std::move(node));
    account::AccountRequest done = request;
    done.account = made->id;
    finish(o, std::move(done), "", call.now());
    return {};
  });
}

Result<const OrganizationNode*> member(const Organization& o, std::string_view id) {
  const OrganizationNode* node = o.node(id);
  if (node == nullptr || node->kind != Kind::account) return error::account_not_found();
  return node;
}

// What an account leaves behind: nothing. Its open handshakes are void.
Result<void> let_go(Organization& o, std::string_view account) {
  TRY(const auto* node, member(o, account));
  if (node->id == o.management) {
    return fail("MasterCannotLeaveOrganizationException",
                "You can't remove a management account from an organization.");
  }
  o.nodes.erase(std::string(account));
  return {};
}

}  // namespace

// Asynchronous in AWS, and so in its answer; done when the answer is read.
Result<wire::Value> create_account(Org& org, Call& call) {
  TRY(std::string role, role_name(call));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  TRY(const account::AccountRequest request, begin_request(org, call));
  TRY(const auto organization, managed(org, call));
  const auto begun = organization->requests.find(request.id);
  if (begun != organization->requests.end() && begun->second->state == State::in_progress) {
    const auto made = make_account(org, call, request, std::move(role), tags);
    if (!made) {
      CHECK_OK(org.organizations.change(organization->id, [&](Organization& o) -> Result<void> {
        finish(o, request, "INTERNAL_FAILURE", call.now());
        return {};
      }));
    }
  }
  return wire::structure({{m::CreateAccountStatus, request_value(request)}});
}

Result<wire::Value> describe_create_account_status(Org& org, Call& call) {
  const std::string_view id = call.in[m::CreateAccountRequestId].text();
  CHECK_OK(check_id(id, Id::request));
  TRY(const auto organization, managed(org, call));
  const auto request = organization->requests.find(id);
  if (request == organization->requests.end()) {
    return fail("CreateAccountStatusNotFoundException",
                "You specified a create account request that doesn't exist.");
  }
  return wire::structure({{m::CreateAccountStatus, request_value(*request->second)}});
}

Result<wire::Value> list_create_account_status(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  std::vector<wire::Value> requests;
  const auto& states = call.in[m::States].list();
  for (const auto& [id, request] : organization->requests) {
    wire::Value shown = request_value(*request);
    const bool wanted = states.empty() || std::any_of(states.begin(), states.end(), [&](const auto& state) {
                          return state.text() == shown[m::State].text();
                        });
    if (wanted) requests.push_back(std::move(shown));
  }
  return page(call, requests, m::CreateAccountStatuses, [](const wire::Value& request) { return request; });
}

Result<wire::Value> describe_account(Org& org, Call& call) {
  const std::string_view id = call.in[m::AccountId].text();
  CHECK_OK(check_id(id, Id::account));
  TRY(const auto organization, managed(org, call));
  TRY(const auto* account, member(*organization, id));
  return wire::structure({{m::Account, account_value(*account)}});
}

Result<wire::Value> list_accounts(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  return page(call, organization->accounts(), m::Accounts,
              [](const OrganizationNode* account) { return account_value(*account); });
}

Result<wire::Value> move_account(Org& org, Call& call) {
  const std::string_view id = call.in[m::AccountId].text();
  const std::string_view from = call.in[m::SourceParentId].text();
  const std::string_view to = call.in[m::DestinationParentId].text();
  CHECK_OK(check_id(id, Id::account));
  CHECK_OK(check_id(from, Id::parent));
  CHECK_OK(check_id(to, Id::parent));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const auto* account, member(o, id));
    if (o.node(from) == nullptr)
      return fail("SourceParentNotFoundException",
                  "We can't find a source root or OU with the ParentId that you specified.");
    if (o.node(to) == nullptr)
      return fail("DestinationParentNotFoundException",
                  "We can't find the destination container (a root or OU) with the ParentId that you "
                  "specified.");
    if (account->parent != from) return error::account_not_found();
    if (from == to)
      return fail("DuplicateAccountException",
                  "That account is already present in the specified destination.");
    OrganizationNode moved = *account;
    moved.parent = to;
    o.set(std::move(moved));
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> close_account(Org& org, Call& call) {
  const std::string_view id = call.in[m::AccountId].text();
  CHECK_OK(check_id(id, Id::account));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const auto* account, member(o, id));
    if (account->id == o.management)
      return error::constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
                               "You attempted to close the management account.");
    if (!o.all_features)
      return error::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                               "You attempted to perform an operation that requires the organization to be "
                               "configured to support all features.");
    if (account->suspended)
      return fail("AccountAlreadyClosedException",
                  "You attempted to close an account that is already closed.");
    OrganizationNode closed = *account;
    closed.suspended = true;
    o.set(std::move(closed));
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> remove_account(Org& org, Call& call) {
  const std::string_view id = call.in[m::AccountId].text();
  CHECK_OK(check_id(id, Id::account));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const auto* account, member(o, id));
    if (account->suspended)
      return error::constraint("ACCOUNT_CANNOT_LEAVE_ORGANIZATION",
                               "A closed account stays in its organization.");
    return let_go(o, id);
  }));
  return wire::Value();
}

Result<wire::Value> leave_organization(Org& org, Call& call) {
  TRY(const auto organization, own(org, call));
  CHECK_OK(org.organizations.change(
      organization->id, [&](Organization& o) -> Result<void> { return let_go(o, call.account); }));
  return wire::Value();
}

}  // namespace gatehouse::service::organizations

// Invitations, and the consent that all features need.
#include <algorithm>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

using account::Handshake;

// An invitation is open for 15 days, a request for all features for 90.
constexpr std::chrono::hours kInvitation{15 * 24};
constexpr std::chrono::hours kAllFeatures{90 * 24};
constexpr std::string_view kInvite = "INVITE";
constexpr std::string_view kEnable = "ENABLE_ALL_FEATURES";
constexpr std::string_view kApprove = "APPROVE_ALL_FEATURES";

std::unexpected<Error> not_found() {
  return fail("HandshakeNotFoundException",
              "We can't find a handshake with the HandshakeId that you specified.");
}

std::unexpected<Error> handshake_constraint(std::string reason, std::string message) {
  return error::with_reason("HandshakeConstraintViolationException", std::move(message), std::move(reason));
}

// As it is now: time runs out by itself.
Handshake at(Handshake h, Time now) {
  if (h.open() && now >= h.expires) h.state = "EXPIRED";
  return h;
}

Handshake new_handshake(const Organization& o, std::string_view action, std::string account, Time now,
                        Random& random) {
  Handshake h;
  h.id = account::organization_id(random, "h-", 32);
  std::string word(action);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  h.arn = o.arn_of("handshake", fmt::format("{}/{}", word, h.id));
  h.action = action;
  h.state = "OPEN";
  h.account = std::move(account);
  h.requested = now;
  h.expires = now + (action == kInvite ? kInvitation : kAllFeatures);
  return h;
}

struct Found {
  OrganizationPtr organization;
  std::shared_ptr<const Handshake> handshake;
};

// The call's handshake, if the caller is a party to it.
Result<Found> handshake_of(const Org& org, const Call& call) {
  const std::string_view id = call.in[m::HandshakeId].text();
  CHECK_OK(check_id(id, Id::handshake));
  for (const auto& organization : org.organizations.all()) {
    const auto it = organization->handshakes.find(id);
    if (it == organization->handshakes.end()) continue;
    if (call.account != organization->management && call.account != it->second->account)
      return error::access_denied();
    return Found{organization, it->second};
  }
  return not_found();
}

// From open to `state`, or why not.
Result<void> settle(Organization& o, std::string_view id, std::string_view state, Time now) {
  const auto it = o.handshakes.find(id);
  if (it == o.handshakes.end()) return not_found();
  Handshake h = at(*it->second, now);
  if (h.state == state) {
    return fail("HandshakeAlreadyInStateException",
                "The specified handshake is already in the requested state.");
  }
  if (!h.open() || (h.action == kEnable && state == "ACCEPTED" && h.state == "REQUESTED")) {
    return fail("InvalidHandshakeTransitionException",
                "You can't perform the operation on the handshake in its current state.");
  }
  h.state = state;
  o.set(std::move(h));
  return {};
}

wire::Value shown(const Org& org, std::string_view organization, std::string_view id, Time now) {
  const auto o = org.organizations.find(organization);
  return wire::structure(
      {{m::Handshake, handshake_value(org, *o, at(*o->handshakes.find(id)->second, now))}});
}

std::unexpected<Error> member_elsewhere() {
  return handshake_constraint("ALREADY_IN_AN_ORGANIZATION",
                              "The handshake request is invalid because the invited account is already a "
                              "member of an organization.");
}

Result<void> accept_invitation(Org& org, const Call& call, const Found& found) {
  const auto account = org.directory.account(call.account);
  if (account == nullptr) return internal_failure();
  const auto admitted =
      org.organizations.admit(found.organization->id, call.account, [&](Organization& o) -> Result<void> {
        CHECK_OK(settle(o, found.handshake->id, "ACCEPTED", call.now()));
        OrganizationNode node = account::new_node(o, Kind::account, account->id, o.root, account->name);
        node.email = account->email;
        node.invited = true;
        node.joined = call.now();
        node.tags = found.handshake->tags;
        o.set(std::move(node));
        return {};
      });
  if (!admitted && admitted.error().code == store::kConflict) return member_elsewhere();
  return admitted;
}

// The last to approve opens the request to the management account, which then finishes it.
Result<void> accept_features(Organization& o, const Handshake& accepted, Time now) {
  CHECK_OK(settle(o, accepted.id, "ACCEPTED", now));
  if (accepted.action == kEnable) {
    o.all_features = true;
    return {};
  }
  const bool all = std::all_of(o.handshakes.begin(), o.handshakes.end(), [&](const auto& other) {
    return other.second->parent != accepted.parent || other.second->state == "ACCEPTED";
  });
  const auto parent = o.handshakes.find(accepted.parent);
  if (!all || parent == o.handshakes.end() || parent->second->state != "REQUESTED") return {};
  Handshake open = *parent->second;
  open.state = "OPEN";
  o.set(std::move(open));
  return {};
}

Result<wire::Value> end(Org& org, Call& call, std::string_view state, bool by_organization) {
  TRY(const Found found, handshake_of(org, call));
  const bool organization = call.account == found.organization->management;
  if (organization != by_organization) return error::access_denied();
  CHECK_OK(org.organizations.change(found.organization->id, [&](Organization& o) -> Result<void> {
    return settle(o, found.handshake->id, state, call.now());
  }));
  return shown(org, found.organization->id, found.handshake->id, call.now());
}

Result<std::string> invited_account(const Org& org, const wire::Value& target) {
  const std::string_view type = target[m::Type].text();
  const std::string_view id = target[m::Id].text();
  for (const auto& account : org.directory.accounts()) {
    if ((type == "ACCOUNT" && account->id == id) || (type == "EMAIL" && account->email == id))
      return account->id;
  }
  if (type == "EMAIL")
    return error::invalid("INVALID_EMAIL_ADDRESS_TARGET",
                          "You specified an invalid email address for the invited account owner.");
  return error::invalid(
      "INVALID_PARTY_TYPE_TARGET",
      "You specified the wrong type of entity (account, organization, or email) as a party.");
}

bool wanted(const Handshake& h, const wire::Value& filter) {
  const std::string_view action = filter[m::ActionType].text();
  const std::string_view parent = filter[m::ParentHandshakeId].text();
  return (action.empty() || h.action == action) && (parent.empty() || h.parent == parent);
}

}  // namespace

Result<wire::Value> invite_account(Org& org, Call& call) {
  CHECK_OK(check_length(call.in[m::Notes].text(), 0, 1024));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  TRY(const auto organization, managed(org, call));
  TRY(const std::string invited, invited_account(org, call.in[m::Target]));
  if (org.organizations.of_account(invited) != nullptr) return member_elsewhere();
  std::string id;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    const bool again = std::any_of(o.handshakes.begin(), o.handshakes.end(), [&](const auto& other) {
      return other.second->action == kInvite && other.second->account == invited &&
             at(*other.second, call.now()).open();
    });
    if (again)
      return fail("DuplicateHandshakeException",
                  "A handshake with the same action and target already exists.");
    Handshake h = new_handshake(o, kInvite, invited, call.now(), org.random);
    h.notes = call.in[m::Notes].text();
    h.tags = tags;
    id = h.id;
    o.set(std::move(h));
    return {};
  }));
  return shown(org, organization->id, id, call.now());
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAllFeatures.html
Result<wire::Value> enable_all_features(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  std::string id;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    if (o.all_features)
      return handshake_constraint("ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
                                  "The handshake request is invalid because the organization has already "
                                  "enabled all features.");
    const bool pending = std::any_of(o.handshakes.begin(), o.handshakes.end(), [&](const auto& other) {
      return other.second->action == kEnable && at(*other.second, call.now()).open();
    });
    if (pending)
      return handshake_constraint("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
                                  "The handshake request is invalid because the organization has already "
                                  "started the process to enable all features.");
    Handshake request = new_handshake(o, kEnable, "", call.now(), org.random);
    id = request.id;
    for (const OrganizationNode* account : o.accounts()) {
      if (!account->invited || account->id == o.management) continue;
      Handshake approval = new_handshake(o, kApprove, account->id, call.now(), org.random);
      approval.parent = id;
      request.state = "REQUESTED";
      o.set(std::move(approval));
    }
    o.set(std::move(request));
    return {};
  }));
  return shown(org, organization->id, id, call.now());
}

Result<wire::Value> describe_handshake(Org& org, Call& call) {
  TRY(const Found found, handshake_of(org, call));
  return shown(org, found.organization->id, found.handshake->id, call.now());
}

Result<wire::Value> accept_handshake(Org& org, Call& call) {
  TRY(const Found found, handshake_of(org, call));
  const Handshake& h = *found.handshake;
  if (call.account != (h.action == kEnable ? found.organization->management : h.account))
    return error::access_denied();
  if (h.action == kInvite) {
    CHECK_OK(accept_invitation(org, call, found));
  } else {
    CHECK_OK(org.organizations.change(found.organization->id, [&](Organization& o) -> Result<void> {
      return accept_features(o, h, call.now());
    }));
  }
  return shown(org, found.organization->id, h.id, call.now());
}

Result<wire::Value> decline_handshake(Org& org, Call& call) { return end(org, call, "DECLINED", false); }
Result<wire::Value> cancel_handshake(Org& org, Call& call) { return end(org, call, "CANCELED", true); }

Result<wire::Value> list_handshakes_for_account(Org& org, Call& call) {
  std::vector<wire::Value> out;
  for (const auto& organization : org.organizations.all()) {
    for (const auto& [id, handshake] : organization->handshakes) {
      if (handshake->account != call.account || !wanted(*handshake, call.in[m::Filter])) continue;
      out.push_back(handshake_value(org, *organization, at(*handshake, call.now())));
    }
  }
  return page(call, out, m::Handshakes, [](const wire::Value& h) { return h; });
}

Result<wire::Value> list_handshakes_for_organization(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  std::vector<wire::Value> out;
  for (const auto& [id, handshake] : organization->handshakes) {
    if (wanted(*handshake, call.in[m::Filter]))
      out.push_back(handshake_value(org, *organization, at(*handshake, call.now())));
  }
  return page(call, out, m::Handshakes, [](const wire::Value& h) { return h; });
}

}  // namespace gatehouse::service::organizations

#include "policy/decide/layers.h"

#include "base/arn.h"
#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

bool belongs_to_account(const Principal& who) {
  return who.type == PrincipalType::root || who.type == PrincipalType::user ||
         who.type == PrincipalType::assumed_role || who.type == PrincipalType::federated_user;
}

bool is_service_linked_role(const Principal& who) {
  return who.type == PrincipalType::assumed_role &&
         who.role_arn.find(":role/aws-service-role/") != who.role_arn.npos;
}

bool is_arn_of(std::string_view resource, std::string_view service, std::string_view type) {
  const ArnText arn(resource);
  return arn.is_arn && arn.part(2) == service && arn.part(5).starts_with(type);
}

bool begins(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Whether an action is of a service of three letters: asked several times of every request, hence in one
// word.
bool is_of(std::string_view action, std::string_view service) {
  constexpr std::uint64_t kCase = 0x00202020;  // of the letters, not of the colon
  return action.size() > 4 && (load_tail(action.data(), 4) | kCase) == (load_tail(service.data(), 4) | kCase);
}

bool is_of_sts(const Request& request) { return is_of(request.action, "sts:"); }

bool is_trust_question(const Request& request) {
  if (!is_of_sts(request)) return false;
  const std::string_view a = request.action;
  const bool assumes = begins(a, "sts:AssumeRole") || equal_ignoring_case(a, "sts:TagSession") ||
                       equal_ignoring_case(a, "sts:SetSourceIdentity") ||
                       equal_ignoring_case(a, "sts:SetContext");
  return assumes && is_arn_of(request.resource, "iam", "role/");
}

bool gets_session_token(const Request& request) {
  return (request.principal.type == PrincipalType::user || request.principal.type == PrincipalType::root) &&
         is_of_sts(request) && equal_ignoring_case(request.action, "sts:GetSessionToken");
}

std::string_view owner(const Request& request, const ArnText& resource) {
  if (!request.resource_account.empty()) return request.resource_account;
  return resource.is_arn && is_account_id(resource.part(4)) ? resource.part(4) : request.principal.account;
}

// Walks the layers in the order in which AWS names the one that denied.
class Combiner {
 public:
  Combiner(const Query& query, const PolicyView& policies, const Verdicts& verdicts)
      : request_(query.request),
        resource_(query.resource),
        policies_(policies),
        v_(verdicts),
        own_(own_grant(policies, verdicts.resource)),
        layer_(resource_layer(request_, policies.resource)) {}

  Decision run() const {
    if (v_.scp.denies) return struck(v_.scp, Layer::scp);
    if (v_.rcp.denies) return struck(v_.rcp, Layer::rcp);
    if (v_.endpoint.denies) return struck(v_.endpoint, Layer::endpoint);
    if (v_.resource.denies) return struck(v_.resource, layer_);
    if (v_.identity.denies) return struck(v_.identity, Layer::identity);
    if (v_.boundary.denies) return struck(v_.boundary, Layer::boundary);
    if (v_.session.denies) return struck(v_.session, Layer::session);
    if (needs_no_permission(request_)) return {Outcome::allowed, Layer::identity, false, {}};
    // "No permissions are required for users to perform this operation"
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    if (gets_session_token(request_)) return {Outcome::allowed, Layer::identity, false, {}};
    if (v_.scp.present && !v_.scp.allows) return denied(Layer::scp);
    if (v_.endpoint.present && !v_.endpoint.allows) return denied(Layer::endpoint);
    if (!belongs_to_account(request_.principal)) return stranger();
    return request_.principal.account == owner(request_, resource_) ? same_account() : cross_account();
  }

 private:
  static Decision struck(const LayerVerdict& verdict, Layer layer) {
    return {Outcome::explicitly_denied, layer, true, verdict.deny};
  }

  static Decision denied(Layer layer) { return {Outcome::implicitly_denied, layer, false, {}}; }

  // What the resource itself grants: by its policy, or by the list beside it.
  struct OwnGrant {
    Closeness closeness = Closeness::none;
    bool by_policy = false;
  };
  static OwnGrant own_grant(const PolicyView& policies, const LayerVerdict& policy) {
    const Closeness by_policy = policy.allows && !policies.only_denies ? policy.closeness : Closeness::none;
    const Closeness by_list = policies.listed == Granted::to_everyone  ? Closeness::self
                              : policies.listed == Granted::to_account ? Closeness::account
                                                                       : Closeness::none;
    return by_list > by_policy ? OwnGrant{by_list, false} : OwnGrant{by_policy, by_policy != Closeness::none};
  }

  Decision granted_by_resource() const {
    return {Outcome::allowed, layer_, own_.by_policy, own_.by_policy ? v_.resource.allow : StatementRef{}};
  }

  // Anonymous, AWS services, web identities: nothing speaks for them but the resource's policy.
  Decision stranger() const {
    return own_.closeness == Closeness::self ? granted_by_resource() : denied(layer_);
  }

  Decision same_account() const {
    if (must_allow_itself(request_, policies_.resource) && !v_.resource.allows) return denied(layer_);
    if (own_.closeness == Closeness::self) return granted_by_resource();
    const bool identity_needed = own_.closeness != Closeness::role;
    if (identity_needed && !identity_allows()) return denied(Layer::identity);
    if (const auto layer = caller_limit()) return denied(*layer);
    return identity_needed ? granted_by_identity() : granted_by_resource();
  }

  Decision cross_account() const {
    if (own_.closeness == Closeness::none) return denied(layer_);
    if (!identity_allows()) return denied(Layer::identity);
    if (const auto layer = caller_limit()) return denied(*layer);
    return granted_by_identity();
  }

  Decision granted_by_identity() const {
    return {Outcome::allowed, Layer::identity, v_.identity.allows, v_.identity.allow};
  }

  // "the exception of the AWS account root user, which has full access"
  bool identity_allows() const {
    return request_.principal.type == PrincipalType::root || v_.identity.allows;
  }

  // A federated user without a session policy has nothing but what resource policies give it.
  std::optional<Layer> caller_limit() const {
    if (v_.boundary.present && !v_.boundary.allows) return Layer::boundary;
    if (v_.session.present && !v_.session.allows) return Layer::session;
    if (!v_.session.present && request_.principal.type == PrincipalType::federated_user)
      return Layer::session;
    return std::nullopt;
  }

  const Request& request_;
  const ArnText& resource_;
  const PolicyView& policies_;
  const Verdicts& v_;
  OwnGrant own_;
  Layer layer_;
};

}  // namespace

PolicyView applicable(const Request& request, const PolicyView& policies) {
  PolicyView view = policies;
  const bool organization = view.scp.data() != nullptr || view.rcp.data() != nullptr;
  if (organization && is_service_linked_role(request.principal)) view.scp = view.rcp = {};
  if (!belongs_to_account(request.principal)) {
    view.identity = view.boundary = view.session = {};
    view.scp = {};
  }
  if (needs_no_permission(request)) view = {};
  return view;
}

Kind resource_policy_kind(const Request& request) {
  if (is_trust_question(request)) return Kind::trust;
  return is_of(request.action, "kms:") && is_arn_of(request.resource, "kms", "key/") ? Kind::key
                                                                                     : Kind::resource;
}

Layer resource_layer(const Request& request, const Compiled* resource) {
  const bool trust = resource != nullptr ? resource->kind() == Kind::trust : is_trust_question(request);
  return trust ? Layer::trust : Layer::resource;
}

bool must_allow_itself(const Request& request, const Compiled* resource) {
  if (resource != nullptr && (resource->kind() == Kind::trust || resource->kind() == Kind::key)) return true;
  return resource_policy_kind(request) != Kind::resource;
}

bool needs_no_permission(const Request& request) {
  return is_of_sts(request) && belongs_to_account(request.principal) &&
         equal_ignoring_case(request.action, "sts:GetCallerIdentity");
}

Decision combine(const Query& query, const PolicyView& policies, const Verdicts& verdicts) {
  return Combiner(query, policies, verdicts).run();
}

const Compiled& policy_at(const PolicyView& view, const StatementRef& at) {
  const auto in_levels = [&](std::span<const std::span<const Compiled* const>> levels) -> const Compiled& {
    std::size_t index = at.policy, level = 0;
    while (index >= levels[level].size()) index -= levels[level++].size();
    return *levels[level][index];
  };
  switch (at.layer) {
    case Layer::scp:
      return in_levels(view.scp);
    case Layer::rcp:
      return in_levels(view.rcp);
    case Layer::endpoint:
      return *view.endpoint[at.policy];
    case Layer::identity:
      return *view.identity[at.policy];
    case Layer::boundary:
      return *view.boundary[at.policy];
    case Layer::session:
      return *view.session[at.policy];
    case Layer::resource:
    case Layer::trust:
      break;
  }
  return *view.resource;
}

}  // namespace gatehouse::policy

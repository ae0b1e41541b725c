#include "service/eks_auth/eks_auth.h"

#include <fmt/format.h>

#include "identity/token/jwt.h"
#include "kube/access/tokens.h"
#include "model/eks-auth.h"
#include "service/eks/identity/pod_identities.h"

namespace gatehouse::service::eks_auth {
namespace {

namespace m = model::eks_auth;
using wire::structure;
using wire::Value;

constexpr std::string_view kAudience = "pods.eks.amazonaws.com";
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
constexpr std::chrono::hours kLifetime{6};
constexpr std::chrono::hours kChained{1};  // of a role that the association's role assumes
constexpr size_t kLongestSessionName = 64;

std::unexpected<Error> denied(std::string message) {
  return fail("AccessDeniedException", std::move(message), 400);
}

struct Pod {
  std::string ns, service_account;
  eks::PodName name;
};

std::string extra(const kube::User& user, const std::string& key) {
  const auto it = user.extra.find(key);
  return it == user.extra.end() || it->second.empty() ? "" : it->second.front();
}

// The service account and the pod that the token is for.
Result<Pod> read_token(const kube::Cluster& cluster, std::string_view token, Time now) {
  const auto jwt = identity::Jwt::read(token);
  if (!jwt) return fail("InvalidTokenException", "The token cannot be parsed.");
  const auto user = kube::verify_token(cluster, token, {std::string(kAudience)}, now);
  if (!user) {
    if (const auto& expires = jwt->unverified().expires; expires && *expires <= now)
      return fail("ExpiredTokenException", "The token has expired.");
    return fail("InvalidTokenException", fmt::format("The token is not valid: {}", user.error()));
  }
  constexpr std::string_view kPrefix = "system:serviceaccount:";
  const std::string_view name = std::string_view(user->name).substr(kPrefix.size());
  const auto colon = name.find(':');
  Pod pod{std::string(name.substr(0, colon)), std::string(name.substr(colon + 1)), {}};
  pod.name.name = extra(*user, "authentication.kubernetes.io/pod-name");
  pod.name.uid = extra(*user, "authentication.kubernetes.io/pod-uid");
  return pod;
}

// eks-CLUSTER-POD-UUID, of which the UUID stays whole.
std::string session_name(const eks::Cluster& cluster, const Pod& pod, Random& random) {
  const std::string id = random.uuid();
  std::string name = fmt::format("eks-{}", cluster.name);
  if (!pod.name.name.empty()) name += fmt::format("-{}", pod.name.name);
  if (name.size() > kLongestSessionName - id.size() - 1) name.resize(kLongestSessionName - id.size() - 1);
  return fmt::format("{}-{}", name, id);
}

account::Session new_session(const EksAuth& auth, const account::Role& role, std::string name,
                             std::vector<account::Tag> tags, Time now) {
  account::Session session;
  Random& random = auth.eks.rooms().random;
  session.access_key_id = access_key_id(random, id_prefix::kTemporaryKey);
  session.secret = random.secret(40);
  session.account = role.account;
  session.role = role.name;
  session.owner_id = role.id;
  session.name = std::move(name);
  session.issued = now;
  session.expires = now + kLifetime;
  for (const auto& [key, value] : tags) session.transitive_tags.push_back(key);
  session.tags = std::move(tags);
  return session;
}

// The role of another account, perhaps, that the association's role assumes for the pod.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
Result<std::shared_ptr<const account::Role>> assume_target(const EksAuth& auth, Call& call,
                                                           const eks::PodIdentity& identity,
                                                           account::Session& session,
                                                           const account::Role& first) {
  const auto& rooms = auth.eks.rooms();
  const auto target = eks::find_role(auth.eks, identity.target_role);
  const auto caller = account::session_caller(std::make_shared<const account::Session>(session), first);
  account::Requirement assume;
  assume.resource = identity.target_role;
  if (target != nullptr) {
    assume.resource_account = target->account;
    assume.resource_policy = target->trust.compiled;
  }
  assume.key("sts:ExternalId", identity.external_id);
  assume.request_tags(session.tags);
  std::vector<std::string_view> actions{"sts:AssumeRole"};
  if (!session.tags.empty()) actions.emplace_back("sts:TagSession");
  for (const auto action : actions) {
    assume.action = action;
    const auto verdict = rooms.gate.check(caller, call.circumstances, assume, {});
    call.decisions.push_back(verdict.record);
    if (target == nullptr || !verdict.decision.allowed()) return denied(verdict.message);
  }
  session.account = target->account;
  session.role = target->name;
  session.owner_id = target->id;
  session.expires = session.issued + kChained;
  return target;
}

Value answer(const EksAuth& auth, const eks::Cluster& cluster, const eks::PodIdentity& identity,
             const account::Session& session, const account::Role& role) {
  return structure(
      {{m::subject, structure({{m::namespace_, identity.ns}, {m::serviceAccount, identity.service_account}})},
       {m::audience, kAudience},
       {m::podIdentityAssociation,
        structure({{m::associationArn, eks::arn_of(cluster, identity)}, {m::associationId, identity.id}})},
       {m::assumedRoleUser, structure({{m::arn, account::session_arn(session, role)},
                                       {m::assumeRoleId, account::session_user_id(session, role)}})},
       {m::credentials, structure({{m::accessKeyId, session.access_key_id},
                                   {m::secretAccessKey, session.secret},
                                   {m::sessionToken, auth.sessions.seal(session)},
                                   {m::expiration, session.expires}})}});
}

Result<Value> assume_role_for_pod_identity(EksAuth& auth, Call& call) {
  const auto& rooms = auth.eks.rooms();
  const std::string_view name = call.in[m::clusterName].text();
  TRY(const auto cluster, auth.eks.find(call.account, call.region, name));
  const auto kube = cluster ? rooms.clusters.by_hex(cluster->hex) : nullptr;
  if (kube == nullptr)
    return fail("ResourceNotFoundException", fmt::format("No cluster found for name: {}.", name), 404);
  TRY(const auto pod, read_token(*kube, call.in[m::token].text(), call.now()));
  TRY(const auto identity, eks::find_pod_identity(auth.eks, *cluster, pod.ns, pod.service_account));
  if (!identity) {
    return fail("ResourceNotFoundException",
                fmt::format("No association found for service account {} of namespace {}.",
                            pod.service_account, pod.ns),
                404);
  }
  auto role = eks::find_role(auth.eks, identity->role);
  auto tags = eks::session_tags(*cluster, *identity, pod.name);
  if (role == nullptr || !eks::trusts_pods(auth.eks, call, *role, *cluster, tags)) {
    return denied(
        fmt::format("Unable to assume role {}: it does not exist, or its trust policy does not let "
                    "EKS Pod Identity assume it.",
                    identity->role));
  }
  auto session =
      new_session(auth, *role, session_name(*cluster, pod, rooms.random), std::move(tags), call.now());
  if (!identity->target_role.empty()) {
    TRY(role, assume_target(auth, call, *identity, session, *role));
  }
  if (!identity->policy.empty()) {
    session.has_session_policy = true;
    session.policies.push_back(identity->policy);
  }
  return answer(auth, *cluster, *identity, session, *role);
}

Result<Requirements> at_cluster(EksAuth& auth, Call& call) {
  const std::string_view name = call.in[m::clusterName].text();
  TRY(const auto cluster, auth.eks.find(call.account, call.region, name));
  account::Requirement r;
  r.resource = eks::cluster_arn(call.account, call.region, name);
  if (cluster) r.resource_tags({cluster->tags.begin(), cluster->tags.end()});
  return Requirements{std::move(r)};
}

const Row<EksAuth> kRows[] = {
    {"AssumeRoleForPodIdentity", assume_role_for_pod_identity, resolved<EksAuth>(at_cluster)},
};

}  // namespace

Service make_service(EksAuth& eks_auth) {
  return Service("eks-auth", eks_auth, std::span<const Row<EksAuth>>(kRows));
}

}  // namespace gatehouse::service::eks_auth

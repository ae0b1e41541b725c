// GetAccountAuthorizationDetails: everything that says who may do what, in pages.
//
// A page renders only what is on it; what roles need of instance profiles is gathered once a call.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
#include <unordered_map>
#include <variant>

#include "service/iam/account/account.h"
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

template <typename T>
using Ptr = std::shared_ptr<const T>;
using Entity =
    std::variant<Ptr<account::User>, Ptr<account::Group>, Ptr<account::Role>, Ptr<account::ManagedPolicy>>;

class Details {
 public:
  Details(const Iam& iam, const Call& call)
      : iam_(iam), call_(call), uses_(iam.directory.all_uses(call.account)) {}

  Result<wire::Value> run() {
    CHECK_OK(read_filter());
    gather();
    TRY(const Page page, page_of(call_, entities_.size()));
    for (size_t i = page.from; i < page.to; ++i) std::visit([&](const auto& e) { add(*e); }, entities_[i]);
    wire::Value out = wire::structure({{m::UserDetailList, std::move(users_)},
                                       {m::GroupDetailList, std::move(groups_)},
                                       {m::RoleDetailList, std::move(roles_)},
                                       {m::Policies, std::move(policies_)}});
    page.finish(out);
    return out;
  }

 private:
  static constexpr std::string_view kKinds[] = {"User", "Role", "Group", "LocalManagedPolicy",
                                                "AWSManagedPolicy"};

  Result<void> read_filter() {
    for (const wire::Value& v : call_.in[m::Filter].list()) {
      if (std::find(std::begin(kKinds), std::end(kKinds), v.text()) == std::end(kKinds)) {
        return error::not_one_of(v.text(), "filter.1.member",
                                 "User, Role, Group, LocalManagedPolicy, AWSManagedPolicy");
      }
      filter_.emplace_back(v.text());
    }
    return {};
  }

  bool wanted(std::string_view kind) const {
    return filter_.empty() || std::find(filter_.begin(), filter_.end(), kind) != filter_.end();
  }

  template <typename T>
  void gather_all(std::string_view kind) {
    if (!wanted(kind)) return;
    for (auto& entity : iam_.directory.list<T>(call_.account)) entities_.emplace_back(std::move(entity));
  }

  void gather() {
    gather_all<account::User>("User");
    gather_all<account::Group>("Group");
    gather_all<account::Role>("Role");
    gather_all<account::ManagedPolicy>("LocalManagedPolicy");
    if (wanted("AWSManagedPolicy")) {  // those in use
      std::map<std::string, Ptr<account::ManagedPolicy>> used;
      for (const auto& [arn, _] : uses_) {
        auto policy = iam_.directory.policy(arn);
        if (policy && policy->account == account::kAwsAccount) used[policy->arn] = std::move(policy);
      }
      for (auto& [_, policy] : used) entities_.emplace_back(std::move(policy));
    }
    if (wanted("Role")) {
      for (const auto& profile : iam_.directory.list<account::InstanceProfile>(call_.account))
        if (!profile->role.empty()) profiles_[profile->role].push_back(profile);
    }
  }

  static wire::Value inline_policies(const account::Grants& grants) {
    wire::Value::List list;
    for (const auto& [name, document] : grants.inline_policies)
      list.push_back(wire::structure({{m::PolicyName, name}, {m::PolicyDocument, encoded(document)}}));
    return list;
  }

  wire::Value attached(const account::Grants& grants) const {
    wire::Value::List list;
    for (const std::string& arn : grants.attached) {
      if (const auto policy = iam_.directory.policy(arn)) list.push_back(attached_value(*policy));
    }
    return list;
  }

  void add(const account::User& user) {
    wire::Value::List groups;
    for (const auto& group : groups_of(iam_, user)) groups.emplace_back(group->name);
    wire::Value out = user_value(user);
    out.set(m::UserPolicyList, inline_policies(user.grants)).set(m::GroupList, std::move(groups));
    out.set(m::AttachedManagedPolicies, attached(user.grants)).set(m::Tags, tags_value(user.tags));
    users_.push_back(std::move(out));
  }

  void add(const account::Group& group) {
    wire::Value out = group_value(group);
    out.set(m::GroupPolicyList, inline_policies(group.grants));
    out.set(m::AttachedManagedPolicies, attached(group.grants));
    groups_.push_back(std::move(out));
  }

  void add(const account::Role& role) {
    wire::Value::List profiles;
    if (const auto it = profiles_.find(role.id); it != profiles_.end()) {
      for (const auto& profile : it->second) profiles.push_back(instance_profile_value(iam_, *profile));
    }
    roles_.push_back(wire::structure({{m::Path, role.path},
                                      {m::RoleName, role.name},
                                      {m::RoleId, role.id},
                                      {m::Arn, role.arn},
                                      {m::CreateDate, role.created},
                                      {m::AssumeRolePolicyDocument, encoded_trust(iam_, role)},
                                      {m::InstanceProfileList, std::move(profiles)},
                                      {m::RolePolicyList, inline_policies(role.grants)},
                                      {m::AttachedManagedPolicies, attached(role.grants)},
                                      {m::PermissionsBoundary, boundary_value(role.grants)},
                                      {m::Tags, tags_value(role.tags)},
                                      {m::RoleLastUsed, role_last_used(iam_, role)}}));
  }

  void add(const account::ManagedPolicy& policy) {
    const auto it = uses_.find(policy.arn);
    wire::Value::List versions;
    for (auto v = policy.versions.rbegin(); v != policy.versions.rend(); ++v)
      versions.push_back(version_value(policy, *v, true));
    wire::Value out = policy_value(policy, it == uses_.end() ? account::Directory::Uses() : it->second, true);
    if (!policy.description.empty()) out.set(m::Description, policy.description);
    out.set(m::PolicyVersionList, std::move(versions));
    policies_.push_back(std::move(out));
  }

  const Iam& iam_;
  const Call& call_;
  std::unordered_map<std::string, account::Directory::Uses> uses_;
  std::vector<std::string> filter_;
  std::vector<Entity> entities_;
  std::unordered_map<std::string, std::vector<Ptr<account::InstanceProfile>>> profiles_;
  wire::Value::List users_, groups_, roles_, policies_;
};

}  // namespace

Result<wire::Value> get_account_authorization_details(Iam& iam, Call& call) {
  return Details(iam, call).run();
}

}  // namespace gatehouse::service::iam

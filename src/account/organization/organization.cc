#include "account/organization/organization.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::account {
namespace {

constexpr std::string_view kAllowsAll[] = {
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})",
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})"};

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
std::shared_ptr<const ControlPolicy> managed_policy(ControlType type) {
  const bool scp = type == ControlType::scp;
  ControlPolicy p;
  p.id = full_access(type);
  p.arn = fmt::format("arn:aws:organizations::aws:policy/{}/{}", arn_word(type), p.id);
  p.name = scp ? "FullAWSAccess" : "RCPFullAWSAccess";
  p.description = scp ? "Allows access to every operation" : "Allows access to every resource";
  p.type = type;
  p.aws_managed = true;
  p.document.text = kAllowsAll[static_cast<size_t>(type)];
  p.document.compiled = *policy::compile(p.document.text, scp ? policy::Kind::scp : policy::Kind::rcp);
  return std::make_shared<const ControlPolicy>(std::move(p));
}

template <typename T>
const T* found(const Organization::Parts<T>& parts, std::string_view id) {
  const auto it = parts.find(id);
  return it == parts.end() ? nullptr : it->second.get();
}

template <typename T>
void put(Organization::Parts<T>& parts, T part) {
  const std::string id = part.id;
  parts[id] = std::make_shared<const T>(std::move(part));
}

}  // namespace

std::string_view to_string(ControlType type) {
  return type == ControlType::scp ? "SERVICE_CONTROL_POLICY" : "RESOURCE_CONTROL_POLICY";
}

std::string_view arn_word(ControlType type) {
  return type == ControlType::scp ? "service_control_policy" : "resource_control_policy";
}

std::string_view full_access(ControlType type) {
  return type == ControlType::scp ? "p-FullAWSAccess" : "p-RCPFullAWSAccess";
}

std::optional<ControlType> control_type(std::string_view text) {
  for (const ControlType type : kControlTypes) {
    if (text == to_string(type)) return type;
  }
  return std::nullopt;
}

std::string organization_id(Random& random, std::string_view prefix, size_t characters) {
  std::string letters = random.base32(characters);
  std::transform(letters.begin(), letters.end(), letters.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::string(prefix) + letters;
}

const OrganizationNode* Organization::node(std::string_view id_) const { return found(nodes, id_); }
const ControlPolicy* Organization::policy(std::string_view id_) const { return found(policies, id_); }

std::vector<const OrganizationNode*> Organization::children(std::string_view parent,
                                                            OrganizationNode::Kind kind) const {
  std::vector<const OrganizationNode*> out;
  for (const auto& [key, one] : nodes) {
    if (one->parent == parent && one->kind == kind) out.push_back(one.get());
  }
  return out;
}

std::vector<const OrganizationNode*> Organization::accounts() const {
  std::vector<const OrganizationNode*> out;
  for (const auto& [key, one] : nodes) {
    if (one->kind == OrganizationNode::Kind::account) out.push_back(one.get());
  }
  return out;
}

std::vector<const OrganizationNode*> Organization::line(const OrganizationNode& to) const {
  std::vector<const OrganizationNode*> out;
  for (const OrganizationNode* at = &to; at != nullptr; at = node(at->parent)) out.push_back(at);
  std::reverse(out.begin(), out.end());
  return out;
}

size_t Organization::attached(const OrganizationNode& to, ControlType type) const {
  return static_cast<size_t>(std::count_if(to.policies.begin(), to.policies.end(), [&](const auto& p) {
    const ControlPolicy* found_policy = policy(p);
    return found_policy != nullptr && found_policy->type == type;
  }));
}

std::string Organization::arn_of(std::string_view kind, std::string_view id_) const {
  return fmt::format("arn:aws:organizations::{}:{}/{}/{}", management, kind, id, id_);
}

void Organization::set(OrganizationNode node) { put(nodes, std::move(node)); }
void Organization::set(ControlPolicy policy) { put(policies, std::move(policy)); }
void Organization::set(AccountRequest request) { put(requests, std::move(request)); }
void Organization::set(Handshake handshake) { put(handshakes, std::move(handshake)); }

OrganizationNode new_node(const Organization& organization, OrganizationNode::Kind kind, std::string id,
                          std::string parent, std::string name) {
  using Kind = OrganizationNode::Kind;
  OrganizationNode node;
  node.kind = kind;
  node.arn = organization.arn_of(kind == Kind::root ? "root" : kind == Kind::unit ? "ou" : "account", id);
  node.id = std::move(id);
  node.parent = std::move(parent);
  node.name = std::move(name);
  for (const ControlType type : kControlTypes) {
    if (organization.is_enabled(type)) node.policies.emplace_back(full_access(type));
  }
  return node;
}

Organization new_organization(const Account& management, bool all_features, Time now, Random& random) {
  Organization o;
  o.id = organization_id(random, "o-", 10);
  o.arn = fmt::format("arn:aws:organizations::{}:organization/{}", management.id, o.id);
  o.management = management.id;
  o.root = organization_id(random, "r-", 4);
  o.all_features = all_features;
  // No type is enabled yet. The API's reference says that SCPs are; Terraform's
  // aws_organizations_organization, which enables those it is asked to after the creation and takes
  // PolicyTypeAlreadyEnabledException for a failure, is recorded to work, and the user guide has them enabled
  // by hand. https://docs.aws.amazon.com/organizations/latest/userguide/enable-policy-type.html
  o.created = now;
  add_managed_policies(o);
  o.set(new_node(o, OrganizationNode::Kind::root, o.root, "", "Root"));
  OrganizationNode first =
      new_node(o, OrganizationNode::Kind::account, management.id, o.root, management.name);
  first.email = management.email;
  first.invited = true;
  first.joined = now;
  o.set(std::move(first));
  return o;
}

void enable(Organization& o, ControlType type, bool on) {
  o.enabled[static_cast<size_t>(type)] = on;
  const auto nodes = o.nodes;
  for (const auto& [id, node] : nodes) {
    OrganizationNode changed = *node;
    std::erase_if(changed.policies, [&](const std::string& p) { return o.policy(p)->type == type; });
    if (on) changed.policies.emplace_back(full_access(type));
    o.set(std::move(changed));
  }
}

void add_managed_policies(Organization& o) {
  for (const ControlType type : kControlTypes) {
    auto policy = managed_policy(type);
    o.policies[policy->id] = policy;
  }
}

}  // namespace gatehouse::account

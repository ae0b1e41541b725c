// An organization as a value: a root, units and accounts in a tree, and the policies attached to them. Parts
// are shared between one state and the next; what changed is what is another object.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/entities.h"
#include "base/random.h"
#include "store/store.h"

namespace gatehouse::account {

enum class ControlType : std::uint8_t { scp, rcp };
inline constexpr std::array kControlTypes = {ControlType::scp, ControlType::rcp};

std::string_view to_string(ControlType type);  // "SERVICE_CONTROL_POLICY"
std::string_view arn_word(ControlType type);   // "service_control_policy"
std::optional<ControlType> control_type(std::string_view text);
// What allows everything, is attached to whatever is made, and belongs to AWS.
std::string_view full_access(ControlType type);  // "p-FullAWSAccess"

struct ControlPolicy {
  std::string id, arn, name, description;
  ControlType type = ControlType::scp;
  bool aws_managed = false;
  PolicyText document;
  std::vector<Tag> tags;
};

// Whatever policies are attached to.
struct OrganizationNode {
  enum class Kind : std::uint8_t { root, unit, account };
  Kind kind = Kind::account;
  std::string id;      // r-…, ou-…, twelve digits
  std::string parent;  // empty for the root
  std::string arn, name;
  std::vector<std::string> policies;  // their ids, in the order of attachment
  std::vector<Tag> tags;
  // Of accounts.
  std::string email;
  bool invited = false;
  bool suspended = false;
  Time joined{};
};

// What CreateAccount leaves to be asked about.
struct AccountRequest {
  enum class State : std::uint8_t { in_progress, succeeded, failed };
  std::string id, name, email, account, failure;
  State state = State::in_progress;
  Time requested{}, completed{};
};

struct Handshake {
  std::string id, arn;
  std::string action;   // INVITE, ENABLE_ALL_FEATURES, APPROVE_ALL_FEATURES
  std::string state;    // REQUESTED, OPEN, CANCELED, ACCEPTED, DECLINED, EXPIRED
  std::string account;  // who has to answer
  std::string notes, parent;
  std::vector<Tag> tags;  // of the account, once it has joined
  Time requested{}, expires{};

  bool open() const { return state == "OPEN" || state == "REQUESTED"; }
};

struct Organization {
  template <typename T>
  using Parts = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

  std::string id, arn;
  std::string management;  // the account
  std::string root;
  bool all_features = true;
  std::array<bool, 2> enabled{};                      // by ControlType
  std::map<std::string, Time, std::less<>> services;  // with trusted access
  Time created{};
  Parts<OrganizationNode> nodes;
  Parts<ControlPolicy> policies;  // AWS's own too
  Parts<AccountRequest> requests;
  Parts<Handshake> handshakes;
  store::Revision revision = 0;

  // Null where there is none.
  const OrganizationNode* node(std::string_view id_) const;
  const ControlPolicy* policy(std::string_view id_) const;
  std::vector<const OrganizationNode*> children(std::string_view parent, OrganizationNode::Kind kind) const;
  std::vector<const OrganizationNode*> accounts() const;
  // From the root down to the node itself.
  std::vector<const OrganizationNode*> line(const OrganizationNode& to) const;
  bool is_enabled(ControlType type) const { return enabled[static_cast<size_t>(type)]; }
  size_t attached(const OrganizationNode& node, ControlType type) const;

  // "arn:aws:organizations::MANAGEMENT:KIND/o-…/ID"
  std::string arn_of(std::string_view kind, std::string_view id_) const;

  void set(OrganizationNode node);
  void set(ControlPolicy policy);
  void set(AccountRequest request);
  void set(Handshake handshake);
};

// One with its root and the management account in it, not stored yet.
Organization new_organization(const Account& management, bool all_features, Time now, Random& random);
// Enabling a type attaches AWS's own policy to everything, disabling detaches all there is of it.
// https://docs.aws.amazon.com/organizations/latest/userguide/enable-policy-type.html
void enable(Organization& organization, ControlType type, bool on);
// A node with the policies that AWS attaches to whatever is made.
OrganizationNode new_node(const Organization& organization, OrganizationNode::Kind kind, std::string id,
                          std::string parent, std::string name);

std::string organization_id(Random& random, std::string_view prefix, size_t characters);  // [a-z2-7]

// AWS's own policies, which no record holds.
void add_managed_policies(Organization& organization);

// Each part is a record of its own below "organization/o-…/"; the head is written with every change.
std::string record_prefix(std::string_view organization);
store::Batch difference(const Organization& before, const Organization& after);
// `records` are all of one organization. nullopt where its head is not among them.
Result<std::optional<Organization>> read_organization(std::string_view id,
                                                      const std::vector<store::Entry>& records);

}  // namespace gatehouse::account

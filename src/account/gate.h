// The gate: gathers the policies that apply to a call and asks the engine. There is one, every call passes
// it, and it has no switch.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "account/directory/directory.h"
#include "account/organization/organizations.h"
#include "account/trail/trail.h"

namespace gatehouse::account {

// What a call needs: one action on one resource, with the condition keys that its parameters give.
struct Requirement {
  std::string action;                                 // "s3:GetObject"
  std::string resource = "*";                         // an ARN; "*" where the action takes none
  bool names_resource = true;                         // false: a denial names none, though policies may
  std::string resource_account;                       // the owner; empty: the caller's
  policy::CompiledPtr resource_policy;                // a bucket's, a key's, or a role's trust policy
  policy::Granted listed = policy::Granted::nothing;  // by an access control list beside it
  // Whose identity policies suffice, where that is not the resource account: an object's owner in another's
  // bucket. The resource policy then only denies.
  std::string object_owner;
  struct Key {
    std::string name;
    std::vector<std::string> values;
    bool multivalued = false;
  };
  std::vector<Key> keys;

  Requirement& key(std::string name, std::string value) {
    keys.push_back({std::move(name), {std::move(value)}, false});
    return *this;
  }
  Requirement& keys_of(std::string name, std::vector<std::string> values) {
    keys.push_back({std::move(name), std::move(values), true});
    return *this;
  }
  // aws:RequestTag/K and aws:TagKeys.
  Requirement& request_tags(const std::vector<Tag>& tags);
  Requirement& resource_tags(const std::vector<Tag>& tags);
};

// The keys that every request has, whatever it asks.
// The VPC endpoint that a call came through. Its policy must allow the call too.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
struct VpcEndpoint {
  std::string id, vpc, account;
  policy::CompiledPtr policy;
};

struct Circumstances {
  Time now{};
  std::string source_ip;  // through an endpoint: the private address
  std::shared_ptr<const VpcEndpoint> endpoint;
  std::string user_agent;
  std::string referer;
  std::string region;
  bool secure_transport = false;
};

struct Verdict {
  policy::Decision decision;
  DecisionRecord record;
  std::string message;  // AWS's denial message; empty when allowed
  // The caller is of the owner's account or organization, and may know the reason.
  bool acquainted = false;
};

class Gate {
 public:
  Gate(const Directory& directory, const Organizations& organizations)
      : directory_(directory), organizations_(organizations) {}

  Verdict check(const Caller& caller, const Circumstances& circumstances, const Requirement& requirement,
                policy::MessageStyle style) const;

  // Whether the account was closed: whoever calls from it is nobody any more.
  bool is_closed(std::string_view account) const { return organizations_.is_suspended(account); }

 private:
  const Directory& directory_;
  const Organizations& organizations_;
};

}  // namespace gatehouse::account

// A KMS key, as an immutable value, and its record. The material is in the record sealed under a key of the
// installation, and plain only in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/entities.h"
#include "base/random.h"

namespace gatehouse::service::kms {

// What a ciphertext is bound to.
using Context = std::map<std::string, std::string, std::less<>>;

enum class State : std::uint8_t { enabled, disabled, pending_deletion };

// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
struct Grant {
  std::string id, token, name;
  std::string grantee, retiring;        // ARNs
  std::vector<std::string> operations;  // "Decrypt"
  Context subset, equals;               // of the encryption context; at most one of them is there
  Time created{};
};

// Rotation adds one; what older ones sealed they still open.
struct Material {
  std::string bytes;
  Time since{};
  bool on_demand = false;
};

struct Rotation {
  bool on = false;
  int days = 365;
  Time from{};  // when it was switched on, or last happened
};

struct Key {
  std::string account, region, id, description;
  std::string alias_of_service;  // "alias/aws/s3" of an AWS managed key
  State state = State::enabled;
  Time created{}, deletion{};
  account::PolicyText policy;
  std::vector<account::Tag> tags;
  std::vector<Grant> grants;
  std::vector<Material> materials;
  Rotation rotation;
  policy::CompiledPtr effective;  // the policy and what the grants add to it
  store::Revision revision = 0;

  std::string arn() const;
  std::string record_key() const;
  bool is_aws_managed() const { return !alias_of_service.empty(); }
  Time next_rotation() const { return rotation.from + std::chrono::hours(24) * rotation.days; }
};

using KeyPtr = std::shared_ptr<const Key>;

std::string to_record(const Key& key, Random& random, std::string_view sealing_key);
Result<Key> key_from_record(std::string_view record, store::Revision revision, std::string_view sealing_key);

// Compiles the policy and the grants together: a grant allows as one more statement would, so that what
// denies in the policy denies its grantee too.
Result<void> compile(Key& key);

struct Alias {
  std::string account, region, name;  // "alias/mine"
  std::string target;                 // the key's id
  Time created{}, updated{};
  store::Revision revision = 0;

  std::string arn() const;
  std::string table_key() const { return account + "/" + region + "/" + name; }
};

std::string to_record(const Alias& alias);
Result<Alias> alias_from_record(std::string_view record, store::Revision revision);

}  // namespace gatehouse::service::kms

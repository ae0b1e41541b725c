// KMS: keys, their aliases, and what is done with them.
//
// key.h         a key and its record
// keys.cc       which keys and aliases there are
// ciphertext.cc sealing and opening under a key; S3 uses it as the operations do
// create.cc states.cc policies.cc aliases.cc grants.cc rotation.cc tags.cc crypto.cc   the operations
// requirements.cc  what each needs to be allowed
//
// https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "account/directory/directory.h"
#include "account/directory/table.h"
#include "account/gate.h"
#include "base/encoding.h"
#include "model/kms.h"
#include "service/call.h"
#include "service/kms/key.h"

namespace gatehouse::service::kms {

namespace m = model::kms;

inline constexpr std::string_view kSymmetric = "SYMMETRIC_DEFAULT";

class Kms {
 public:
  static Result<std::unique_ptr<Kms>> open(store::Records& records, const account::Directory& directory,
                                           const account::Gate& gate, const Clock& clock, Random& random);

  // A key's id or ARN, an alias or its ARN; the first of each pair means one of this account and region.
  // NotFoundException, in KMS's words for each.
  Result<KeyPtr> find(std::string_view account, std::string_view region, std::string_view name) const;
  std::vector<KeyPtr> keys(std::string_view account, std::string_view region) const;
  std::vector<std::shared_ptr<const Alias>> aliases(std::string_view account, std::string_view region) const;
  std::vector<std::shared_ptr<const Alias>> aliases_of(const Key& key) const;

  // revision 0: a new one. Stored, compiled and published. ConcurrentModification where another was first.
  Result<KeyPtr> put(Key key);
  Result<KeyPtr> update(const Key& key, const std::function<void(Key&)>& change);
  Result<void> put(Alias alias);
  Result<void> remove(const Alias& alias);

  // The key that AWS keeps for a service in an account, made at its first use: "s3".
  Result<KeyPtr> of_service(std::string_view account, std::string_view region, std::string_view service);
  // The same without making it: of revision 0 where it is not there yet, good for asking the gate.
  Result<KeyPtr> draft_of_service(std::string_view account, std::string_view region,
                                  std::string_view service) const;

  // DisabledException or KMSInvalidStateException where the key cannot be used.
  Result<std::string> seal(const Key& key, const Context& context, std::string_view text) const;
  // The key that sealed this, if it is a ciphertext of ours at all.
  KeyPtr key_of(std::string_view ciphertext) const;
  // InvalidCiphertextException for another context or an altered text.
  Result<std::string> open_sealed(const Key& key, const Context& context, std::string_view ciphertext) const;

  // What the time brings: deletions that are due, and rotations.
  Result<void> keep();

  const account::Directory& directory() const { return directory_; }
  const account::Gate& gate() const { return gate_; }
  const Clock& clock() const { return clock_; }
  Random& random() const { return random_; }

 private:
  Kms(store::Records& records, std::string sealing_key, const account::Directory& directory,
      const account::Gate& gate, const Clock& clock, Random& random)
      : records_(records),
        sealing_key_(std::move(sealing_key)),
        directory_(directory),
        gate_(gate),
        clock_(clock),
        random_(random) {}
  Result<void> load();
  Result<void> remove(const Key& key);

  store::Records& records_;
  std::string sealing_key_;
  const account::Directory& directory_;
  const account::Gate& gate_;
  const Clock& clock_;
  Random& random_;
  account::Table<Key> keys_;       // by "ACCOUNT/REGION/ID"
  account::Table<Alias> aliases_;  // by "ACCOUNT/REGION/alias/NAME"
};

Service make_service(Kms& kms);

// One action on a key, with its policy and the keys that every such request has.
account::Requirement requirement(const Kms& kms, std::string_view caller_account, const Key& key,
                                 std::string_view action);
void add_context(const Context& context, account::Requirement& requirement);

// The key that the call names, pinned by its resolve function.
inline const Key& key_of(const Call& call) { return *static_cast<const Key*>(call.pinned.get()); }

Context read_context(const wire::Value& map);
Result<void> usable(const Key& key);
Result<account::PolicyText> checked_policy(const Kms& kms, const Call& call, std::string_view text);
wire::Value metadata(const Key& key);
// TagKey and TagValue; TagException where they break the rules, or are over fifty with those `there`.
Result<void> add_tags(const wire::Value& tags, std::vector<account::Tag>& there);

// operations, by file
Result<wire::Value> create_key(Kms& kms, Call& call);
Result<wire::Value> describe_key(Kms& kms, Call& call);
Result<wire::Value> list_keys(Kms& kms, Call& call);
Result<wire::Value> update_key_description(Kms& kms, Call& call);
Result<wire::Value> enable_key(Kms& kms, Call& call);
Result<wire::Value> disable_key(Kms& kms, Call& call);
Result<wire::Value> schedule_key_deletion(Kms& kms, Call& call);
Result<wire::Value> cancel_key_deletion(Kms& kms, Call& call);

Result<wire::Value> get_key_policy(Kms& kms, Call& call);
Result<wire::Value> put_key_policy(Kms& kms, Call& call);
Result<wire::Value> list_key_policies(Kms& kms, Call& call);

Result<wire::Value> create_alias(Kms& kms, Call& call);
Result<wire::Value> update_alias(Kms& kms, Call& call);
Result<wire::Value> delete_alias(Kms& kms, Call& call);
Result<wire::Value> list_aliases(Kms& kms, Call& call);

Result<wire::Value> create_grant(Kms& kms, Call& call);
Result<wire::Value> list_grants(Kms& kms, Call& call);
Result<wire::Value> list_retirable_grants(Kms& kms, Call& call);
Result<wire::Value> revoke_grant(Kms& kms, Call& call);
Result<wire::Value> retire_grant(Kms& kms, Call& call);

Result<wire::Value> tag_resource(Kms& kms, Call& call);
Result<wire::Value> untag_resource(Kms& kms, Call& call);
Result<wire::Value> list_resource_tags(Kms& kms, Call& call);

Result<wire::Value> enable_key_rotation(Kms& kms, Call& call);
Result<wire::Value> disable_key_rotation(Kms& kms, Call& call);
Result<wire::Value> get_key_rotation_status(Kms& kms, Call& call);
Result<wire::Value> rotate_key_on_demand(Kms& kms, Call& call);
Result<wire::Value> list_key_rotations(Kms& kms, Call& call);

Result<wire::Value> encrypt(Kms& kms, Call& call);
Result<wire::Value> decrypt(Kms& kms, Call& call);
Result<wire::Value> re_encrypt(Kms& kms, Call& call);
Result<wire::Value> generate_data_key(Kms& kms, Call& call);
Result<wire::Value> generate_data_key_without_plaintext(Kms& kms, Call& call);
Result<wire::Value> generate_random(Kms& kms, Call& call);

namespace error {
Error not_found(std::string_view arn);
Error invalid_state(std::string_view arn, std::string_view state);
Error validation(std::string_view message);
Error malformed_policy(std::string_view why);
}  // namespace error

// Limit and Marker; a marker tells how many came before.
template <typename Items, typename Render>
Result<wire::Value> page(const Call& call, const Items& items, wire::Member member, Render render) {
  const std::int64_t limit = call.in[m::Limit].number(100);
  if (limit < 1 || limit > 1000) {
    return fail(error::validation(
        "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value "
        "between 1 and 1000"));
  }
  size_t from = 0;
  if (const wire::Value& marker = call.in[m::Marker]; marker) {
    const auto text = unbase64url(marker.text());
    const bool digits = text && !text->empty() && text->size() < 9 &&
                        text->find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return fail("InvalidMarkerException", "Invalid marker");
    from = std::min<size_t>(items.size(), std::stoul(*text));
  }
  const size_t to = std::min(items.size(), from + static_cast<size_t>(limit));
  wire::Value::List list;
  for (size_t i = from; i < to; ++i) list.push_back(render(items[i]));
  wire::Value out = wire::structure({{m::Truncated, to < items.size()}});
  out.set(member, std::move(list));
  if (to < items.size()) out.set(m::NextMarker, base64url(std::to_string(to)));
  return out;
}

}  // namespace gatehouse::service::kms

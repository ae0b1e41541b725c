// The table that KMS is built from, and what each operation needs to be allowed.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#include <fmt/format.h>

#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

void pin(Call& call, KeyPtr key) { call.pinned = std::move(key); }

void add_text(const wire::Value& in, wire::Member member, std::string_view key, account::Requirement& r) {
  if (const auto& value = in[member]) r.key(std::string(key), std::string(value.text()));
}

void add_list(const wire::Value& list, std::string_view key, account::Requirement& r) {
  if (list.list().empty()) return;
  std::vector<std::string> values;
  for (const wire::Value& one : list.list()) values.emplace_back(one.text());
  r.keys_of(std::string(key), std::move(values));
}

std::vector<account::Tag> tag_pairs(const wire::Value& tags) {
  std::vector<account::Tag> out;
  for (const wire::Value& tag : tags.list()) out.emplace_back(tag[m::TagKey].text(), tag[m::TagValue].text());
  return out;
}

void add_grant_keys(const wire::Value& in, account::Requirement& r) {
  add_text(in, m::GranteePrincipal, "kms:GranteePrincipal", r);
  add_text(in, m::RetiringPrincipal, "kms:RetiringPrincipal", r);
  add_list(in[m::Operations], "kms:GrantOperations", r);
  if (!in[m::Operations].is_null()) r.key("kms:GrantIsForAWSResource", "false");
  if (in[m::Constraints][m::EncryptionContextEquals])
    r.key("kms:GrantConstraintType", "EncryptionContextEquals");
  if (in[m::Constraints][m::EncryptionContextSubset])
    r.key("kms:GrantConstraintType", "EncryptionContextSubset");
}

// What the parameters of any operation give.
void add_parameters(const Call& call, const Key& key, account::Requirement& r) {
  const wire::Value& in = call.in;
  add_context(read_context(in[m::EncryptionContext]), r);
  if (in[m::EncryptionContext] || in[m::Plaintext] || in[m::CiphertextBlob])
    r.key("kms:EncryptionAlgorithm", std::string(kSymmetric));
  std::string_view alias = in[m::KeyId].text();
  if (const auto at = alias.find("alias/");
      at != std::string_view::npos && alias.find("key/") == std::string_view::npos)
    r.key("kms:RequestAlias", std::string(alias.substr(at)));
  if (const auto& bypass = in[m::BypassPolicyLockoutSafetyCheck])
    r.key("kms:BypassPolicyLockoutSafetyCheck", bypass.boolean() ? "true" : "false");
  if (const auto& days = in[m::PendingWindowInDays])
    r.key("kms:ScheduleKeyDeletionPendingWindowInDays", std::to_string(days.number()));
  if (const auto& days = in[m::RotationPeriodInDays])
    r.key("kms:RotationPeriodInDays", std::to_string(days.number()));
  r.request_tags(tag_pairs(in[m::Tags]));
  add_list(in[m::TagKeys], "aws:TagKeys", r);
  if (call.operation->name == "CreateGrant") add_grant_keys(in, r);
  if (call.operation->name == "ReEncrypt") {
    const auto source = in[m::SourceKeyId];
    r.key("kms:ReEncryptOnSameKey", source && source.text() == key.arn() ? "true" : "false");
  }
}

Result<Requirements> needs_key_named(Kms& kms, Call& call, wire::Member member) {
  TRY(auto key, kms.find(call.account, call.region, call.in[member].text()));
  auto r = requirement(kms, call.caller.account, *key, "");
  add_parameters(call, *key, r);
  pin(call, std::move(key));
  return Requirements{std::move(r)};
}

Result<Requirements> needs_key(Kms& kms, Call& call) { return needs_key_named(kms, call, m::KeyId); }

// Keys of other accounts can be used, and not managed.
Result<Requirements> needs_own_key(Kms& kms, Call& call) {
  TRY(auto all, needs_key(kms, call));
  if (key_of(call).account == call.account) return all;
  return fail(error::not_found(key_of(call).arn()));
}

Result<Requirements> needs_create(Kms&, Call& call) {
  account::Requirement r;
  r.action = "kms:CreateKey";
  r.key("kms:CallerAccount", call.caller.account);
  r.key("kms:KeySpec", std::string(call.in[m::KeySpec].text_or(kSymmetric)));
  r.key("kms:KeyUsage", std::string(call.in[m::KeyUsage].text_or("ENCRYPT_DECRYPT")));
  r.key("kms:KeyOrigin", std::string(call.in[m::Origin].text_or("AWS_KMS")));
  r.key("kms:MultiRegion", call.in[m::MultiRegion].boolean() ? "true" : "false");
  if (const auto& bypass = call.in[m::BypassPolicyLockoutSafetyCheck])
    r.key("kms:BypassPolicyLockoutSafetyCheck", bypass.boolean() ? "true" : "false");
  r.request_tags(tag_pairs(call.in[m::Tags]));
  Requirements all{r};
  if (!call.in[m::Tags].list().empty()) {
    r.action = "kms:TagResource";
    all.push_back(std::move(r));
  }
  return all;
}

// The action on the alias, by identity policies alone, and on each key it points at.
Result<Requirements> needs_alias(Kms& kms, Call& call) {
  const std::string_view name = call.in[m::AliasName].text();
  account::Requirement on_alias;
  on_alias.resource = fmt::format("arn:aws:kms:{}:{}:{}", call.region, call.account, name);
  on_alias.key("kms:CallerAccount", call.caller.account);
  Requirements all{std::move(on_alias)};
  const auto add = [&](const Key& key) { all.push_back(requirement(kms, call.caller.account, key, "")); };
  const auto there = kms.find(call.account, call.region, name);
  if (there && call.operation->name != "CreateAlias") add(**there);
  if (const auto& target = call.in[m::TargetKeyId]) {
    TRY(auto key, kms.find(call.account, call.region, target.text()));
    add(*key);
    pin(call, std::move(key));
  }
  return all;
}

// The key is told by the ciphertext; one that is named must be that.
Result<KeyPtr> key_of_ciphertext(Kms& kms, const Call& call, wire::Member member) {
  const auto own = kms.key_of(call.in[m::CiphertextBlob].bytes());
  if (own == nullptr || own->region != call.region) return fail("InvalidCiphertextException", "");
  if (!call.in[member]) return own;
  TRY(auto named, kms.find(call.account, call.region, call.in[member].text()));
  if (named->arn() == own->arn()) return named;
  return fail("IncorrectKeyException",
              "The key ID in the request does not identify a CMK that can perform this operation.");
}

Result<Requirements> needs_decrypt(Kms& kms, Call& call) {
  TRY(auto key, key_of_ciphertext(kms, call, m::KeyId));
  auto r = requirement(kms, call.caller.account, *key, "");
  add_parameters(call, *key, r);
  pin(call, std::move(key));
  return Requirements{std::move(r)};
}

Result<Requirements> needs_re_encrypt(Kms& kms, Call& call) {
  TRY(const auto source, key_of_ciphertext(kms, call, m::SourceKeyId));
  TRY(auto target, kms.find(call.account, call.region, call.in[m::DestinationKeyId].text()));
  const std::string same = source->arn() == target->arn() ? "true" : "false";
  auto from = requirement(kms, call.caller.account, *source, "kms:ReEncryptFrom");
  add_context(read_context(call.in[m::SourceEncryptionContext]), from);
  from.key("kms:EncryptionAlgorithm", std::string(kSymmetric)).key("kms:ReEncryptOnSameKey", same);
  auto to = requirement(kms, call.caller.account, *target, "kms:ReEncryptTo");
  add_context(read_context(call.in[m::DestinationEncryptionContext]), to);
  to.key("kms:EncryptionAlgorithm", std::string(kSymmetric)).key("kms:ReEncryptOnSameKey", same);
  pin(call, std::move(target));
  return Requirements{std::move(from), std::move(to)};
}

bool is_principal(const account::Caller& caller, std::string_view arn) {
  return arn == caller.arn || (!caller.role_arn.empty() && arn == caller.role_arn);
}

// Its retiring principal, and a grantee whose grant says so, need no policy.
// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
Result<Requirements> needs_retire(Kms& kms, Call& call) {
  const wire::Value& in = call.in;
  KeyPtr key;
  if (in[m::KeyId]) {
    TRY(key, kms.find(call.account, call.region, in[m::KeyId].text()));
  } else {
    for (const KeyPtr& one : kms.keys(call.account, call.region)) {
      if (std::ranges::find(one->grants, in[m::GrantToken].text(), &Grant::token) != one->grants.end())
        key = one;
    }
    if (key == nullptr)
      return fail("InvalidGrantTokenException", "The grant token is not one of this account.");
  }
  const auto grant = std::ranges::find_if(key->grants, [&](const Grant& g) {
    return in[m::GrantId] ? g.id == in[m::GrantId].text() : g.token == in[m::GrantToken].text();
  });
  auto r = requirement(kms, call.caller.account, *key, "");
  const bool own = grant != key->grants.end() &&
                   (is_principal(call.caller, grant->retiring) ||
                    (is_principal(call.caller, grant->grantee) &&
                     std::ranges::find(grant->operations, "RetireGrant") != grant->operations.end()));
  pin(call, std::move(key));
  if (own) return Requirements{};
  return Requirements{std::move(r)};
}

const Row<Kms> kRows[] = {
    {"CreateKey", create_key, resolved<Kms>(needs_create)},
    {"DescribeKey", describe_key, resolved<Kms>(needs_key), Blocking::no},
    {"ListKeys", list_keys, on<Kms>(), Blocking::no},
    {"UpdateKeyDescription", update_key_description, resolved<Kms>(needs_own_key)},
    {"EnableKey", enable_key, resolved<Kms>(needs_own_key)},
    {"DisableKey", disable_key, resolved<Kms>(needs_own_key)},
    {"ScheduleKeyDeletion", schedule_key_deletion, resolved<Kms>(needs_own_key)},
    {"CancelKeyDeletion", cancel_key_deletion, resolved<Kms>(needs_own_key)},

    {"GetKeyPolicy", get_key_policy, resolved<Kms>(needs_own_key), Blocking::no},
    {"PutKeyPolicy", put_key_policy, resolved<Kms>(needs_own_key)},
    {"ListKeyPolicies", list_key_policies, resolved<Kms>(needs_own_key), Blocking::no},

    {"CreateAlias", create_alias, resolved<Kms>(needs_alias)},
    {"UpdateAlias", update_alias, resolved<Kms>(needs_alias)},
    {"DeleteAlias", delete_alias, resolved<Kms>(needs_alias)},
    {"ListAliases", list_aliases, on<Kms>(), Blocking::no},

    {"CreateGrant", create_grant, resolved<Kms>(needs_key)},
    {"ListGrants", list_grants, resolved<Kms>(needs_key), Blocking::no},
    {"ListRetirableGrants", list_retirable_grants, on<Kms>(), Blocking::no},
    {"RevokeGrant", revoke_grant, resolved<Kms>(needs_key)},
    {"RetireGrant", retire_grant, resolved<Kms>(needs_retire)},

    {"TagResource", tag_resource, resolved<Kms>(needs_own_key)},
    {"UntagResource", untag_resource, resolved<Kms>(needs_own_key)},
    {"ListResourceTags", list_resource_tags, resolved<Kms>(needs_own_key), Blocking::no},

    {"EnableKeyRotation", enable_key_rotation, resolved<Kms>(needs_own_key)},
    {"DisableKeyRotation", disable_key_rotation, resolved<Kms>(needs_own_key)},
    {"GetKeyRotationStatus", get_key_rotation_status, resolved<Kms>(needs_key), Blocking::no},
    {"RotateKeyOnDemand", rotate_key_on_demand, resolved<Kms>(needs_own_key)},
    {"ListKeyRotations", list_key_rotations, resolved<Kms>(needs_own_key), Blocking::no},

    {"Encrypt", encrypt, resolved<Kms>(needs_key), Blocking::no},
    {"Decrypt", decrypt, resolved<Kms>(needs_decrypt), Blocking::no},
    {"ReEncrypt", re_encrypt, resolved<Kms>(needs_re_encrypt), Blocking::no},
    {"GenerateDataKey", generate_data_key, resolved<Kms>(needs_key), Blocking::no},
    {"GenerateDataKeyWithoutPlaintext", generate_data_key_without_plaintext, resolved<Kms>(needs_key),
     Blocking::no},
    {"GenerateRandom", generate_random, on<Kms>(), Blocking::no},
};

}  // namespace

account::Requirement requirement(const Kms& kms, std::string_view caller_account, const Key& key,
                                 std::string_view action) {
  account::Requirement r;
  r.action = action;
  r.resource = key.arn();
  r.resource_account = key.account;
  r.resource_policy = key.effective;
  r.key("kms:CallerAccount", std::string(caller_account))
      .key("kms:KeyOrigin", "AWS_KMS")
      .key("kms:KeySpec", std::string(kSymmetric))
      .key("kms:KeyUsage", "ENCRYPT_DECRYPT")
      .key("kms:MultiRegion", "false");
  r.resource_tags(key.tags);
  std::vector<std::string> aliases;
  for (const auto& alias : kms.aliases_of(key)) aliases.push_back(alias->name);
  if (!aliases.empty()) r.keys_of("kms:ResourceAliases", std::move(aliases));
  return r;
}

void add_context(const Context& context, account::Requirement& r) {
  if (context.empty()) return;
  std::vector<std::string> names;
  for (const auto& [name, value] : context) {
    r.key("kms:EncryptionContext:" + name, value);
    names.push_back(name);
  }
  r.keys_of("kms:EncryptionContextKeys", std::move(names));
}

Context read_context(const wire::Value& map) {
  Context out;
  for (const auto& [name, value] : map.map()) out.emplace(name, value.text());
  return out;
}

Service make_service(Kms& kms) { return Service("kms", kms, std::span<const Row<Kms>>(kRows)); }

}  // namespace gatehouse::service::kms

// Making and describing keys.
#include <fmt/format.h>

#include "base/cipher.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr size_t kLongestDescription = 8192;

std::string default_policy(std::string_view account) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
      account);
}

std::string_view to_text(State s) {
  if (s == State::disabled) return "Disabled";
  return s == State::enabled ? "Enabled" : "PendingDeletion";
}

Result<void> unsupported(std::string_view what) {
  return fail("UnsupportedOperationException", fmt::format("{} is not built in Gatehouse.", what));
}

// Symmetric keys made here are what there is.
Result<void> check_kind(const wire::Value& in) {
  const wire::Value& spec = in[m::KeySpec] ? in[m::KeySpec] : in[m::CustomerMasterKeySpec];
  if (spec.text_or(kSymmetric) != kSymmetric) return unsupported("A key spec other than SYMMETRIC_DEFAULT");
  if (in[m::KeyUsage].text_or("ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT")
    return fail(error::validation("The key usage is not supported by the key spec SYMMETRIC_DEFAULT."));
  if (in[m::Origin].text_or("AWS_KMS") != "AWS_KMS" || in[m::CustomKeyStoreId] || in[m::XksKeyId])
    return unsupported("A key's material from elsewhere");
  if (in[m::MultiRegion].boolean()) return unsupported("A multi-Region key");
  return {};
}

Result<std::string> read_description(const wire::Value& in) {
  const std::string_view text = in[m::Description].text();
  if (text.size() <= kLongestDescription) return std::string(text);
  return fail(error::validation(
      "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have "
      "length less than or equal to 8192"));
}

}  // namespace

wire::Value metadata(const Key& key) {
  wire::Value out = wire::structure({{m::AWSAccountId, key.account},
                                     {m::KeyId, key.id},
                                     {m::Arn, key.arn()},
                                     {m::CreationDate, key.created},
                                     {m::Enabled, key.state == State::enabled},
                                     {m::Description, key.description},
                                     {m::KeyUsage, "ENCRYPT_DECRYPT"},
                                     {m::KeyState, to_text(key.state)},
                                     {m::Origin, "AWS_KMS"},
                                     {m::KeyManager, key.is_aws_managed() ? "AWS" : "CUSTOMER"},
                                     {m::CustomerMasterKeySpec, kSymmetric},
                                     {m::KeySpec, kSymmetric},
                                     {m::EncryptionAlgorithms, wire::Value::List{kSymmetric}},
                                     {m::MultiRegion, false}});
  if (key.state == State::pending_deletion) out.set(m::DeletionDate, key.deletion);
  return out;
}

Result<wire::Value> create_key(Kms& kms, Call& call) {
  CHECK_OK(check_kind(call.in));
  Key key;
  key.account = call.account;
  key.region = call.region;
  TRY(key.description, read_description(call.in));
  CHECK_OK(add_tags(call.in[m::Tags], key.tags));
  key.id = kms.random().uuid();
  key.created = kms.clock().now();
  if (const auto& policy = call.in[m::Policy]) {
    TRY(key.policy, checked_policy(kms, call, policy.text()));
  } else {
    key.policy.text = default_policy(call.account);
  }
  key.materials.push_back({kms.random().bytes(kCipherKey), key.created});
  TRY(const auto made, kms.put(std::move(key)));
  return wire::structure({{m::KeyMetadata, metadata(*made)}});
}

Result<wire::Value> describe_key(Kms&, Call& call) {
  return wire::structure({{m::KeyMetadata, metadata(key_of(call))}});
}

Result<wire::Value> list_keys(Kms& kms, Call& call) {
  return page(call, kms.keys(call.account, call.region), m::Keys, [](const KeyPtr& key) {
    return wire::structure({{m::KeyId, key->id}, {m::KeyArn, key->arn()}});
  });
}

Result<wire::Value> update_key_description(Kms& kms, Call& call) {
  TRY(auto description, read_description(call.in));
  if (key_of(call).state == State::pending_deletion) CHECK_OK(usable(key_of(call)));
  CHECK_OK(kms.update(key_of(call), [&](Key& next) { next.description = std::move(description); }));
  return wire::Value();
}

}  // namespace gatehouse::service::kms

// Encrypting and decrypting.
#include <fmt/format.h>

#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr size_t kLargestText = 4096;
constexpr std::int64_t kLargestRandom = 1024;

Result<void> dry_run(const Call& call) {
  if (!call.in[m::DryRun].boolean()) return {};
  return fail("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.",
              412);
}

Result<std::int64_t> count_of(const wire::Value& value) {
  if (value.number() >= 1 && value.number() <= kLargestRandom) return value.number();
  return fail(
      error::validation("1 validation error detected: Value at 'numberOfBytes' failed to satisfy constraint: "
                        "Member must have value between 1 and 1024"));
}

Result<size_t> data_key_size(const wire::Value& in) {
  const auto& spec = in[m::KeySpec];
  const auto& count = in[m::NumberOfBytes];
  if (spec.is_null() == count.is_null())
    return fail(error::validation("Please specify either number of bytes or key spec."));
  if (count) {
    TRY(const std::int64_t size, count_of(count));
    return static_cast<size_t>(size);
  }
  if (spec.text() == "AES_256") return size_t{32};
  if (spec.text() == "AES_128") return size_t{16};
  return fail(
      error::validation("1 validation error detected: Value at 'keySpec' failed to satisfy constraint: "
                        "Member must satisfy enum value set: [AES_256, AES_128]"));
}

// The sealed data key, and its text.
Result<std::pair<wire::Value, std::string>> make_data_key(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  TRY(const size_t size, data_key_size(call.in));
  CHECK_OK(usable(key));
  CHECK_OK(dry_run(call));
  std::string text = kms.random().bytes(size);
  TRY(auto sealed, kms.seal(key, read_context(call.in[m::EncryptionContext]), text));
  return std::pair(
      wire::structure({{m::CiphertextBlob, wire::Bytes{std::move(sealed)}}, {m::KeyId, key.arn()}}),
      std::move(text));
}

}  // namespace

Result<wire::Value> encrypt(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  const std::string_view text = call.in[m::Plaintext].bytes();
  if (text.empty() || text.size() > kLargestText) {
    return fail(
        error::validation("1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
                          "Member must have length between 1 and 4096"));
  }
  CHECK_OK(usable(key));
  CHECK_OK(dry_run(call));
  TRY(auto sealed, kms.seal(key, read_context(call.in[m::EncryptionContext]), text));
  return wire::structure({{m::CiphertextBlob, wire::Bytes{std::move(sealed)}},
                          {m::KeyId, key.arn()},
                          {m::EncryptionAlgorithm, kSymmetric}});
}

Result<wire::Value> decrypt(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  TRY(auto text,
      kms.open_sealed(key, read_context(call.in[m::EncryptionContext]), call.in[m::CiphertextBlob].bytes()));
  CHECK_OK(dry_run(call));
  return wire::structure({{m::KeyId, key.arn()},
                          {m::Plaintext, wire::Bytes{std::move(text)}},
                          {m::EncryptionAlgorithm, kSymmetric}});
}

// From the key that sealed it to the key that is pinned.
Result<wire::Value> re_encrypt(Kms& kms, Call& call) {
  const std::string_view blob = call.in[m::CiphertextBlob].bytes();
  const auto source = kms.key_of(blob);
  if (source == nullptr) return fail("InvalidCiphertextException", "");
  TRY(const auto text, kms.open_sealed(*source, read_context(call.in[m::SourceEncryptionContext]), blob));
  CHECK_OK(usable(key_of(call)));
  CHECK_OK(dry_run(call));
  TRY(auto sealed, kms.seal(key_of(call), read_context(call.in[m::DestinationEncryptionContext]), text));
  return wire::structure({{m::CiphertextBlob, wire::Bytes{std::move(sealed)}},
                          {m::SourceKeyId, source->arn()},
                          {m::KeyId, key_of(call).arn()},
                          {m::SourceEncryptionAlgorithm, kSymmetric},
                          {m::DestinationEncryptionAlgorithm, kSymmetric}});
}

Result<wire::Value> generate_data_key(Kms& kms, Call& call) {
  TRY(auto made, make_data_key(kms, call));
  made.first.set(m::Plaintext, wire::Bytes{std::move(made.second)});
  return std::move(made.first);
}

Result<wire::Value> generate_data_key_without_plaintext(Kms& kms, Call& call) {
  TRY(auto made, make_data_key(kms, call));
  return std::move(made.first);
}

Result<wire::Value> generate_random(Kms& kms, Call& call) {
  const auto& count = call.in[m::NumberOfBytes];
  if (!count) return fail(error::validation("Please specify the number of bytes."));
  TRY(const std::int64_t size, count_of(count));
  return wire::structure({{m::Plaintext, wire::Bytes{kms.random().bytes(static_cast<size_t>(size))}}});
}

}  // namespace gatehouse::service::kms

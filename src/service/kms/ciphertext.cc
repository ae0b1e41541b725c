// What KMS gives out as a CiphertextBlob:
//
//   1 | length of the name | ACCOUNT/REGION/ID | which material, two bytes | nonce | sealed text | tag
//
// Everything before the nonce and the encryption context are bound to the text.
#include <fmt/format.h>

#include "base/cipher.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr char kForm = 1;

struct Parsed {
  std::string_view name;  // ACCOUNT/REGION/ID
  size_t material = 0;
  std::string_view head, sealed;
};

std::optional<Parsed> parse(std::string_view blob) {
  if (blob.size() < 2 || blob[0] != kForm) return std::nullopt;
  const size_t length = static_cast<unsigned char>(blob[1]);
  if (blob.size() < length + 4) return std::nullopt;
  const size_t material = static_cast<size_t>(static_cast<unsigned char>(blob[length + 2])) << 8 |
                          static_cast<unsigned char>(blob[length + 3]);
  return Parsed{blob.substr(2, length), material, blob.substr(0, length + 4), blob.substr(length + 4)};
}

void add_sized(std::string_view text, std::string& to) {
  to += fmt::format("{}:", text.size());
  to += text;
}

std::string bound(std::string_view head, const Context& context) {
  std::string out(head);
  for (const auto& [name, value] : context) {
    add_sized(name, out);
    add_sized(value, out);
  }
  return out;
}

}  // namespace

Result<std::string> Kms::seal(const Key& key, const Context& context, std::string_view text) const {
  CHECK_OK(usable(key));
  const std::string name = fmt::format("{}/{}/{}", key.account, key.region, key.id);
  const size_t material = key.materials.size() - 1;
  std::string blob{kForm, static_cast<char>(name.size())};
  blob += name;
  blob += static_cast<char>(material >> 8);
  blob += static_cast<char>(material & 0xff);
  return blob + seal_text(random_, key.materials[material].bytes, bound(blob, context), text);
}

KeyPtr Kms::key_of(std::string_view ciphertext) const {
  const auto parsed = parse(ciphertext);
  return parsed ? keys_.find(parsed->name) : nullptr;
}

Result<std::string> Kms::open_sealed(const Key& key, const Context& context,
                                     std::string_view ciphertext) const {
  CHECK_OK(usable(key));
  const auto parsed = parse(ciphertext);
  const auto invalid = [] { return fail("InvalidCiphertextException", ""); };
  if (!parsed || parsed->material >= key.materials.size()) return invalid();
  if (parsed->name != fmt::format("{}/{}/{}", key.account, key.region, key.id)) return invalid();
  auto text = open_text(key.materials[parsed->material].bytes, bound(parsed->head, context), parsed->sealed);
  if (!text) return invalid();
  return std::move(*text);
}

}  // namespace gatehouse::service::kms

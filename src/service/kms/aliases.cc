// Aliases. https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
#include <fmt/format.h>

#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr size_t kLongestName = 256;

using AliasPtr = std::shared_ptr<const Alias>;

Result<void> check_name(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/_-";
  const bool formed = name.starts_with("alias/") && name.size() > std::string_view("alias/").size() &&
                      name.find_first_not_of(kLetters) == std::string_view::npos;
  if (name.size() > kLongestName || !formed) {
    return fail(error::validation(
        "1 validation error detected: Value at 'aliasName' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: ^(alias/)[a-zA-Z0-9:/_-]+$"));
  }
  if (name.starts_with("alias/aws/")) return fail("NotAuthorizedException", "");
  return {};
}

AliasPtr find_alias(const Kms& kms, const Call& call, std::string_view name) {
  for (const AliasPtr& alias : kms.aliases(call.account, call.region)) {
    if (alias->name == name) return alias;
  }
  return nullptr;
}

std::string arn_of(const Call& call, std::string_view name) {
  return Alias{call.account, call.region, std::string(name), "", {}, {}, 0}.arn();
}

// An alias and its key are of one account and region.
Result<void> check_target(const Call& call, const Key& key) {
  if (key.account != call.account) return fail(error::validation("The target key is of another account."));
  if (key.is_aws_managed()) return fail("NotAuthorizedException", "");
  if (key.state == State::pending_deletion) return fail(error::invalid_state(key.arn(), "pending deletion"));
  return {};
}

}  // namespace

Result<wire::Value> create_alias(Kms& kms, Call& call) {
  const std::string_view name = call.in[m::AliasName].text();
  CHECK_OK(check_name(name));
  CHECK_OK(check_target(call, key_of(call)));
  const auto exists = [&] {
    return fail("AlreadyExistsException",
                fmt::format("An alias with the name {} already exists", arn_of(call, name)));
  };
  if (find_alias(kms, call, name)) return exists();
  const Time now = kms.clock().now();
  auto made = kms.put(Alias{call.account, call.region, std::string(name), key_of(call).id, now, now, 0});
  if (!made && made.error().code == "ConcurrentModification") return exists();
  CHECK_OK(made);
  return wire::Value();
}

Result<wire::Value> update_alias(Kms& kms, Call& call) {
  const std::string_view name = call.in[m::AliasName].text();
  CHECK_OK(check_name(name));
  CHECK_OK(check_target(call, key_of(call)));
  const auto alias = find_alias(kms, call, name);
  if (!alias) return fail("NotFoundException", fmt::format("Alias {} is not found.", arn_of(call, name)));
  Alias next = *alias;
  next.target = key_of(call).id;
  next.updated = kms.clock().now();
  CHECK_OK(kms.put(std::move(next)));
  return wire::Value();
}

Result<wire::Value> delete_alias(Kms& kms, Call& call) {
  const std::string_view name = call.in[m::AliasName].text();
  CHECK_OK(check_name(name));
  const auto alias = find_alias(kms, call, name);
  if (!alias) return fail("NotFoundException", fmt::format("Alias {} is not found.", arn_of(call, name)));
  CHECK_OK(kms.remove(*alias));
  return wire::Value();
}

Result<wire::Value> list_aliases(Kms& kms, Call& call) {
  std::vector<AliasPtr> listed = kms.aliases(call.account, call.region);
  if (call.in[m::KeyId]) {
    TRY(const auto key, kms.find(call.account, call.region, call.in[m::KeyId].text()));
    listed = kms.aliases_of(*key);
  }
  return page(call, listed, m::Aliases, [](const AliasPtr& alias) {
    return wire::structure({{m::AliasName, alias->name},
                            {m::AliasArn, alias->arn()},
                            {m::TargetKeyId, alias->target},
                            {m::CreationDate, alias->created},
                            {m::LastUpdatedDate, alias->updated}});
  });
}

}  // namespace gatehouse::service::kms

// The account's alias: one, and nobody else's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
#include "service/iam/account/account.h"

namespace gatehouse::service::iam {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Result<void> check_alias(std::string_view alias) {
  if (alias.size() < 3 || alias.size() > 63) {
    return error::constraint(alias, "accountAlias",
                             alias.size() < 3 ? "Member must have length greater than or equal to 3"
                                              : "Member must have length less than or equal to 63");
  }
  const bool sound =
      is_lower_or_digit(alias.front()) && is_lower_or_digit(alias.back()) && alias.find("--") == alias.npos &&
      std::all_of(alias.begin(), alias.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
  if (!sound) {
    return error::constraint(alias, "accountAlias",
                             "Member must satisfy regular expression pattern: "
                             "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$");
  }
  return {};
}

}  // namespace

// The new one first: a crash between leaves two records, of which the later counts.
Result<wire::Value> create_account_alias(Iam& iam, Call& call) {
  const std::string alias(call.in[m::AccountAlias].text());
  CHECK_OK(check_alias(alias));
  const auto earlier = iam.directory.aliases(call.account);
  if (!earlier.empty() && earlier.front()->alias == alias) return wire::Value();
  auto made = iam.directory.put(account::AccountAlias{call.account, alias, call.now(), 0});
  if (!made && made.error().code == store::kConflict)
    return error::already_exists(fmt::format("The account alias {} already exists.", alias));
  if (!made) return fail(made.error());
  for (const auto& old : earlier) CHECK_OK(or_concurrent(iam.directory.remove(*old)));
  return wire::Value();
}

Result<wire::Value> delete_account_alias(Iam& iam, Call& call) {
  const std::string_view alias = call.in[m::AccountAlias].text();
  const auto found = iam.directory.find<account::AccountAlias>(alias);
  if (found == nullptr || found->account != call.account)
    return error::no_such_entity(fmt::format("The account alias {} cannot be found.", alias));
  for (const auto& one : iam.directory.aliases(call.account))
    CHECK_OK(or_concurrent(iam.directory.remove(*one)));
  return wire::Value();
}

Result<wire::Value> list_account_aliases(Iam& iam, Call& call) {
  std::vector<std::string> names;
  if (const auto aliases = iam.directory.aliases(call.account); !aliases.empty())
    names.push_back(aliases.front()->alias);
  return page(call, names, m::AccountAliases, [](const std::string& name) { return wire::Value(name); });
}

}  // namespace gatehouse::service::iam

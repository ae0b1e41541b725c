#include "account/directory/principals.h"

#include <fmt/format.h>

#include <functional>
#include <optional>

#include "base/arn.h"
#include "policy/document/document.h"

namespace gatehouse::account {
namespace {

// What to write instead of an AWS principal; nullopt: it stays.
using Rewrite = std::function<Result<std::optional<std::string>>(std::string_view)>;

// Principals stand in the order of their places, so what lies between is copied.
Result<std::string> rewritten(std::string_view policy, const Rewrite& rewrite) {
  const policy::Document document = policy::parse_document(policy);
  std::string out;
  std::uint32_t copied = 0;
  for (const policy::Statement& statement : document.statements()) {
    // In the order of their places; a statement that compiles has one of the two.
    for (const auto* element : {&statement.principal, &statement.not_principal}) {
      for (const policy::PrincipalGroup& group : element->groups) {
        if (group.type != "AWS") continue;
        for (const policy::Scalar& one : group.list.values) {
          TRY(const auto instead, rewrite(one.text));
          if (!instead) continue;
          out += policy.substr(copied, one.offset - copied);
          out += fmt::format("\"{}\"", *instead);
          copied = one.end;
        }
      }
    }
  }
  out += policy.substr(copied);
  return out;
}

std::unexpected<Error> absent(std::string_view principal) {
  return fail("MalformedPolicyDocument", std::string(principal), 400);
}

template <typename T>
Result<std::optional<std::string>> id_of(const std::shared_ptr<const T>& entity, std::string_view principal) {
  if (entity == nullptr || entity->arn != principal) return absent(principal);
  return entity->id;
}

}  // namespace

Result<std::string> with_unique_ids(const Directory& directory, std::string_view policy) {
  return rewritten(policy, [&](std::string_view principal) -> Result<std::optional<std::string>> {
    if (is_account_id(principal)) return fmt::format("arn:aws:iam::{}:root", principal);
    const auto arn = Arn::parse(principal);
    if (!arn) {
      // An id that this server would have made, of somebody who is gone.
      const bool ours = principal.size() == 21 &&
                        (principal.starts_with(id_prefix::kRole) || principal.starts_with(id_prefix::kUser));
      if (ours && directory.by_id<Role>(principal) == nullptr && directory.by_id<User>(principal) == nullptr)
        return absent(principal);
      return std::nullopt;
    }
    if (arn->service != "iam" || directory.account(arn->account) == nullptr) return std::nullopt;
    const std::string_view name = arn->resource.substr(arn->resource.rfind('/') + 1);
    if (arn->resource.starts_with("role/")) return id_of(directory.role(arn->account, name), principal);
    if (arn->resource.starts_with("user/")) return id_of(directory.user(arn->account, name), principal);
    if (arn->resource != "root") return absent(principal);  // a group is no principal
    return std::nullopt;
  });
}

std::string with_arns(const Directory& directory, std::string_view policy) {
  auto shown = rewritten(policy, [&](std::string_view principal) -> Result<std::optional<std::string>> {
    if (const auto role = directory.by_id<Role>(principal)) return role->arn;
    if (const auto user = directory.by_id<User>(principal)) return user->arn;
    return std::nullopt;
  });
  return shown ? std::move(*shown) : std::string(policy);
}

}  // namespace gatehouse::account

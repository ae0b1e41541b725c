#include "account/principals.h"

#include "base/arn.h"
#include "base/json.h"

namespace gatehouse::account {
namespace {

bool may_exist(const Directory& directory, std::string_view principal) {
  const auto arn = Arn::parse(principal);
  if (!arn || arn->service != "iam" || directory.account(arn->account) == nullptr) return true;
  const std::string_view name = arn->resource.substr(arn->resource.rfind('/') + 1);
  if (arn->resource.starts_with("role/")) {
    const auto role = directory.role(arn->account, name);
    return role != nullptr && role->arn == principal;
  }
  if (arn->resource.starts_with("user/")) {
    const auto user = directory.user(arn->account, name);
    return user != nullptr && user->arn == principal;
  }
  return true;
}

// An element that is one value or a list of them.
template <typename Visit>
void each(const json::value& v, Visit visit) {
  if (const json::array* list = v.if_array()) {
    for (const json::value& one : *list) visit(one);
  } else {
    visit(v);
  }
}

}  // namespace

std::optional<std::string> absent_principal(const Directory& directory, std::string_view policy) {
  std::optional<std::string> absent;
  const auto document = json::parse(policy);
  if (!document || !document->is_object()) return absent;
  const json::value* statements = document->get_object().if_contains("Statement");
  if (statements == nullptr) return absent;
  each(*statements, [&](const json::value& statement) {
    if (!statement.is_object()) return;
    for (const char* element : {"Principal", "NotPrincipal"}) {
      const json::value* principal = statement.get_object().if_contains(element);
      if (principal == nullptr || !principal->is_object()) continue;
      const json::value* aws = principal->get_object().if_contains("AWS");
      if (aws == nullptr) continue;
      each(*aws, [&](const json::value& one) {
        if (!absent && one.is_string() && !may_exist(directory, one.get_string()))
          absent = std::string(one.get_string());
      });
    }
  });
  return absent;
}

}  // namespace gatehouse::account

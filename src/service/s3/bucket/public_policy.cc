#include "service/s3/bucket/public_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "base/arn.h"
#include "base/json.h"

namespace gatehouse::service::s3 {
namespace {

// Keys that name who or where, in lower case. A fixed value of one of them makes a grant non-public.
constexpr std::array<std::string_view, 14> kNarrowingKeys = {"aws:sourcearn",
                                                             "aws:sourcevpc",
                                                             "aws:sourcevpce",
                                                             "aws:sourceowner",
                                                             "aws:sourceaccount",
                                                             "aws:sourceorgid",
                                                             "aws:userid",
                                                             "aws:principalarn",
                                                             "aws:principalaccount",
                                                             "aws:principalorgid",
                                                             "aws:principalorgpaths",
                                                             "s3:x-amz-server-side-encryption-aws-kms-key-id",
                                                             "s3:dataaccesspointarn",
                                                             "s3:dataaccesspointaccount"};
constexpr std::array<std::string_view, 5> kNarrowingOperators = {"stringequals", "stringequalsignorecase",
                                                                 "stringlike", "arnequals", "arnlike"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::vector<std::string_view> texts(const json::value& v) {
  std::vector<std::string_view> out;
  if (v.is_string()) out.emplace_back(v.get_string());
  if (v.is_array()) {
    for (const auto& e : v.get_array()) {
      if (e.is_string()) out.emplace_back(e.get_string());
    }
  }
  return out;
}

// An IAM principal ID pattern "AROA…:*" is fixed where the id before the colon is.
bool is_fixed(std::string_view key, std::string_view value) {
  if (key == "aws:userid" && value.ends_with(":*")) value.remove_suffix(2);
  if (key == "aws:sourcearn" || key == "aws:principalarn") {
    // What must be fixed of an ARN is its account.
    const auto arn = Arn::parse(value);
    if (arn) value = arn->account.empty() ? arn->resource : arn->account;
  }
  return !value.empty() && value.find_first_of("*?") == std::string_view::npos &&
         value.find("${") == std::string_view::npos;
}

// A range as broad as a quarter of the Internet narrows nothing.
bool is_narrow_range(std::string_view range) {
  const bool six = range.find(':') != std::string_view::npos;
  const auto slash = range.find('/');
  if (slash == std::string_view::npos) return true;
  int bits = 0;
  const auto text = range.substr(slash + 1);
  if (std::from_chars(text.data(), text.data() + text.size(), bits).ec != std::errc()) return false;
  return bits >= (six ? 32 : 8);
}

bool narrows(std::string_view op, std::string_view key, const json::value& values) {
  const auto all = texts(values);
  if (all.empty()) return false;
  if (op == "ipaddress" && key == "aws:sourceip") return std::ranges::all_of(all, is_narrow_range);
  if (std::ranges::find(kNarrowingOperators, op) == kNarrowingOperators.end()) return false;
  if (std::ranges::find(kNarrowingKeys, key) == kNarrowingKeys.end()) return false;
  return std::ranges::all_of(all, [&](std::string_view v) { return is_fixed(key, v); });
}

bool has_narrowing_condition(const json::object& statement) {
  const auto* condition = statement.if_contains("Condition");
  if (condition == nullptr || !condition->is_object()) return false;
  for (const auto& [op, keys] : condition->get_object()) {
    if (!keys.is_object()) continue;
    for (const auto& [key, values] : keys.get_object()) {
      if (narrows(lower(op), lower(key), values)) return true;
    }
  }
  return false;
}

bool names_everyone(const json::object& statement) {
  if (statement.contains("NotPrincipal")) return true;
  const auto* principal = statement.if_contains("Principal");
  if (principal == nullptr) return false;
  if (principal->is_string()) return principal->get_string() == "*";
  if (!principal->is_object()) return false;
  // Whoever signs in at a web identity provider is anybody.
  if (principal->get_object().contains("Federated")) return true;
  const auto* aws = principal->get_object().if_contains("AWS");
  if (aws == nullptr) return false;
  const auto named = texts(*aws);
  return std::ranges::find(named, "*") != named.end();
}

bool is_public_grant(const json::value& v) {
  if (!v.is_object()) return false;
  const json::object& statement = v.get_object();
  return json::string_or(statement, "Effect", "") == "Allow" && names_everyone(statement) &&
         !has_narrowing_condition(statement);
}

}  // namespace

bool is_public(std::string_view policy) {
  const auto parsed = json::parse(policy);
  if (!parsed || !parsed->is_object()) return false;
  const auto* statements = parsed->get_object().if_contains("Statement");
  if (statements == nullptr) return false;
  if (statements->is_array()) return std::ranges::any_of(statements->get_array(), is_public_grant);
  return is_public_grant(*statements);
}

}  // namespace gatehouse::service::s3

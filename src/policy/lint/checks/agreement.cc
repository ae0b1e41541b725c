// Accounts and Regions that a policy names in several places, and that cannot all be meant.
#include <algorithm>
#include <array>
#include <set>

#include "base/arn.h"
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// Demands one of its values: not negated, and false where the key is absent.
bool demands(const ConditionUse& use) {
  return !use.parts.negated && !use.parts.if_exists && use.parts.set == OperatorParts::Set::none &&
         (use.parts.family == OperatorParts::Family::string ||
          use.parts.family == OperatorParts::Family::arn);
}

// The values, or nothing where one of them may be anything.
std::set<std::string, std::less<>> closed_values(const ConditionUse& use) {
  std::set<std::string, std::less<>> all;
  for (const Scalar& value : use.values()) {
    if (is_open(value.text)) return {};
    all.emplace(value.text);
  }
  return all;
}

// The accounts in ARNs, or nothing where one has none or an open one.
std::set<std::string, std::less<>> accounts_in(const std::vector<std::string_view>& arns) {
  std::set<std::string, std::less<>> all;
  for (const std::string_view text : arns) {
    const auto arn = ArnPattern::parse(text);
    if (!arn || !is_account_id(arn->account)) return {};
    all.emplace(arn->account);
  }
  return all;
}

bool apart(const std::set<std::string, std::less<>>& a, const std::set<std::string, std::less<>>& b) {
  return !a.empty() && !b.empty() &&
         std::ranges::none_of(a, [&](const std::string& one) { return b.contains(one); });
}

const ConditionUse* demanded(const StatementView& s, std::string_view key) {
  const auto at = std::ranges::find_if(
      s.conditions, [&](const ConditionUse& use) { return use.lower_key == key && demands(use); });
  return at == s.conditions.end() ? nullptr : &*at;
}

void told_apart(const StatementView& s, std::string_view key, const std::vector<std::string_view>& arns,
                std::string_view what, Report& report) {
  const ConditionUse* account = demanded(s, key);
  if (account == nullptr) return;
  const auto named = accounts_in(arns);
  if (!apart(closed_values(*account), named)) return;
  report.add(account->values().front().offset,
             "The account is " + quoted(account->values().front().text) + " here and " +
                 quoted(*named.begin()) + " in " + std::string(what) + ": both are never true at once.",
             "Write the same account in both.");
}

void accounts_disagree(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (const ConditionUse* source = demanded(s, "aws:sourcearn")) {
      std::vector<std::string_view> arns;
      for (const Scalar& value : source->values()) arns.push_back(value.text);
      told_apart(s, "aws:sourceaccount", arns, "aws:SourceArn", report);
    }
    std::vector<std::string_view> principals;
    const bool aws = std::ranges::all_of(s.principals, [](const PrincipalUse& p) { return p.type == "AWS"; });
    for (const PrincipalUse& use : s.principals) principals.push_back(use.text);
    if (aws && !s.not_principal) told_apart(s, "aws:principalaccount", principals, "Principal", report);
  }
}

// A role is passed within its own account.
void roles_of_several_accounts(const Subject& subject, Report& report) {
  std::set<std::string, std::less<>> accounts;
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_resource || !s.names("iam:PassRole")) continue;
    for (const ResourceUse& use : s.resources) {
      if (!use.arn || use.arn->service != "iam" || !is_account_id(use.arn->account)) continue;
      if (!accounts.emplace(use.arn->account).second || accounts.size() < 2) continue;
      report.add(use.scalar->offset,
                 "A role is passed within its own account only, and these are of " +
                     joined({accounts.begin(), accounts.end()}) + ".",
                 "Keep the roles of the account that this policy is for.");
    }
  }
}

// "s3.us-east-1.amazonaws.com" -> "us-east-1"
std::string_view region_of_endpoint(std::string_view host) {
  const auto first = host.find('.');
  if (first == std::string_view::npos) return {};
  const auto second = host.find('.', first + 1);
  return second == std::string_view::npos ? std::string_view() : host.substr(first + 1, second - first - 1);
}

std::set<std::string, std::less<>> regions_asked(const StatementView& s, const ConditionUse*& asked) {
  for (const std::string_view key : {"aws:requestedregion", "ec2:region", "kms:viaservice"}) {
    asked = demanded(s, key);
    if (asked == nullptr) continue;
    auto regions = closed_values(*asked);
    if (key != "kms:viaservice") return regions;
    std::set<std::string, std::less<>> of_hosts;
    for (const std::string& host : regions) {
      const std::string_view region = region_of_endpoint(host);
      if (!is_known_region(region)) return {};
      of_hosts.emplace(region);
    }
    return of_hosts;
  }
  return {};
}

void regions_disagree(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    const ConditionUse* asked = nullptr;
    const auto wanted = regions_asked(s, asked);
    std::set<std::string, std::less<>> written;
    for (const ResourceUse& use : s.resources) {
      const bool known = use.arn && is_known_region(use.arn->region);
      if (!known) written.clear();
      if (!known) break;
      written.emplace(use.arn->region);
    }
    if (s.not_resource || !apart(wanted, written)) continue;
    report.add(asked->values().front().offset,
               "The Region is " + quoted(*wanted.begin()) + " here and " + quoted(*written.begin()) +
                   " in the resources: both are never true at once.",
               "Write the same Region in both.");
  }
}

constexpr Check kChecks[] = {
    {"ACCOUNTS_DISAGREE", Severity::error, kAll, accounts_disagree},
    {"PASS_ROLE_OF_OTHER_ACCOUNT", Severity::warning, kIdentityLike, roles_of_several_accounts},
    {"REGIONS_DISAGREE", Severity::error, kAll, regions_disagree},
};

}  // namespace

std::span<const Check> agreement_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

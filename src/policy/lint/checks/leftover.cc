// What a copied policy still carries of where it came from.
#include <algorithm>
#include <array>
#include <map>

#include "base/arn.h"
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

template <typename Fn>
void each_text(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) fn(use.text, use.offset);
    for (const ActionUse& use : s.actions) fn(use.text, use.scalar->offset);
    for (const ResourceUse& use : s.resources) fn(use.text, use.scalar->offset);
    for (const ConditionUse& use : s.conditions) {
      fn(use.entry->key, use.entry->key_offset);
      for (const Scalar& value : use.values()) fn(value.text, value.offset);
    }
  }
}

// Each placeholder once, at its first place.
void placeholder(const Subject& subject, Report& report) {
  std::map<std::string, std::pair<std::uint32_t, int>> seen;
  each_text(subject, [&](std::string_view text, std::uint32_t offset) {
    for (std::string_view rest = text; seen.size() < kMaxFindings;) {
      const std::string_view found = placeholder_in(rest);
      if (found.empty()) return;
      const auto at = seen.try_emplace(std::string(found), offset, 0).first;
      at->second.first = std::min(at->second.first, offset);
      ++at->second.second;
      rest = rest.substr(static_cast<std::size_t>(found.data() - rest.data()) + found.size());
    }
  });
  for (const auto& [name, where] : seen) {
    report.add(where.first,
               name + " is a placeholder" +
                   (where.second > 1 ? ", left in " + std::to_string(where.second) + " places." : "."),
               "Replace it by the value it stands for.");
  }
}

// Ids of real accounts and clusters, in pages that people copy from.
constexpr std::array<std::string_view, 3> kPublished = {"501672548510", "50DCD1E10C8BAD2EC2B3E0E84647098C",
                                                        "66CBAF563FD1438BC98F1EF39FF8DACD"};

void copied_id(const Subject& subject, Report& report) {
  std::vector<std::string_view> told;
  each_text(subject, [&](std::string_view text, std::uint32_t offset) {
    for (const std::string_view id : kPublished) {
      if (text.find(id) == std::string_view::npos || subject.options.account == id ||
          std::ranges::find(told, id) != told.end())
        continue;
      told.push_back(id);
      report.add(offset,
                 std::string(id) + " is the id of someone else's " + (is_digits(id) ? "account" : "cluster") +
                     ", from a published page.",
                 "Replace it by your own.");
    }
  });
}

// Only of what must be the caller's own: an OIDC or SAML provider, and a role to pass.
void other_account(const Subject& subject, Report& report) {
  const std::string& own = subject.options.account;
  if (!is_account_id(own)) return;
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      const auto arn = ArnPattern::parse(use.text);
      if (use.type != "Federated" || !arn || !is_account_id(arn->account) || arn->account == own) continue;
      report.add(use.offset,
                 "The provider is in account " + std::string(arn->account) +
                     ", and a role trusts only providers of its own account, " + own + ".",
                 "Write " + own + ".");
    }
    if (!subject.is_identity_like() || !s.allow || !s.names("iam:PassRole")) continue;
    for (const ResourceUse& use : s.resources) {
      if (!use.arn || !is_account_id(use.arn->account) || use.arn->account == own) continue;
      report.add(use.scalar->offset,
                 "The role is in account " + std::string(use.arn->account) +
                     ", and roles are passed within an account only, " + own + " here.",
                 "Write " + own + ".");
    }
  }
}

void double_arn(const Subject& subject, Report& report) {
  each_text(subject, [&](std::string_view text, std::uint32_t offset) {
    const auto again = text.find("arn:aws", 1);
    if (!text.starts_with("arn:") || again == std::string_view::npos) return;
    report.add(offset, "An ARN stands inside an ARN: a whole ARN was put where only a name belongs.",
               "Write " + quoted(text.substr(again)) + ".");
  });
}

void partitions_differ(const Subject& subject, Report& report) {
  std::string_view first;
  std::uint32_t told = 0;
  each_text(subject, [&](std::string_view text, std::uint32_t offset) {
    const auto arn = ArnPattern::parse(text);
    if (!arn || arn->parts < 6 || !is_known_partition(arn->partition)) return;
    if (first.empty()) first = arn->partition;
    const std::string_view region_in = partition_of_region(arn->region);
    if (!region_in.empty() && region_in != arn->partition) {
      report.add(offset,
                 "Region " + std::string(arn->region) + " is in partition " + std::string(region_in) +
                     ", not in " + std::string(arn->partition) + ".",
                 "Let partition and Region agree.");
    } else if (arn->partition != first && told++ == 0) {
      report.add(offset,
                 "This ARN is of partition " + std::string(arn->partition) + ", others here are of " +
                     std::string(first) + "; an account lives in one.",
                 "Write the partition of your account.");
    }
  });
}

// In resources that one call would need together; other accounts' roles and buckets are named on purpose.
void issuer_region(const Subject& subject, Report& report) {
  if (subject.kind != Kind::trust) return;
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      constexpr std::string_view kStart = "oidc-provider/oidc.eks.";
      const auto at = use.text.find(kStart);
      if (use.type != "Federated" || at == std::string_view::npos) continue;
      const std::string_view rest = use.text.substr(at + kStart.size());
      const std::string_view region = rest.substr(0, rest.find('.'));
      if (is_open(region) || is_known_region(region)) continue;
      report.add(
          use.offset, quoted(region) + " in the issuer's name is not a Region.",
          "Copy the issuer from the cluster: aws eks describe-cluster --query cluster.identity.oidc.issuer.");
    }
  }
}

void tag_not_string(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (use.lower_key.find("tag/") == std::string::npos || use.parts.family == OperatorParts::Family::null)
        continue;
      for (const Scalar& value : use.values()) {
        if (value.kind != JsonKind::boolean && value.kind != JsonKind::number) continue;
        report.add(
            value.offset,
            "The value of a tag is always text, and this is " + std::string(to_string(value.kind)) + ".",
            "Write \"" + std::string(value.text) + "\".");
      }
    }
  }
}

constexpr Check kChecks[] = {
    {"PLACEHOLDER_LEFT", Severity::warning, kAll, placeholder},
    {"COPIED_ID", Severity::warning, kAll, copied_id},
    {"OTHER_ACCOUNT", Severity::error, kAll, other_account},
    {"ARN_INSIDE_ARN", Severity::error, kAll, double_arn},
    {"PARTITIONS_DISAGREE", Severity::warning, kAll, partitions_differ},
    {"OIDC_ISSUER_REGION", Severity::error, kTrust, issuer_region},
    {"TAG_VALUE_NOT_STRING", Severity::suggestion, kAll, tag_not_string},
};

}  // namespace

std::span<const Check> leftover_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

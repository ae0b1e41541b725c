// Principal and NotPrincipal, and what a service as principal needs beside it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#include <algorithm>
#include <array>
#include <map>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

template <typename Fn>
void each_principal(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) fn(s, use);
  }
}

void bare_string(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView&, const PrincipalUse& use) {
    if (use.type != "*" || use.text == "*") return;
    report.add(use.offset, "The principal " + quoted(use.text) + " does not say of what kind it is.",
               "Write {\"AWS\": \"" + std::string(use.text.substr(0, 128)) + "\"}, or Service or Federated.");
  });
}

void unknown_type(const Subject& subject, Report& report) {
  constexpr std::array<std::string_view, 4> kTypes = {"AWS", "Service", "Federated", "CanonicalUser"};
  for (const auto& s : subject.statements) {
    for (const auto* element : {&s.source->principal, &s.source->not_principal}) {
      for (const PrincipalGroup& group : element->groups) {
        if (std::ranges::find(kTypes, group.type) != kTypes.end()) continue;
        report.add(group.key_offset, quoted(group.type) + " is not a kind of principal.",
                   "The kinds are AWS, Service, Federated and CanonicalUser.");
      }
    }
  }
}

void partial_wildcard(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView&, const PrincipalUse& use) {
    if (use.type == "*" || !has_wildcard(use.text)) return;
    if (use.type == "AWS" && use.text == "*") return;
    report.add(use.offset,
               "Principals are named in full: the wildcard in " + quoted(use.text) + " is refused.",
               use.type == "AWS" ? "Name the account and add a condition on aws:PrincipalArn with ArnLike."
                                 : "Name each one.");
  });
}

void federated(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView&, const PrincipalUse& use) {
    if (use.type != "Federated") return;
    report.add(use.offset, "An identity provider is a principal only in a role's trust policy.",
               "Name the role that its users assume.");
  });
}

template <bool role>
void unique_id(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView&, const PrincipalUse& use) {
    if (use.type != "AWS" || !use.text.starts_with(role ? "AROA" : "AIDA") || use.text.size() < 16) return;
    report.add(use.offset,
               std::string(role ? "This is the id of a role" : "This is the id of a user") +
                   ", which stays behind when its owner is deleted.",
               "Write the ARN instead.");
  });
}

void allow_not_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || !s.source->not_principal.present) continue;
    report.add(s.source->not_principal.key_offset,
               "This allows everybody else in the world, anonymous callers too.",
               "List under Principal who may.");
  }
}

bool services_only(const StatementView& s) {
  return !s.principals.empty() && !s.not_principal &&
         std::ranges::all_of(s.principals, [](const PrincipalUse& p) { return p.type == "Service"; });
}

bool is_source_key(std::string_view key) {
  return key == "aws:sourcearn" || key == "aws:sourceaccount" || key == "aws:sourceorgid" ||
         key == "aws:sourceorgpaths";
}

void unrestricted_service(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || !services_only(s)) continue;
    const auto tells = [](std::string_view key) {
      return is_source_key(key) || key == "aws:referer" || key == "aws:sourceowner" ||
             key.starts_with("kms:");
    };
    if (s.any_condition_key(tells)) continue;
    report.add(s.principals.front().offset,
               "The service " + quoted(s.principals.front().text) +
                   " may do this on behalf of anybody, in any account.",
               "Add a condition on aws:SourceArn or aws:SourceAccount.");
  }
}

void weak_service_key(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || !services_only(s) || s.any_condition_key(is_source_key)) continue;
    for (const ConditionUse& use : s.conditions) {
      if (use.lower_key != "aws:referer" && use.lower_key != "aws:sourceowner") continue;
      report.add(use.entry->key_offset,
                 quoted(use.entry->key) + " is not what tells for whom a service acts.",
                 "Use aws:SourceArn or aws:SourceAccount.");
    }
  }
}

void key_without_meaning(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || !services_only(s)) continue;
    for (const ConditionUse& use : s.conditions) {
      const std::string& key = use.lower_key;
      const bool of_identity = key == "aws:principalorgid" || key == "aws:principalorgpaths" ||
                               key == "aws:principalarn" || key == "aws:principalaccount" ||
                               key.starts_with("aws:principaltag/") || key == "aws:username";
      if (!of_identity || use.parts.if_exists) continue;
      report.add(use.entry->key_offset,
                 "A service that calls as itself has no " + quoted(use.entry->key) + ".",
                 "Remove it, and use aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.");
    }
  }
}

// What the policy hangs on is not written in it; the service that most of its actions and resources belong to
// is.
std::string family(std::string_view service) { return service.starts_with("s3") ? "s3" : lower(service); }

std::string owner_of(const Subject& subject) {
  std::map<std::string, int> counts;
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (use.service) ++counts[family(use.service->prefix())];
    }
    for (const ResourceUse& use : s.resources) {
      if (use.arn && !is_open(use.arn->service)) ++counts[family(use.arn->service)];
    }
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& c) { return c.second; });
  return most == counts.end() ? std::string() : most->first;
}

void foreign_action(const Subject& subject, Report& report) {
  const std::string owner = owner_of(subject);
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (!use.service || s.not_action || family(use.service->prefix()) == owner) continue;
      report.add(use.scalar->offset,
                 quoted(use.text) + " is no action on what the rest of this policy is about, " + owner + ".",
                 "A resource's policy takes actions of its own service.");
    }
  }
}

void foreign_resource(const Subject& subject, Report& report) {
  const std::string owner = owner_of(subject);
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) {
      if (!use.arn || is_open(use.arn->service) || family(use.arn->service) == owner) continue;
      report.add(use.scalar->offset,
                 quoted(use.text) + " is no resource of " + owner + ", which this policy is about.",
                 "A resource's policy names that resource, or what is inside it.");
    }
  }
}

constexpr Kinds kOnResource = bit(Kind::resource);
constexpr Kinds kWithPrincipal = static_cast<Kinds>(kResourceLike | kTrust);

constexpr Check kChecks[] = {
    {"INVALID_PRINCIPAL_FORMAT", Severity::error, kWithPrincipal, bare_string},
    {"INVALID_PRINCIPAL_KEY", Severity::error, kWithPrincipal, unknown_type},
    {"UNSUPPORTED_WILDCARD_IN_PRINCIPAL", Severity::error, kWithPrincipal, partial_wildcard},
    {"FEDERATED_PRINCIPAL_NOT_SUPPORTED", Severity::error, kResourceLike, federated},
    {"INVALID_ROLE_REFERENCE", Severity::warning, kWithPrincipal, unique_id<true>},
    {"INVALID_USER_REFERENCE", Severity::warning, kWithPrincipal, unique_id<false>},
    {"ALLOW_WITH_NOT_PRINCIPAL", Severity::security_warning, kResourceLike, allow_not_principal},
    {"RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", Severity::security_warning, kOnResource, unrestricted_service},
    {"RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", Severity::suggestion, kOnResource, weak_service_key},
    {"UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", Severity::error, kOnResource, key_without_meaning},
    {"UNSUPPORTED_ACTION_IN_POLICY", Severity::error, kOnResource, foreign_action},
    {"UNSUPPORTED_RESOURCE_ARN_IN_POLICY", Severity::error, kOnResource, foreign_resource},
};

}  // namespace

std::span<const Check> principal_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

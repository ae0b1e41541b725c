// The add-ons of EKS: their versions, what they can be configured with, and the service accounts they use.
// https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gatehouse::service::eks {

// For clusters of Kubernetes 1.FROM to 1.TO.
struct AddonVersion {
  std::string_view name;
  int from, to;
};

struct AddonServiceAccount {
  std::string_view name;
  std::string_view policy;  // AWS's managed policy that it is meant to have: its name
};

struct AddonKind {
  std::string_view name, type, ns;
  std::vector<AddonVersion> versions;  // newest first
  std::string_view schema;             // of configurationValues: JSON Schema
  std::vector<AddonServiceAccount> accounts;
};

std::span<const AddonKind> addon_kinds();  // by name
const AddonKind* find_addon(std::string_view name);
const AddonVersion* find_version(const AddonKind& kind, std::string_view version);
bool fits(const AddonVersion& version, std::string_view kubernetes);
// What a cluster gets that does not ask for a version; null where there is none for it.
const AddonVersion* default_version(const AddonKind& kind, std::string_view kubernetes);

// JSON or YAML that the kind's schema takes; InvalidParameterException otherwise. "" is nothing to check.
Result<void> check_configuration(const AddonKind& kind, std::string_view values);

}  // namespace gatehouse::service::eks

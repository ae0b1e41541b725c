// The aws-auth ConfigMap: which IAM principals are which Kubernetes users.
// https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html and sigs.k8s.io/aws-iam-authenticator
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/access/aws_auth_finding.h"
#include "kube/access/iam_token.h"
#include "kube/access/user.h"

namespace gatehouse::kube {

struct Mapping {
  std::string username;
  std::vector<std::string> groups;
  std::string arn{};  // as the ConfigMap has it
  int line = 0;       // of its entry in the list's text, from 1; 0: unknown
};

struct AwsAuth {
  // By lower-case ARN; of two entries for one ARN the last counts.
  std::map<std::string, Mapping, std::less<>> roles, users;
  std::vector<std::string> accounts;
  std::vector<AwsAuthFinding> complaints;  // what was not understood: entries that EKS drops in silence

  // `data` of the ConfigMap. What cannot be read yields nothing, and a complaint.
  static AwsAuth parse(const json::object& data);

  // Roles, then users, then accounts. Null where the principal is not mapped.
  std::optional<Mapping> find(std::string_view canonical_arn, std::string_view account) const;
};

// An instance's private DNS name, for {{EC2PrivateDNSName}} of its role's session, which is named like it.
using InstanceNames = std::function<std::optional<std::string>(const IamIdentity&, std::string_view region,
                                                               std::string_view instance_id)>;

// The name that EC2 gives an instance by its id, since there are no instances to look one up in.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-naming.html
std::optional<std::string> resource_based_name(const IamIdentity& identity, std::string_view region,
                                               std::string_view instance_id);

// Fills in the templates and says who the caller is; nullopt where a template has no value, which means
// denied. `region` is the cluster's.
std::optional<User> mapped_user(const Mapping& mapping, const IamIdentity& identity, std::string_view region,
                                const InstanceNames& names);

}  // namespace gatehouse::kube

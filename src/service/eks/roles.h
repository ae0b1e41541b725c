// The roles that are handed to EKS, and those it makes for itself.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

inline constexpr std::string_view kEksService = "eks.amazonaws.com";
inline constexpr std::string_view kNodeService = "ec2.amazonaws.com";
inline constexpr std::string_view kNodegroupService = "eks-nodegroup.amazonaws.com";
inline constexpr std::string_view kPodService = "pods.eks.amazonaws.com";

// The right to hand a role to the service that will assume it: nobody has it for another account's role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
Result<account::Requirement> pass_role(const Call& call, std::string_view role_arn, std::string_view service);

// The role of that very ARN; null where it is not there.
std::shared_ptr<const account::Role> find_role(const Eks& eks, std::string_view arn);

// Whether the role's trust policy lets the service do all of this. `keys` are added to each question.
bool trusts(const Eks& eks, Call& call, const account::Role& role, std::string_view service,
            std::initializer_list<std::string_view> actions,
            const std::vector<account::Requirement::Key>& keys = {});

// InvalidParameterException for what is no role's ARN.
Result<void> check_role_arn(std::string_view arn);

}  // namespace gatehouse::service::eks

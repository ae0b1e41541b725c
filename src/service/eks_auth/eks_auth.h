// EKS Auth: credentials for pods, asked for by the agent on their node with the pod's own token.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html
#pragma once

#include "account/sessions.h"
#include "service/call.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks_auth {

struct EksAuth {
  eks::Eks& eks;
  const account::Sessions& sessions;
};

Service make_service(EksAuth& eks_auth);

}  // namespace gatehouse::service::eks_auth

// Roles to pass, redundancy, and the checks that are ours alone.
#include "policy/lint/lint_test.h"

namespace gatehouse::policy::lint {

std::vector<Example> advice_examples() {
  using enum Kind;
#define ALLOW(rest) R"("Effect":"Allow",)" rest
  return {
      {"PASS_ROLE_WITH_NOT_RESOURCE", identity,
       ALLOW(R"("Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/admin")"),
       ALLOW(R"("Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/job")")},
      {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", identity,
       ALLOW(R"("Action":"iam:*","NotResource":"arn:aws:iam::111122223333:role/admin")"),
       ALLOW(R"("Action":"iam:Get*","NotResource":"arn:aws:iam::111122223333:role/admin")")},
      {"PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", identity,
       ALLOW(R"("NotAction":"s3:*","NotResource":"arn:aws:iam::111122223333:role/admin")"),
       ALLOW(R"("NotAction":"iam:*","NotResource":"arn:aws:iam::111122223333:role/admin")")},
      {"PASS_ROLE_WITH_STAR_IN_RESOURCE", identity, ALLOW(R"("Action":"iam:PassRole","Resource":"*")"),
       ALLOW(
           R"("Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}})")},
      {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", identity, ALLOW(R"("Action":"iam:*","Resource":"*")"),
       ALLOW(R"("Action":"iam:List*","Resource":"*")")},
      {"PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", identity,
       ALLOW(R"("NotAction":"s3:*","Resource":"*")"), ALLOW(R"("NotAction":"iam:*","Resource":"*")")},
      {"CREATE_SLR_WITH_NOT_RESOURCE", identity,
       ALLOW(R"("Action":"iam:CreateServiceLinkedRole","NotResource":"arn:aws:iam::111122223333:role/a")"),
       ALLOW(
           R"("Action":"iam:CreateServiceLinkedRole","Resource":"arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/*")")},
      {"CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", identity,
       ALLOW(R"("Action":"iam:Create*","NotResource":"arn:aws:iam::111122223333:role/a")"),
       ALLOW(R"("Action":"iam:Delete*","NotResource":"arn:aws:iam::111122223333:role/a")")},
      {"CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", identity,
       ALLOW(R"("NotAction":"s3:*","NotResource":"arn:aws:iam::111122223333:role/a")"),
       ALLOW(
           R"("NotAction":["s3:*","iam:CreateServiceLinkedRole"],"NotResource":"arn:aws:iam::111122223333:role/a")")},
      {"CREATE_SLR_WITH_STAR_IN_RESOURCE", identity,
       ALLOW(R"("Action":"iam:CreateServiceLinkedRole","Resource":"*")"),
       ALLOW(
           R"("Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":"eks.amazonaws.com"}})")},
      {"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", identity,
       ALLOW(R"("Action":"iam:Create*","Resource":"*")"),
       ALLOW(R"("Action":"iam:CreateRole","Resource":"*")")},
      {"CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", identity,
       ALLOW(R"("NotAction":"s3:*","Resource":"*")"), ALLOW(R"("NotAction":"iam:*","Resource":"*")")},
      {"REDUNDANT_ACTION", identity,
       ALLOW(R"("Action":["iam:Get*","iam:GetCredentialReport"],"Resource":"*")"),
       ALLOW(R"("Action":["iam:Get*","iam:*CredentialReport"],"Resource":"*")")},
      {"REDUNDANT_RESOURCE", identity,
       ALLOW(
           R"("Action":"iam:GetRole","Resource":["arn:aws:iam::111122223333:role/jane-admin","arn:aws:iam::111122223333:role/jane*"])"),
       ALLOW(
           R"("Action":"iam:GetRole","Resource":["arn:aws:iam::111122223333:role/jane-admin","arn:aws:iam::111122223333:role/john*"])")},
      {"REDUNDANT_STATEMENT", identity,
       R"({"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},{"Effect":"Allow","Action":["s3:putobject","s3:GetObject"],"Resource":"*"}]})",
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]})"},
  };
}

std::vector<Example> own_examples() {
  using enum Kind;
#define TRUST(rest) R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":)" rest
#define EKS \
  R"("Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/AB"},"Condition":)"
#define ID "oidc.eks.us-east-1.amazonaws.com/id/AB"
  return {
      {"ACTION_CASE", identity, ALLOW(R"("Action":"elasticloadbalancing:SetWebACL","Resource":"*")"),
       ALLOW(R"("Action":"elasticloadbalancing:SetWebAcl","Resource":"*")")},
      {"ACTION_NEVER_MATCHES_RESOURCE", identity,
       ALLOW(R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::b/*")"),
       ALLOW(R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::b*")")},
      {"RESOURCE_OF_OTHER_TYPE", identity,
       ALLOW(
           R"("Action":"eks:DescribeNodegroup","Resource":["arn:aws:eks:us-east-1:111122223333:nodegroup/c/*/*","arn:aws:eks:us-east-1:111122223333:cluster/c"])"),
       ALLOW(
           R"("Action":["eks:DescribeNodegroup","eks:DescribeCluster"],"Resource":["arn:aws:eks:us-east-1:111122223333:nodegroup/c/*/*","arn:aws:eks:us-east-1:111122223333:cluster/c"])")},
      {"MIXED_RESOURCE_TYPES", identity,
       ALLOW(R"("Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"])"),
       ALLOW(
           R"("Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"])")},
      {"ACTION_NEEDS_STAR", identity,
       ALLOW(
           R"("Action":"ec2:DescribeInstances","Resource":"arn:aws:ec2:us-east-1:111122223333:instance/*")"),
       ALLOW(R"("Action":"s3:ListAllMyBuckets","Resource":"arn:aws:s3:::*")")},
      {"PLACEHOLDER_IN_WRONG_PLACE", identity,
       ALLOW(
           R"("Action":"eks:DescribeNodegroup","Resource":"arn:aws:eks:us-east-1:111122223333:nodegroup/<MY_NODEGROUP_NAME>/*/*")"),
       ALLOW(
           R"("Action":"eks:DescribeNodegroup","Resource":"arn:aws:eks:us-east-1:111122223333:nodegroup/<MY_CLUSTER_NAME>/<MY_NODEGROUP_NAME>/*")")},
      {"RESOURCE_TAG_ON_CREATION", identity,
       ALLOW(
           R"("Action":"wafv2:CreateIPSet","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})"),
       ALLOW(
           R"("Action":"wafv2:CreateIPSet","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}})")},
      {"RESOURCE_TAG_NOT_SUPPORTED", identity,
       ALLOW(
           R"("Action":"ec2:DescribeInstances","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})"),
       ALLOW(
           R"("Action":"ec2:StopInstances","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})")},
      {"RESOURCE_TAG_BY_TYPE", identity,
       ALLOW(
           R"("Action":"wafv2:DeleteWebACL","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})"),
       ALLOW(
           R"("Action":"ec2:StopInstances","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})")},
      {"OIDC_ISSUER_MISMATCH", trust,
       EKS R"({"StringEquals":{"oidc.eks.us-west-2.amazonaws.com/id/AB:sub":"a"}})",
       EKS R"({"StringEquals":{")" ID R"(:sub":"a"}})"},
      {"OIDC_AUDIENCE_MISSING", trust, EKS R"({"StringEquals":{")" ID R"(:sub":"a"}})",
       EKS R"({"StringEquals":{")" ID R"(:sub":"a",")" ID R"(:aud":"sts.amazonaws.com"}})"},
      {"OIDC_AUDIENCE_MISSPELT", trust, EKS R"({"StringEquals":{")" ID R"(:aud":"sts.amazon.com"}})",
       EKS R"({"StringEquals":{")" ID R"(:aud":"sts.amazonaws.com.cn"}})"},
      {"OIDC_SUBJECT_OPEN", trust,
       EKS R"({"StringLike":{")" ID R"(:sub":"system:serviceaccount:*:default"}})",
       EKS R"({"StringLike":{")" ID R"(:sub":"system:serviceaccount:flyte-*:default"}})"},
      {"OIDC_SUBJECT_OPEN", trust, EKS R"({"StringEquals":{")" ID R"(:aud":"sts.amazonaws.com"}})",
       EKS R"({"StringEquals":{")" ID R"(:aud":"sts.amazonaws.com",")" ID
           R"(:sub":"system:serviceaccount:a:b"}})"},
      {"OIDC_LIKE_NEEDLESS", trust, EKS R"({"StringLike":{")" ID R"(:aud":"sts.amazonaws.com"}})",
       EKS R"({"StringEquals":{")" ID R"(:aud":"sts.amazonaws.com"}})"},
      {"OIDC_ISSUER_REGION", trust,
       R"("Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east.amazonaws.com/id/AB"})",
       EKS R"({"StringEquals":{")" ID R"(:sub":"a"}})"},
      {"TRUST_IN_WHOLE_ACCOUNT", trust, TRUST(R"({"AWS":"arn:aws:iam::111122223333:root"})"),
       TRUST(R"({"AWS":"arn:aws:iam::111122223333:role/a"})")},
      {"SESSION_TAGS_NOT_GRANTED", trust, TRUST(R"({"AWS":"111122223333"})"),
       R"("Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"111122223333"})"},
      {"EXTERNAL_ID_MISSING", trust, TRUST(R"({"AWS":"111122223333"})"),
       TRUST(R"({"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"9f3c1a5e77d04b"}})")},
      {"EXTERNAL_ID_WEAK", trust,
       TRUST(R"({"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"111122223333"}})"),
       TRUST(R"({"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"9f3c1a5e77d04b"}})")},
      {"POLICY_NOT_ATTACHABLE", identity,
       ALLOW(
           R"("Action":"iam:AttachRolePolicy","Resource":"arn:aws:iam::111122223333:role/a","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/aws-service-role/AWSServiceRoleForAmazonEKSNodegroup"}})"),
       ALLOW(
           R"("Action":"iam:AttachRolePolicy","Resource":"arn:aws:iam::111122223333:role/a","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"}})")},
      {"ROLE_POLICY_FOR_PEOPLE", identity,
       ALLOW(
           R"("Action":"iam:AttachUserPolicy","Resource":"arn:aws:iam::111122223333:user/a","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}})"),
       ALLOW(
           R"("Action":"iam:AttachRolePolicy","Resource":"arn:aws:iam::111122223333:role/a","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}})")},
      {"ACCOUNTS_DISAGREE", resource,
       R"("Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:444455556666:t"},"StringEquals":{"aws:SourceAccount":"111122223333"}})",
       R"("Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:444455556666:t"},"StringEquals":{"aws:SourceAccount":["111122223333","444455556666"]}})"},
      {"ACCOUNTS_DISAGREE", resource,
       R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/a"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}})",
       R"("Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}})"},
      {"PASS_ROLE_OF_OTHER_ACCOUNT", identity,
       ALLOW(
           R"("Action":"iam:PassRole","Resource":["arn:aws:iam::111122223333:role/a","arn:aws:iam::444455556666:role/a"])"),
       ALLOW(
           R"("Action":"sts:AssumeRole","Resource":["arn:aws:iam::111122223333:role/a","arn:aws:iam::444455556666:role/a"])")},
      {"REGIONS_DISAGREE", identity,
       ALLOW(
           R"("Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}})"),
       ALLOW(
           R"("Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:111122223333:q","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}})")},
      {"REGIONS_DISAGREE", identity,
       ALLOW(R"("Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}})"), ALLOW(R"("Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/*","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}})")},
      {"PLACEHOLDER_LEFT", identity, ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*")"),
       ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}/*")")},
      {"PLACEHOLDER_LEFT", identity, ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::$BUCKET/*")"),
       ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/a$5/*")")},
      {"PLACEHOLDER_LEFT", identity,
       ALLOW(R"("Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:ACCOUNT_ID:[queue]")"),
       ALLOW(R"("Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:ACCOUNT")")},
      {"PUBLIC_ACCESS", trust, TRUST(R"({"AWS":"*"})"),
       TRUST(R"({"AWS":"*"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}})")},
      {"INVALID_PRINCIPAL", trust, TRUST(R"({"AWS":"arn:aws:iam::111122223333:instance-profile/a"})"),
       TRUST(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/a/b"})")},
      {"PUBLIC_ACCESS", resource,
       R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")",
       R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}})"},
      {"NETWORK_CONDITION_IN_ALLOW", resource,
       R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-12345678"}})",
       R"("Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-12345678"}})"},
      {"REQUEST_TAG_ON_ALL_ACTIONS", scp,
       ALLOW(R"("Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}})"),
       ALLOW(R"("Action":"*","Resource":"*")")},
      {"PRIVILEGE_ESCALATION", identity,
       ALLOW(R"("Action":["iam:CreateRole","iam:PutRolePolicy","iam:PassRole"],"Resource":"*")"),
       ALLOW(
           R"("Action":["iam:CreateRole","iam:PutRolePolicy","iam:PassRole"],"Resource":"arn:aws:iam::111122223333:role/platform-*")")},
      {"WILDCARD_COVERS_PERMISSIONS", identity, ALLOW(R"("Action":"s3:PutObject*","Resource":"*")"),
       ALLOW(R"("Action":"s3:GetObject*","Resource":"*")")},
      {"PLACEHOLDER_LEFT", identity, ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::<BUCKET>/*")"),
       ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*")")},
      {"COPIED_ID", trust, TRUST(R"({"AWS":"arn:aws:iam::501672548510:role/a"})"),
       TRUST(R"({"AWS":"arn:aws:iam::111122223333:role/a"})")},
      {"ARN_INSIDE_ARN", identity,
       ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::arn:aws:s3:::b/*")"),
       ALLOW(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")")},
      {"PARTITIONS_DISAGREE", identity,
       ALLOW(R"("Action":"sqs:SendMessage","Resource":"arn:aws:sqs:cn-north-1:111122223333:q")"),
       ALLOW(R"("Action":"sqs:SendMessage","Resource":"arn:aws-cn:sqs:cn-north-1:111122223333:q")")},
      {"TAG_VALUE_NOT_STRING", identity,
       ALLOW(
           R"("Action":"ec2:RunInstances","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/iomete.com/managed":true}})"),
       ALLOW(
           R"("Action":"ec2:RunInstances","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/iomete.com/managed":"true"}})")},
      {"COMPANION_MISSING", identity, ALLOW(R"("Action":"glue:GetPartitions","Resource":"*")"),
       ALLOW(
           R"("Action":["glue:GetPartitions","glue:GetPartition","glue:BatchGetPartition","glue:GetUserDefinedFunctions","lakeformation:GetDataAccess"],"Resource":"*")")},
      {"LIFECYCLE_INCOMPLETE", identity,
       ALLOW(
           R"("Action":["eks:CreateCluster","iam:CreateRole","iam:PassRole","kms:CreateKey"],"Resource":"*")"),
       ALLOW(R"("Action":["kms:CreateKey"],"Resource":"*")")},
      {"SERVICE_LINKED_ROLE_MISSING", identity,
       ALLOW(R"("Action":["eks:CreateCluster","iam:CreateRole"],"Resource":"*")"),
       ALLOW(
           R"("Action":["eks:CreateCluster","iam:CreateRole","iam:CreateServiceLinkedRole"],"Resource":"*")")},
      {"ALIAS_WITHOUT_KEY", identity,
       ALLOW(R"("Action":"kms:CreateAlias","Resource":"arn:aws:kms:us-east-1:111122223333:alias/a")"),
       ALLOW(
           R"("Action":"kms:CreateAlias","Resource":["arn:aws:kms:us-east-1:111122223333:alias/a","arn:aws:kms:us-east-1:111122223333:key/*"])")},
      {"TAG_ON_CREATE_NOT_GRANTED", identity,
       ALLOW(
           R"("Action":["elasticloadbalancing:CreateLoadBalancer"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/app":"a"}})"),
       R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"elasticloadbalancing:CreateLoadBalancer","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/app":"a"}}},{"Effect":"Allow","Action":"elasticloadbalancing:AddTags","Resource":"*","Condition":{"StringEquals":{"elasticloadbalancing:CreateAction":"CreateLoadBalancer"}}}]})"},
  };
#undef ALLOW
#undef TRUST
#undef EKS
#undef ID
}

}  // namespace gatehouse::policy::lint

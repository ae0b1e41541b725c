// Principals, trust policies, organizations.
#include "policy/lint/lint_test.h"

namespace gatehouse::policy::lint {

std::vector<Example> principal_examples() {
  using enum Kind;
#define BUCKET(principal) \
  R"("Effect":"Allow",)" principal R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")"
#define TRUST(principal) R"("Effect":"Allow",)" principal R"(,"Action":"sts:AssumeRole")"
#define WEB(provider) \
  R"("Effect":"Allow","Principal":{"Federated":")" provider R"("},"Action":"sts:AssumeRoleWithWebIdentity")"
#define GITHUB WEB("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com")
#define RCP(rest) R"("Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":)" rest
  return {
      {"INVALID_PRINCIPAL_FORMAT", resource, BUCKET(R"("Principal":"arn:aws:iam::111122223333:root")"),
       BUCKET(R"("Principal":"*")")},
      {"INVALID_PRINCIPAL_KEY", resource, BUCKET(R"("Principal":{"User":"111122223333"})"),
       BUCKET(R"("Principal":{"CanonicalUser":"79a5"})")},
      {"UNSUPPORTED_WILDCARD_IN_PRINCIPAL", resource,
       BUCKET(R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/*"})"),
       BUCKET(R"("Principal":{"AWS":"*"})")},
      {"FEDERATED_PRINCIPAL_NOT_SUPPORTED", resource,
       BUCKET(R"("Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/p"})"),
       BUCKET(R"("Principal":{"AWS":"111122223333"})")},
      {"INVALID_ROLE_REFERENCE", resource, BUCKET(R"("Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"})"),
       BUCKET(R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/AROA"})")},
      {"INVALID_USER_REFERENCE", resource, BUCKET(R"("Principal":{"AWS":"AIDACKCEVSQ6C2EXAMPLE"})"),
       BUCKET(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/AIDA"})")},
      {"ALLOW_WITH_NOT_PRINCIPAL", resource, BUCKET(R"("NotPrincipal":{"AWS":"111122223333"})"),
       R"("Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")"},
      {"RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", resource,
       BUCKET(R"("Principal":{"Service":"cloudtrail.amazonaws.com"})"),
       BUCKET(
           R"("Principal":{"Service":"cloudtrail.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}})")},
      {"RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", resource,
       BUCKET(
           R"("Principal":{"Service":"cloudtrail.amazonaws.com"},"Condition":{"StringEquals":{"aws:Referer":"111122223333"}})"),
       BUCKET(
           R"("Principal":{"Service":"cloudtrail.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceOrgID":"o-1"}})")},
      {"UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", resource,
       BUCKET(
           R"("Principal":{"Service":"cloudfront.amazonaws.com"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}})"),
       BUCKET(R"("Principal":{"AWS":"*"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}})")},
      {"UNSUPPORTED_ACTION_IN_POLICY", resource,
       R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["s3:GetObject","kms:Decrypt"],"Resource":"arn:aws:s3:::b/*")",
       R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*")"},
      {"UNSUPPORTED_ACTION_IN_POLICY", trust,
       R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","s3:GetObject"])",
       R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"])"},
      {"UNSUPPORTED_RESOURCE_ARN_IN_POLICY", resource,
       R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b/*","arn:aws:kms:us-east-1:111122223333:key/k"])",
       BUCKET(R"("Principal":{"AWS":"111122223333"})")},

      {"ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", trust,
       TRUST(R"("NotPrincipal":{"AWS":"111122223333"})"), TRUST(R"("Principal":{"AWS":"111122223333"})")},
      {"ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", trust, TRUST(R"("Principal":"*")"),
       TRUST(R"("Principal":{"AWS":"*"})")},
      {"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", trust,
       TRUST(R"("Principal":{"AWS":"111122223333"},"Resource":"*")"),
       TRUST(R"("Principal":{"AWS":"111122223333"})")},
      {"INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", trust, WEB("https://id.example.com"),
       WEB("accounts.google.com")},
      {"MISMATCHED_ACTION_FOR_PRINCIPAL", trust,
       R"("Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"])",
       R"("Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"])"},
      {"MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", trust,
       R"("Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"])",
       R"("Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"])"},
      {"MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", trust,
       WEB("arn:aws:iam::111122223333:oidc-provider/id.example.com/a"),
       WEB("arn:aws:iam::111122223333:oidc-provider/id.example.com/a") R"(,"Condition":{"StringEquals":{"id.example.com/a:sub":"me"}})"},
      {"MISSING_GITHUB_REPO_CONDITION_KEY", trust,
       GITHUB
       R"(,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}})",
       GITHUB
       R"(,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:org/repo:ref:refs/heads/main"}})"},
      {"SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", trust,
       GITHUB R"(,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/*"}})",
       GITHUB
       R"(,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/repo:ref:refs/tags/v*"}})"},
      {"REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", trust,
       TRUST(
           R"("Principal":{"AWS":["arn:aws:iam::111122223333:role/a/b","arn:aws:sts::111122223333:assumed-role/b/session"]})"),
       TRUST(
           R"("Principal":{"AWS":["arn:aws:iam::111122223333:role/a","arn:aws:sts::111122223333:assumed-role/b/session"]})")},

      {"SCP_SYNTAX_ERROR_PRINCIPAL", scp, R"("Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*")",
       R"("Effect":"Deny","Action":"s3:*","Resource":"*")"},
      {"RCP_SYNTAX_ERROR_PRINCIPAL", rcp,
       R"("Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*")",
       R"("Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*")"},
      {"RCP_SYNTAX_ERROR_ALLOW", rcp,
       R"("Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*")",
       R"("Effect":"Allow","Principal":"*","Action":"*","Resource":"*")"},
      {"RCP_SYNTAX_ERROR_NOTACTION", rcp,
       R"("Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*")",
       R"("Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*")"},
      {"RCP_SYNTAX_ERROR_ACTION", rcp, R"("Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"*")",
       R"("Effect":"Deny","Principal":"*","Action":["s3:*","sts:*"],"Resource":"*")"},
      {"RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", rcp,
       RCP(R"({"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}})"),
       RCP(R"({"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}})")},
      {"RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", rcp,
       RCP(R"({"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-1"}})"),
       RCP(R"({"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-1"},"Bool":{"aws:PrincipalIsAWSService":"true"}})")},
      {"RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", rcp,
       RCP(R"({"StringNotEquals":{"aws:SourceOrgID":"o-1"}})"),
       RCP(R"({"StringNotEquals":{"aws:SourceOrgID":"o-1"},"Null":{"aws:SourceAccount":"false"}})")},
  };
#undef BUCKET
#undef TRUST
#undef WEB
#undef GITHUB
#undef RCP
}

}  // namespace gatehouse::policy::lint

// Condition operators, keys, values and addresses.
#include "policy/lint/lint_test.h"

namespace gatehouse::policy::lint {

std::vector<Example> condition_examples() {
  using enum Kind;
#define ON_S3(condition) R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":)" condition
#define DENY_S3(condition) R"("Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":)" condition
#define WEB(condition)                                                                                       \
  R"("Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/id.example.com"},)"  \
  R"("Action":"sts:AssumeRoleWithWebIdentity","Condition":)" condition
  return {
      {"INVALID_CONDITION_OPERATOR", identity, ON_S3(R"({"StringMatches":{"aws:username":"a"}})"), ON_S3(R"({"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"a"}})")},
      {"NULL_WITH_IF_EXISTS", identity, ON_S3(R"({"NullIfExists":{"aws:username":"true"}})"), ON_S3(R"({"Null":{"aws:username":"true"}})")},
      {"NULL_WITH_QUALIFIER", identity, ON_S3(R"({"ForAllValues:Null":{"aws:TagKeys":"true"}})"), ON_S3(R"({"Null":{"aws:TagKeys":"true"}})")},
      {"MISSING_QUALIFIER", identity, R"("Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":["a","b"]}})",
       R"("Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}})"},
      {"FORALLVALUES_WITH_SINGLE_VALUED_KEY", identity, ON_S3(R"({"ForAllValues:StringEquals":{"aws:username":"a"}})"),
       ON_S3(R"({"StringEquals":{"aws:username":"a"}})")},
      {"FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", trust, WEB(R"({"ForAnyValue:StringEquals":{"id.example.com:aud":"a"}})"), WEB(R"({"StringEquals":{"id.example.com:aud":"a"}})")},
      {"CONFIRM_AUDIENCE_CLAIM_TYPE", trust, WEB(R"({"ForAllValues:StringEquals":{"id.example.com:aud":"a"}})"), WEB(R"({"StringEquals":{"id.example.com:aud":"a"}})")},
      {"TYPE_MISMATCH", identity, ON_S3(R"({"NumericEquals":{"aws:SourceIp":"203.0.113.1"}})"), ON_S3(R"({"IpAddress":{"aws:SourceIp":"203.0.113.1"}})")},
      {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", identity, ON_S3(R"({"StringLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}})"),
       ON_S3(R"({"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}})")},
      {"WILDCARD_WITHOUT_LIKE_OPERATOR", identity, ON_S3(R"({"StringEquals":{"aws:PrincipalTag/job":"admin-*"}})"), ON_S3(R"({"StringLike":{"aws:PrincipalTag/job":"admin-*"}})")},

      {"INVALID_CONDITION_KEY_FORMAT", identity, ON_S3(R"({"StringEquals":{"SourceIp":"a"}})"), ON_S3(R"({"StringEquals":{"aws:userid":"a"}})")},
      {"INVALID_GLOBAL_CONDITION_KEY", identity, ON_S3(R"({"StringEquals":{"aws:PrincipleOrgID":"o-1"}})"), ON_S3(R"({"StringEquals":{"aws:principalorgid":"o-1"}})")},
      {"INVALID_SERVICE_CONDITION_KEY", identity, ON_S3(R"({"StringEquals":{"s3:prefixes":"a"}})"),
       R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}})"},
      {"INVALID_SERVICE", identity, ON_S3(R"({"StringEquals":{"s5:prefix":"a"}})"), ON_S3(R"({"StringEquals":{"saml:aud":"a"}})")},
      {"DEPRECATED_GLOBAL_CONDITION_KEY", identity, ON_S3(R"({"ArnLike":{"aws:ARN":"arn:aws:iam::111122223333:role/a"}})"),
       ON_S3(R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/a"}})")},
      {"MISSING_TAG_KEY_IN_CONDITION", identity, ON_S3(R"({"StringEquals":{"aws:PrincipalTag":"a"}})"), ON_S3(R"({"StringEquals":{"aws:PrincipalTag/team":"a"}})")},
      // ec2:DescribeInstances has no key of tags; ec2:RunInstances takes tags.
      {"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", identity, R"("Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}})",
       R"("Effect":"Allow","Action":"ec2:RunInstances","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}})"},
      {"MISSING_ACTION_FOR_CONDITION_KEY", trust,
       R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/a"},"Action":"sts:AssumeRole","Condition":{"StringLike":{"aws:RequestTag/team":"*"}})",
       R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/a"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringLike":{"aws:RequestTag/team":"*"}})"},
      {"UNTRUSTWORTHY_CONDITION_KEY", identity, ON_S3(R"({"StringEquals":{"aws:UserAgent":"mine"}})"), ON_S3(R"({"StringEquals":{"aws:userid":"mine"}})")},
      {"MISSING_PAIRED_CONDITION_KEYS", identity, ON_S3(R"({"IpAddress":{"aws:VpcSourceIp":"10.0.0.1"}})"),
       ON_S3(R"({"IpAddress":{"aws:VpcSourceIp":"10.0.0.1"},"StringEquals":{"aws:SourceVpc":"vpc-12345678"}})")},
      {"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", identity, R"("Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:VpceOrgID":"o-1"}})",
       DENY_S3(R"({"StringNotEquals":{"aws:VpceOrgID":"o-1"}})")},
      {"IRRELEVANT_CONDITION_KEY_IN_POLICY", resource,
       R"("Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotEquals":{"s3:ResourceAccount":"111122223333"}})",
       R"("Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}})"},
      {"DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", identity, R"("Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"ForAllValues:StringEquals":{"dynamodb:Attributes":["a"]}})",
       R"("Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"ForAllValues:StringEquals":{"dynamodb:Attributes":["a"]},"StringEqualsIfExists":{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}})"},
      {"S3_PREFIX_IN_NEGATIVE_CONTEXT", identity, R"("Effect":"Deny","Action":"s3:ListBucket","Resource":"*","Condition":{"StringLike":{"s3:prefix":"private/*"}})",
       R"("Effect":"Deny","Action":"s3:ListBucket","Resource":"*","Condition":{"StringNotLike":{"s3:prefix":"public/*"}})"},
      {"REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", identity, ON_S3(R"({"StringLike":{"aws:RequestedRegion":"*"}})"), ON_S3(R"({"StringLike":{"aws:RequestedRegion":"eu-*"}})")},
      {"REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", identity, DENY_S3(R"({"StringNotLike":{"aws:PrincipalTag/team":["*"]}})"),
       DENY_S3(R"({"StringNotLike":{"aws:PrincipalTag/team":["a*"]}})")},

      {"EMPTY_ARRAY_CONDITION", identity, ON_S3(R"({"StringEquals":{"aws:username":[]}})"), ON_S3(R"({"StringEquals":{"aws:username":["a"]}})")},
      {"EMPTY_ARRAY_CONDITION_FORALLVALUES", identity, ON_S3(R"({"ForAllValues:StringEquals":{"aws:TagKeys":[]}})"), ON_S3(R"({"StringEquals":{"aws:username":[]}})")},
      {"EMPTY_ARRAY_CONDITION_FORANYVALUE", identity, ON_S3(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":[]}})"), ON_S3(R"({"ForAllValues:StringEquals":{"aws:TagKeys":[]}})")},
      {"EMPTY_ARRAY_CONDITION_IFEXISTS", identity, ON_S3(R"({"StringEqualsIfExists":{"aws:username":[]}})"), ON_S3(R"({"StringEquals":{"aws:username":[]}})")},

      {"INVALID_CONDITION_DATA_TYPE", identity, ON_S3(R"({"StringEquals":{"aws:username":["a",7]}})"), ON_S3(R"({"StringEquals":{"aws:username":["a","7"]}})")},
      {"INVALID_CONDITION_MULTIPLE_BOOLEAN", identity, ON_S3(R"({"Bool":{"aws:SecureTransport":["true","false"]}})"), ON_S3(R"({"Bool":{"aws:SecureTransport":["true"]}})")},
      {"TYPE_MISMATCH_BOOLEAN", identity, ON_S3(R"({"Bool":{"aws:SecureTransport":"yes"}})"), ON_S3(R"({"Bool":{"aws:SecureTransport":true}})")},
      {"TYPE_MISMATCH_NUMBER", identity, ON_S3(R"({"NumericLessThan":{"aws:MultiFactorAuthAge":"1h"}})"), ON_S3(R"({"NumericLessThan":{"aws:MultiFactorAuthAge":3600}})")},
      {"TYPE_MISMATCH_DATE", identity, ON_S3(R"({"DateLessThan":{"aws:CurrentTime":"31.1.2026"}})"), ON_S3(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-31T23:59:59Z"}})")},
      {"INVALID_DATE_VALUE", identity, ON_S3(R"({"DateLessThan":{"aws:CurrentTime":"1769904000"}})"), ON_S3(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-31"}})")},
      {"TYPE_MISMATCH_STRING", identity, ON_S3(R"({"BinaryEquals":{"aws:username":"not base 64"}})"), ON_S3(R"({"BinaryEquals":{"aws:username":"QmluYXJ5"}})")},
      {"INVALID_REGION", identity, ON_S3(R"({"StringEquals":{"aws:RequestedRegion":"us-east"}})"), ON_S3(R"({"StringEquals":{"aws:RequestedRegion":"us-east-1"}})")},
      {"INVALID_VPC_FORMAT", identity, ON_S3(R"({"StringEquals":{"aws:SourceVpc":"vpce-12345678"}})"), ON_S3(R"({"StringEquals":{"aws:SourceVpc":"vpc-11223344556677889"}})")},
      {"INVALID_VPCE_FORMAT", identity, ON_S3(R"({"StringEquals":{"aws:SourceVpce":"vpc-12345678"}})"), ON_S3(R"({"StringEquals":{"aws:SourceVpce":"vpce-12345678"}})")},
      {"INVALID_KMS_KEY_VALUE", identity,
       R"("Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"alias/mine"}})",
       R"("Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:111122223333:key/1234abcd"}})"},
      {"INVALID_SERVICE_PRINCIPAL_FORMAT", identity, R"("Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"EC2"}})",
       R"("Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}})"},
      {"REDUNDANT_CONDITION_VALUE_NUM", identity, ON_S3(R"({"NumericLessThan":{"aws:MultiFactorAuthAge":["2700","3600"]}})"), ON_S3(R"({"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}})")},
      {"WILDCARD_USAGE_TOO_PERMISSIVE", identity, ON_S3(R"({"StringLike":{"aws:SourceVpc":"vpc-*"}})"), ON_S3(R"({"StringLike":{"aws:userid":"AROAEXAMPLEID:*"}})")},
      {"VARIABLE_USAGE_TOO_PERMISSIVE", identity, ON_S3(R"({"StringEquals":{"aws:SourceVpce":"${aws:PrincipalTag/endpoint}"}})"),
       ON_S3(R"({"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}})")},

      {"TYPE_MISMATCH_IP_RANGE", identity, ON_S3(R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}})"), ON_S3(R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}})")},
      {"IMPROVE_IP_RANGE", identity, ON_S3(R"({"IpAddress":{"aws:SourceIp":"203.0.113.7/24"}})"), ON_S3(R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")},
      {"PRIVATE_IP_ADDRESS", identity, ON_S3(R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.1.1"]}})"), ON_S3(R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24"]}})")},
      {"PRIVATE_NOT_IP_ADDRESS", identity, DENY_S3(R"({"NotIpAddress":{"aws:SourceIp":"172.16.0.0/12"}})"), DENY_S3(R"({"NotIpAddress":{"aws:SourceIp":"172.32.0.0/12"}})")},
      {"PRIVATE_IP_ADDRESS_SUBSET", identity, ON_S3(R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","10.0.0.0/8"]}})"), ON_S3(R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}})")},
      {"PRIVATE_NOT_IP_ADDRESS_SUBSET", identity, DENY_S3(R"({"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","fd00::1"]}})"),
       DENY_S3(R"({"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}})")},

      {"DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", identity, R"("Effect":"Deny","Action":"sdb:DeleteDomain","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})",
       R"("Effect":"Deny","Action":"appmesh:DeleteMesh","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})"},
      {"ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", identity, R"("Effect":"Allow","Action":"sdb:DeleteDomain","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})",
       R"("Effect":"Allow","Action":"backup:GetBackupPlan","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})"},
      {"DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", identity, R"("Effect":"Deny","NotAction":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})",
       R"("Effect":"Deny","NotAction":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}})"},
      {"ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", identity, R"("Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}})",
       R"("Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}})"},
  };
#undef ON_S3
#undef DENY_S3
#undef WEB
}

}  // namespace gatehouse::policy::lint

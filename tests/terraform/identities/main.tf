# Identities and an organization, as a Terraform module would make them.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "endpoint" {}
variable "note" { default = "one" }
provider "aws" {
  region = "us-east-1"
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
    organizations = var.endpoint
  }
}
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type = "AWS"
      identifiers = [aws_iam_user.ana.arn]
    }
  }
}
resource "aws_iam_user" "ana" {
  name = "ana"
  path = "/people/"
  tags = { note = var.note }
}
resource "aws_iam_access_key" "ana" { user = aws_iam_user.ana.name }
resource "aws_iam_group" "readers" { name = "readers" }
resource "aws_iam_group_membership" "readers" {
  name = "m"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.ana.name]
}
resource "aws_iam_policy" "read" {
  name = "read"
  description = "reads"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::lake/${var.note}/*" }] })
  tags = { note = var.note }
}
resource "aws_iam_group_policy_attachment" "read" {
  group = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_user_policy" "inline" {
  name = "inline"
  user = aws_iam_user.ana.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}
resource "aws_iam_role" "lake" {
  name = "lake"
  path = "/data/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.read.arn
  max_session_duration = 7200
  tags = { note = var.note }
}
resource "aws_iam_role_policy" "inline" {
  name = "inline"
  role = aws_iam_role.lake.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "managed" {
  role = aws_iam_role.lake.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}
resource "aws_iam_instance_profile" "lake" {
  name = "lake"
  role = aws_iam_role.lake.name
}
resource "aws_iam_openid_connect_provider" "eks" {
  url = "https://oidc.example.org/id/1"
  client_id_list = ["sts.amazonaws.com"]
  thumbprint_list = ["0123456789012345678901234567890123456789"]
}
resource "aws_iam_service_linked_role" "eks" { aws_service_name = "eks-nodegroup.amazonaws.com" }
resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length = 12
  require_numbers = true
}
resource "aws_iam_account_alias" "me" { account_alias = "gatehouse-terraform" }
resource "aws_organizations_organization" "org" {
  feature_set = "ALL"
  enabled_policy_types = ["SERVICE_CONTROL_POLICY"]
}
resource "aws_organizations_organizational_unit" "data" {
  name = "data"
  parent_id = aws_organizations_organization.org.roots[0].id
  tags = { note = var.note }
}
resource "aws_organizations_policy" "no_leave" {
  depends_on = [aws_organizations_organization.org]
  name = "no-leave"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] })
}
resource "aws_organizations_policy_attachment" "data" {
  policy_id = aws_organizations_policy.no_leave.id
  target_id = aws_organizations_organizational_unit.data.id
}
output "account" { value = data.aws_caller_identity.me.account_id }

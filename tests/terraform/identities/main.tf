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
resource "aws_iam_user_ssh_key" "ana" {
  username   = aws_iam_user.ana.name
  encoding   = "SSH"
  public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7/jN/guXsqgJsNnpxkQSrFjoOLi6ekTa08uGr0DG9xb04bzPm3q7IySACJt/p1020fGJtr4wCj7xm7ad26VWEcm6KQE/WHKloGw9ptXqnWvk09k/AtBNTj0hV9TT2/n8AJ/DvsrWvzxRmuqJNs05xVKfqSO8jCGSDaIoBgbho06vINn9XJYnZ7XRC//5XIN/4ilZS25eBrg0eXOSUb2n0iUfHYWTqcsvwnCGHGdUKE6m8glQeN6DXNFXHlV1lVc4RbQscPtwV0MpZGZSOPwpJRmwNpwtZJJ24Pd1jcUmvMAnVw5bFYkxd92XbteR1a7MAHQXyg66DLxdWieh1r5TX"
}
resource "aws_iam_signing_certificate" "ana" {
  user_name        = aws_iam_user.ana.name
  certificate_body = <<-EOT
    -----BEGIN CERTIFICATE-----
    MIIDAzCCAeugAwIBAgIUBdl021Vu5PJuVfo6+xxkN3MKp84wDQYJKoZIhvcNAQEL
    BQAwETEPMA0GA1UEAwwGc2lnbmVyMB4XDTI2MTEyNjA4MjQ0NloXDTM2MTEyMzA4
    MjQ0NlowETEPMA0GA1UEAwwGc2lnbmVyMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
    MIIBCgKCAQEAnid4GzL8dNZuAvbTKtE2BV3CPw/Dz8gGpRZuNVeI/KyCWXCmvZnX
    DFaCkDdH34rJxB6rFy/oEQzYaWVV2MW4Ga4lmRfmlEpJCuhKmgi+MeKQ472xInE7
    QC8ihLbSMJ+uh/gqfWS0+I5kyWPXfSnxIJPCeqbdgvHW604O4jqibL6xJyTJPmCW
    1oGOo6JIY8tXuwLXmqKxUXn0Q0B5TC+MCcUdcQTHqlSWi+4MhDPtVAEO9hSO92oJ
    6y4t5lpR84pP3V7+EWfs3AoG/lVV3hNO22R9OD18XuqFgZKAIgBZInwh+AMZTuQG
    vM/Z0XarhKgKJAp7UcF4ZH81fcKeODLPlwIDAQABo1MwUTAdBgNVHQ4EFgQUJInV
    kCYlDhQmCLnI586igRisOJMwHwYDVR0jBBgwFoAUJInVkCYlDhQmCLnI586igRis
    OJMwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAl1LAyvD2qXUG
    +MFieOxv+rbLuSUCx0U/SzFDLIYsWGy0TGc3yhlaZYVhxj+NeUJP8RghKh16LQ0v
    scxHHVXdjWJ0n3KpzitAN9574XZ+QPnDUo6Q5jZjcOk/JOj5i4tZbrtNHzmmqaSo
    k8dHiOz7vKr6qaC+OubABFmRkPtkwmPc7gjn0z1kMD4GzuVgiYPkLkY94728kmhl
    9KyI7/0F3Y0vJ31zeCDm8H2aTkbRHXSBuv3XLfDIXNWmWZsMBEarbonmogvK6psI
    kOr5b+4K2G6+HrKRIuZpWappZ5rpsj7zHD6+0cZR8YzxhKz53NBPzlOCBqICZxp+
    8O+ezFSv+A==
    -----END CERTIFICATE-----
  EOT
}
resource "aws_iam_service_specific_credential" "ana" {
  service_name = "codecommit.amazonaws.com"
  user_name    = aws_iam_user.ana.name
}
resource "aws_iam_virtual_mfa_device" "ana" { virtual_mfa_device_name = "ana" }
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

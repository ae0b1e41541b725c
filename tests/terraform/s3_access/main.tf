# Who may what in S3, as a Terraform module would set it up: ownership, lists, public access blocks, a policy.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "endpoint" {}
variable "note" { default = "one" }
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
  endpoints {
    s3  = var.endpoint
    sts = var.endpoint
    iam = var.endpoint
    # The account goes before the name; the proxy leads it to the server.
    s3control = "https://s3-control.amazonaws.com"
  }
}
data "aws_caller_identity" "me" {}
data "aws_canonical_user_id" "me" {}

resource "aws_s3_account_public_access_block" "all" {
  block_public_acls       = var.note == "one"
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "lake" {
  bucket = "lake"
  tags   = { note = var.note }
}
resource "aws_s3_bucket_ownership_controls" "lake" {
  bucket = aws_s3_bucket.lake.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_public_access_block" "lake" {
  bucket                  = aws_s3_bucket.lake.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = var.note == "one"
}
resource "aws_s3_bucket_acl" "lake" {
  depends_on = [aws_s3_bucket_ownership_controls.lake]
  bucket     = aws_s3_bucket.lake.id
  access_control_policy {
    owner { id = data.aws_canonical_user_id.me.id }
    grant {
      permission = "FULL_CONTROL"
      grantee {
        id   = data.aws_canonical_user_id.me.id
        type = "CanonicalUser"
      }
    }
    grant {
      permission = var.note == "one" ? "READ_ACP" : "WRITE"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }
  }
}
resource "aws_s3_bucket_policy" "lake" {
  bucket     = aws_s3_bucket.lake.id
  depends_on = [aws_s3_bucket_public_access_block.lake]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTls12"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.lake.arn}/secret/${var.note}/*"
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    }]
  })
}
resource "aws_s3_bucket" "logs" { bucket = "logs" }
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "ObjectWriter" }
}
resource "aws_s3_bucket_acl" "logs" {
  depends_on = [aws_s3_bucket_ownership_controls.logs]
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
}
resource "aws_s3_object" "report" {
  depends_on = [aws_s3_bucket_acl.lake]
  bucket     = aws_s3_bucket.lake.id
  key        = "report"
  content    = var.note
  acl        = "bucket-owner-full-control"
}

# A data platform's buckets, as a Terraform module would make them.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "endpoint" {}
variable "note" { default = "one" }
provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
  endpoints {
    iam = var.endpoint
    kms = var.endpoint
    s3  = var.endpoint
    sts = var.endpoint
  }
}
data "aws_caller_identity" "me" {}
data "aws_canonical_user_id" "me" {}
locals { changed = var.note != "one" }

resource "aws_kms_key" "lake" {
  description             = "the lake's"
  deletion_window_in_days = 7
}

resource "aws_s3_bucket" "lake" {
  bucket        = "terraform-lake"
  force_destroy = true
  tags          = { note = var.note }
}
resource "aws_s3_bucket_versioning" "lake" {
  bucket = aws_s3_bucket.lake.id
  versioning_configuration { status = local.changed ? "Suspended" : "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.lake.arn
    }
    bucket_key_enabled = !local.changed
  }
}
resource "aws_s3_bucket_public_access_block" "lake" {
  bucket                  = aws_s3_bucket.lake.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = !local.changed
}
resource "aws_s3_bucket_ownership_controls" "lake" {
  bucket = aws_s3_bucket.lake.id
  rule { object_ownership = local.changed ? "BucketOwnerPreferred" : "BucketOwnerEnforced" }
}
data "aws_iam_policy_document" "tls" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.lake.arn, "${aws_s3_bucket.lake.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::210987654321:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [local.changed ? "true" : "false"]
    }
  }
}
resource "aws_s3_bucket_policy" "lake" {
  bucket     = aws_s3_bucket.lake.id
  policy     = data.aws_iam_policy_document.tls.json
  depends_on = [aws_s3_bucket_public_access_block.lake]
}
resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  bucket     = aws_s3_bucket.lake.id
  depends_on = [aws_s3_bucket_versioning.lake]
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "tmp/" }
    expiration { days = 3 } # unchanged: the provider waits a minute after each change
    noncurrent_version_expiration { noncurrent_days = 10 }
  }
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 2 }
  }
}
resource "aws_s3_bucket_cors_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id
  cors_rule {
    allowed_methods = local.changed ? ["GET"] : ["GET", "PUT"]
    allowed_origins = ["https://console.example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
}
resource "aws_s3_object" "note" {
  bucket     = aws_s3_bucket.lake.id
  key        = "notes/${data.aws_caller_identity.me.account_id}"
  content    = var.note
  tags       = { note = var.note }
  depends_on = [aws_s3_bucket_server_side_encryption_configuration.lake, aws_s3_bucket_versioning.lake]
}
data "aws_s3_object" "note" {
  bucket = aws_s3_bucket.lake.id
  key    = aws_s3_object.note.key
}
output "encryption" { value = data.aws_s3_object.note.server_side_encryption }

# Access logs, delivered to a bucket whose policy lets the service in.
resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id } }
    }]
  })
}
resource "aws_s3_bucket_logging" "lake" {
  bucket        = aws_s3_bucket.lake.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "lake-${var.note}/"
  depends_on    = [aws_s3_bucket_policy.logs]
}

# A bucket of the old kind, with ACLs.
resource "aws_s3_bucket" "old" {
  bucket = "terraform-old"
}
resource "aws_s3_bucket_ownership_controls" "old" {
  bucket = aws_s3_bucket.old.id
  rule { object_ownership = "ObjectWriter" }
}
resource "aws_s3_bucket_acl" "old" {
  bucket     = aws_s3_bucket.old.id
  depends_on = [aws_s3_bucket_ownership_controls.old]
  access_control_policy {
    owner { id = data.aws_canonical_user_id.me.id }
    grant {
      grantee {
        type = "CanonicalUser"
        id   = data.aws_canonical_user_id.me.id
      }
      permission = "FULL_CONTROL"
    }
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
      permission = local.changed ? "READ_ACP" : "WRITE"
    }
  }
}

# A bucket whose objects may not be deleted.
resource "aws_s3_bucket" "ledger" {
  bucket              = "terraform-ledger"
  object_lock_enabled = true
  force_destroy       = true
}
resource "aws_s3_bucket_object_lock_configuration" "ledger" {
  bucket = aws_s3_bucket.ledger.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = local.changed ? 2 : 1
    }
  }
}

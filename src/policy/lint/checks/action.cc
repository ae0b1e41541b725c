// Whether what Action and NotAction name exists.
#include <algorithm>
#include <array>

#include "policy/lint/check.h"
#include "policy/lint/types.h"

namespace gatehouse::policy::lint {
namespace {

// API operations that are not actions of their own, and the action that AWS asks for instead.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
struct Alias {
  std::string_view operation, action, note;
};
constexpr std::array<Alias, 21> kAliases = {{
    {"s3:ListObjects", "s3:ListBucket",
     "Listing a bucket's objects is s3:ListBucket, on the bucket's own ARN."},
    {"s3:ListObjectsV2", "s3:ListBucket",
     "Listing a bucket's objects is s3:ListBucket, on the bucket's own ARN."},
    {"s3:HeadBucket", "s3:ListBucket", "HeadBucket asks for s3:ListBucket, on the bucket's own ARN."},
    {"s3:HeadObject", "s3:GetObject", "HeadObject asks for s3:GetObject."},
    {"s3:ListBuckets", "s3:ListAllMyBuckets", "ListBuckets asks for s3:ListAllMyBuckets, on \"*\"."},
    {"s3:CopyObject", "s3:PutObject",
     "CopyObject asks for s3:GetObject on the source and s3:PutObject on the target."},
    {"s3:DeleteObjects", "s3:DeleteObject", "DeleteObjects asks for s3:DeleteObject on each."},
    {"s3:UploadPart", "s3:PutObject", "Every step of an upload in parts asks for s3:PutObject."},
    {"s3:CreateMultipartUpload", "s3:PutObject", "Every step of an upload in parts asks for s3:PutObject."},
    {"s3:CompleteMultipartUpload", "s3:PutObject", "Every step of an upload in parts asks for s3:PutObject."},
    {"s3:ListMultipartUploads", "s3:ListBucketMultipartUploads",
     "ListMultipartUploads asks for s3:ListBucketMultipartUploads."},
    {"s3:ListParts", "s3:ListMultipartUploadParts", "ListParts asks for s3:ListMultipartUploadParts."},
    {"s3:ListObjectVersions", "s3:ListBucketVersions",
     "ListObjectVersions asks for s3:ListBucketVersions, on the bucket's own ARN."},
    {"s3:GetBucketEncryption", "s3:GetEncryptionConfiguration",
     "GetBucketEncryption asks for s3:GetEncryptionConfiguration."},
    {"s3:PutBucketEncryption", "s3:PutEncryptionConfiguration",
     "PutBucketEncryption asks for s3:PutEncryptionConfiguration."},
    {"s3:DeleteBucketCors", "s3:PutBucketCORS", "DeleteBucketCors asks for s3:PutBucketCORS."},
    {"s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "It is s3:GetBucketPublicAccessBlock."},
    {"s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "It is s3:PutBucketPublicAccessBlock."},
    {"lambda:Invoke", "lambda:InvokeFunction", "Invoke asks for lambda:InvokeFunction."},
    {"dynamodb:TransactGetItems", "dynamodb:GetItem", "A transaction asks for the actions of its items."},
    {"dynamodb:TransactWriteItems", "dynamodb:PutItem", "A transaction asks for the actions of its items."},
}};

std::string full_name(catalogue::Action action) {
  return std::string(action.service().prefix()) + ":" + std::string(action.name());
}

std::string advice(const ActionUse& use) {
  for (const Alias& alias : kAliases) {
    if (equal_ignoring_case(alias.operation, use.text)) {
      return std::string(alias.note) + " Write that where it is missing, and remove " +
             std::string(use.text) + ".";
    }
  }
  if (use.service) {
    if (const auto near = catalogue::nearest_action(*use.service, use.name)) {
      return "Did you mean " + full_name(*near) + "?";
    }
  }
  return "Look it up in the service authorization reference, or remove it.";
}

void invalid_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (report.full()) return;
      if (!use.service || use.action || is_open(use.name) || use.name.empty()) continue;
      report.add(use.scalar->offset,
                 quoted(use.text) + " is not an action of " + std::string(use.service->title()) + ": it " +
                     (s.deny ? "denies" : "grants") + " nothing.",
                 advice(use));
    }
  }
}

// AWS's own policies keep patterns for actions long gone, so this is no error.
void action_matches_nothing(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (!use.wildcard || use.everything || has_variable(use.text) || has_placeholder(use.text)) continue;
      if (use.text.find(':') == std::string_view::npos) continue;
      if (!use.service && !has_wildcard(use.prefix)) continue;
      if (catalogue::matches_any_action(use.text)) continue;
      report.add(use.scalar->offset, "No action matches " + quoted(use.text) + ".",
                 "Check the spelling of the part before the wildcard, or remove it.");
    }
  }
}

void invalid_service_in_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (report.full()) return;
      if (use.text.find(':') == std::string_view::npos || use.service || is_open(use.prefix) ||
          is_retired(use.prefix))
        continue;
      const auto near = catalogue::nearest_service(use.prefix);
      report.add(use.scalar->offset, "No service has the prefix " + quoted(use.prefix) + ".",
                 near ? "Did you mean " + std::string(near->prefix()) + "?"
                      : std::string("Service prefixes are those of the service authorization reference."));
    }
  }
}

void action_without_service(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      const bool colon = use.text.find(':') != std::string_view::npos;
      if (use.text == "*" || (colon && !use.name.empty() && !use.prefix.empty()) || has_placeholder(use.text))
        continue;
      report.add(
          use.scalar->offset, quoted(use.text) + " is not of the form service:Action.",
          "Write the service's prefix, a colon and the action, for example \"s3:GetObject\"; AWS refuses the "
          "policy otherwise.");
    }
  }
}

void wildcard_in_service(const Subject& subject, Report& report) {
  auto tell = [&](std::uint32_t offset, std::string_view text) {
    report.add(offset,
               "The wildcard in the service's name of " + quoted(text) +
                   " also covers services you do not think of.",
               "Name the services.");
  };
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (!use.everything && use.text.find(':') != std::string_view::npos && has_wildcard(use.prefix)) {
        tell(use.scalar->offset, use.text);
      }
    }
    for (const ResourceUse& use : s.resources) {
      if (use.arn && has_wildcard(use.arn->service) && use.arn->service != "*")
        tell(use.scalar->offset, use.text);
    }
  }
}

constexpr Check kChecks[] = {
    {"INVALID_ACTION", Severity::error, kAll, invalid_action},
    {"INVALID_ACTION", Severity::warning, kAll, action_matches_nothing},
    {"INVALID_SERVICE_IN_ACTION", Severity::error, kAll, invalid_service_in_action},
    {"INVALID_ACTION", Severity::error, kAll, action_without_service},
    {"WILDCARD_IN_SERVICE_NAME", Severity::suggestion, kAll, wildcard_in_service},
};

}  // namespace

std::span<const Check> action_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

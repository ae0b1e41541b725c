// The form of the ARNs in Resource and NotResource, against the formats of the service's resource types.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
#include <algorithm>
#include <array>

#include "base/arn.h"
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// The largest policy that AWS takes has room for some hundred ARNs; further ones are not looked at.
constexpr std::size_t kMostArns = 600;

template <typename Fn>
void each_arn(const Subject& subject, Fn fn) {
  std::size_t seen = 0;
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) {
      if (!use.arn || use.arn->parts < 6) continue;
      if (++seen > kMostArns) return;
      fn(use, *use.arn);
    }
  }
}

void arn_prefix(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) {
      if (use.everything || use.arn || has_placeholder(use.text) || has_variable(use.text)) continue;
      // "*" with text around it, and "arn" left to a wildcard, are patterns that IAM takes.
      if (use.text.starts_with('*')) continue;
      const bool cased = starts_with_ignoring_case(use.text, "arn:");
      report.add(use.scalar->offset, quoted(use.text) + " is not an ARN.",
                 cased ? "Write the prefix in lower case: arn:"
                       : "A resource is an ARN, which begins with arn:, or \"*\".");
    }
  }
}

void missing_field(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) {
      if (!use.arn || use.arn->parts >= 6 || use.text.ends_with('*')) continue;
      if (has_variable(use.text) || has_placeholder(use.text)) continue;
      report.add(
          use.scalar->offset, quoted(use.text) + " has too few parts for an ARN.",
          "An ARN has six: arn:partition:service:region:account:resource; region and account may be empty.");
    }
  }
}

void invalid_partition(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (is_open(arn.partition) || is_known_partition(arn.partition)) return;
    report.add(use.scalar->offset, quoted(arn.partition) + " is not a partition of AWS.",
               "Write aws, or aws-cn, aws-us-gov and the like for those partitions.");
  });
}

void service_case(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (is_open(arn.service) || lower(arn.service) == arn.service) return;
    report.add(use.scalar->offset,
               "The service of an ARN is in lower case, unlike " + quoted(arn.service) + ".",
               "Write " + lower(arn.service) + ".");
  });
}

bool is_service_of_arns(std::string_view service) {
  if (catalogue::find_service(service)) return true;
  for (std::size_t i = 0; i < catalogue::service_count(); ++i) {
    const auto candidate = catalogue::service_at(i);
    for (std::size_t r = 0; r < candidate.resource_count(); ++r) {
      const auto format = ArnPattern::parse(candidate.resource(r).arn_formats());
      if (format && format->service == service) return true;
    }
  }
  return false;
}

void unknown_service(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    const std::string service = lower(arn.service);
    if (report.full() || is_open(arn.service) || is_service_of_arns(service)) return;
    const auto near = catalogue::nearest_service(service);
    report.add(use.scalar->offset, "No service is called " + quoted(arn.service) + " in ARNs.",
               near ? "Did you mean " + std::string(near->prefix()) + "?"
                    : std::string("Check the third part of the ARN."));
  });
}

void invalid_region(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (arn.region.empty() || is_open(arn.region) || is_known_region(arn.region)) return;
    report.add(use.scalar->offset, quoted(arn.region) + " is not a Region.",
               "Write a Region's code, such as us-east-1, or * for all.");
  });
}

// "aws" is the account of what AWS itself owns.
void invalid_account(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (arn.account.empty() || is_open(arn.account) || is_account_id(arn.account) || arn.account == "aws")
      return;
    if (arn.account == "aws-managed" || arn.account == "third-party" || arn.account == "aws-marketplace")
      return;
    report.add(
        use.scalar->offset,
        quoted(arn.account) + " is not an account id" +
            (is_digits(arn.account) ? ": it has " + std::to_string(arn.account.size()) + " digits." : "."),
        "An account id has twelve digits.");
  });
}

// The formats whose resource part could be this ARN's.
std::vector<ArnPattern> formats_like(const ResourceUse& use, const ArnPattern& arn) {
  std::vector<ArnPattern> formats;
  const auto service = is_open(arn.service) ? std::nullopt : catalogue::find_service(arn.service);
  if (!service || !use.pattern || use.pattern->size() > 300) return formats;
  for (std::size_t i = 0; i < service->resource_count(); ++i) {
    std::string_view all = service->resource(i).arn_formats();
    while (!all.empty()) {
      const auto comma = all.find(", ");
      if (const auto format = ArnPattern::parse(all.substr(0, comma)); format && format->parts >= 6) {
        if (Pattern::overlap(*use.pattern, Pattern::of_format(format->resource))) formats.push_back(*format);
      }
      all.remove_prefix(comma == std::string_view::npos ? all.size() : comma + 2);
    }
  }
  return formats;
}

// The format that begins as this ARN's resource does; of several the shortest.
std::string nearest_format(catalogue::Service service, std::string_view resource) {
  std::string_view best;
  std::size_t most = 0;
  for (std::size_t i = 0; i < service.resource_count(); ++i) {
    const std::string_view all = service.resource(i).arn_formats();
    const std::string_view one = all.substr(0, all.find(", "));
    const auto format = ArnPattern::parse(one);
    if (!format) continue;
    const auto ends = std::ranges::mismatch(format->resource, resource);
    const auto common = static_cast<std::size_t>(ends.in1 - format->resource.begin());
    if (!best.empty() && (common < most || (common == most && one.size() >= best.size()))) continue;
    most = common;
    best = one;
  }
  return std::string(best);
}

// Services whose ARNs take no forms but those that the reference lists. Of the others AWS's own policies name
// more.
bool lists_all_forms(std::string_view service) {
  constexpr std::array<std::string_view, 11> kClosed = {"dynamodb", "ecr",    "eks", "glue", "iam", "kinesis",
                                                        "kms",      "lambda", "sns", "sqs",  "sts"};
  return std::ranges::find(kClosed, service) != kClosed.end();
}

// Services where AWS owns resources that stand beside the customer's, without an account in their ARN.
bool holds_shared_resources(std::string_view service) {
  return service == "ssm" || service == "resource-explorer-2" || service == "bedrock" ||
         service == "cloudformation";
}

template <bool sure>
void invalid_resource(const Subject& subject, Report& report) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (report.full() || arn.resource.find_first_not_of("*:") == std::string_view::npos ||
        is_open(arn.service))
      return;
    if (lists_all_forms(arn.service) != sure || arn.resource.starts_with('*')) return;
    if (arn.service == "iam" && arn.resource == "root") return;  // listed with sts alone
    const auto service = catalogue::find_service(arn.service);
    if (!service || service->resource_count() == 0 || !formats_like(use, arn).empty()) return;
    report.add(
        use.scalar->offset,
        quoted(arn.resource) + " has the form of no resource of " + std::string(service->title()) + ".",
        "Its formats include " + nearest_format(*service, arn.resource) + ".");
  });
}

template <typename Wrong>
void against_formats(const Subject& subject, Report& report, std::string_view help, Wrong wrong) {
  each_arn(subject, [&](const ResourceUse& use, const ArnPattern& arn) {
    if (report.full()) return;
    const auto formats = formats_like(use, arn);
    if (formats.empty()) return;
    if (const std::string message = wrong(arn, formats); !message.empty())
      report.add(use.scalar->offset, message, std::string(help));
  });
}

void region_not_allowed(const Subject& subject, Report& report) {
  against_formats(
      subject, report, "Leave the region's place empty.", [](const ArnPattern& arn, const auto& formats) {
        if (arn.region.empty() || is_open(arn.region) || !is_known_region(arn.region)) return std::string();
        const bool never = std::ranges::all_of(formats, [](const ArnPattern& f) { return f.region.empty(); });
        return never ? "ARNs of this kind of " + std::string(arn.service) + " resource have no Region."
                     : std::string();
      });
}

void account_not_allowed(const Subject& subject, Report& report) {
  against_formats(
      subject, report, "Leave the account's place empty.", [](const ArnPattern& arn, const auto& formats) {
        if (!is_account_id(arn.account)) return std::string();
        const bool never =
            std::ranges::all_of(formats, [](const ArnPattern& f) { return f.account.empty(); });
        // EC2's images and snapshots are listed without an account and written with one all the same.
        return never && arn.service != "ec2"
                   ? "ARNs of this kind of " + std::string(arn.service) + " resource have no account."
                   : std::string();
      });
}

void missing_region(const Subject& subject, Report& report) {
  against_formats(subject, report, "Write the Region, or * for all.",
                  [](const ArnPattern& arn, const auto& formats) {
                    if (!arn.region.empty() || is_open(arn.service)) return std::string();
                    const bool always =
                        std::ranges::all_of(formats, [](const ArnPattern& f) { return !f.region.empty(); });
                    return always ? "ARNs of this kind of " + std::string(arn.service) +
                                        " resource have a Region, and this one's is empty."
                                  : std::string();
                  });
}

void missing_account(const Subject& subject, Report& report) {
  against_formats(subject, report, "Write the account's twelve digits, or * for all.",
                  [](const ArnPattern& arn, const auto& formats) {
                    if (!arn.account.empty() || holds_shared_resources(arn.service)) return std::string();
                    const bool always =
                        std::ranges::all_of(formats, [](const ArnPattern& f) { return !f.account.empty(); });
                    return always ? "ARNs of this kind of " + std::string(arn.service) +
                                        " resource have an account, and this one's is empty."
                                  : std::string();
                  });
}

constexpr Check kChecks[] = {
    {"INVALID_ARN_PREFIX", Severity::error, kAll, arn_prefix},
    {"MISSING_ARN_FIELD", Severity::error, kAll, missing_field},
    {"INVALID_PARTITION", Severity::error, kAll, invalid_partition},
    {"INVALID_ARN_SERVICE_CASE", Severity::error, kAll, service_case},
    {"INVALID_SERVICE", Severity::error, kAll, unknown_service},
    {"INVALID_ARN_REGION", Severity::error, kAll, invalid_region},
    {"INVALID_ARN_ACCOUNT", Severity::error, kAll, invalid_account},
    {"INVALID_ARN_RESOURCE", Severity::error, kAll, invalid_resource<true>},
    {"INVALID_ARN_RESOURCE", Severity::warning, kAll, invalid_resource<false>},
    {"ARN_REGION_NOT_ALLOWED", Severity::error, kAll, region_not_allowed},
    {"ARN_ACCOUNT_NOT_ALLOWED", Severity::error, kAll, account_not_allowed},
    {"MISSING_ARN_REGION", Severity::error, kAll, missing_region},
    {"MISSING_ARN_ACCOUNT", Severity::error, kAll, missing_account},
};

}  // namespace

std::span<const Check> arn_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

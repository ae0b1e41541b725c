#include "policy/lint/types.h"

#include <algorithm>
#include <array>

namespace gatehouse::policy::lint {

bool is_well_documented(std::string_view service) {
  constexpr std::array<std::string_view, 17> kServices = {
      "autoscaling", "dynamodb", "ecr",  "eks", "elasticloadbalancing",
      "events",      "firehose", "glue", "iam", "kinesis",
      "kms",         "lambda",   "rds",  "s3",  "sns",
      "sqs",         "sts"};
  return std::ranges::find(kServices, service) != kServices.end();
}

bool is_retired(std::string_view prefix) {
  constexpr std::array<std::string_view, 11> kRetired = {
      "deepcomposer", "deeplens", "deepracer", "elastic-inference", "iot1click", "nimble",
      "robomaker",    "sumerian", "worklink",  "workdocs",          "zocalo"};
  return std::ranges::find(kRetired, lower(prefix)) != kRetired.end();
}

std::string plain_name(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

std::optional<catalogue::ResourceType> type_named_by(std::string_view placeholder,
                                                     catalogue::Service service) {
  const std::string words = plain_name(placeholder);
  if (words.find("arn") == std::string::npos || words.find(plain_name(service.prefix())) == std::string::npos)
    return std::nullopt;
  std::optional<catalogue::ResourceType> best;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < service.resource_count(); ++i) {
    const std::string name = plain_name(service.resource(i).name());
    if (name.size() <= longest || words.find(name) == std::string::npos) continue;
    best = service.resource(i);
    longest = name.size();
  }
  return best;
}

Fit TypeMatcher::fits(const ResourceUse& resource, catalogue::ResourceType type) {
  auto& answers = known_[resource.scalar];
  const auto at = answers.find(type.name().data());
  if (at != answers.end()) return at->second;
  return answers[type.name().data()] = compute(resource, type);
}

Fit TypeMatcher::fits(const ResourceUse& resource, catalogue::Action action) {
  bool unknown = action.resource_count() == 0;
  for (std::size_t i = 0; i < action.resource_count(); ++i) {
    const Fit fit = fits(resource, action.resource(i));
    if (fit == Fit::yes) return Fit::yes;
    unknown = unknown || fit == Fit::unknown;
  }
  return unknown ? Fit::unknown : Fit::no;
}

Fit TypeMatcher::compute(const ResourceUse& resource, catalogue::ResourceType type) {
  if (resource.everything) return Fit::yes;
  if (!resource.arn) {
    const auto named =
        has_placeholder(resource.text) ? type_named_by(resource.text, type.service()) : std::nullopt;
    if (!named) return Fit::unknown;
    return *named == type ? Fit::yes : Fit::no;
  }
  if (!resource.pattern || resource.arn->parts < 6) return Fit::unknown;
  std::string_view all = type.arn_formats();
  while (!all.empty()) {
    const auto comma = all.find(", ");
    const auto format = ArnPattern::parse(all.substr(0, comma));
    all.remove_prefix(comma == std::string_view::npos ? all.size() : comma + 2);
    if (!format || format->parts < 6) return Fit::unknown;
    const Pattern of_format = Pattern::of_format(format->resource);
    const std::size_t cost = (resource.pattern->size() + 1) * (of_format.size() + 1);
    if (cost > budget_) return Fit::unknown;
    budget_ -= cost;
    const bool service = is_open(resource.arn->service) || is_open(format->service) ||
                         equal_ignoring_case(resource.arn->service, format->service);
    // "arn:aws:s3:us-east-1:1234…:accesspoint/x" has the account that a bucket's ARN has not.
    const auto literal = [](std::string_view part) { return !part.empty() && !has_wildcard(part); };
    const bool owned = literal(resource.arn->account) && literal(resource.arn->region) &&
                       format->account.empty() && format->region.empty();
    if (service && !owned && Pattern::overlap(*resource.pattern, of_format)) return Fit::yes;
  }
  return Fit::no;
}

}  // namespace gatehouse::policy::lint

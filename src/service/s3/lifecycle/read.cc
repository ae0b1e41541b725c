// Lifecycle rules out of a request, checked, and back into an answer.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.h"
#include "model/s3.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/rules.h"

namespace gatehouse::service::s3 {
namespace {

namespace m = model::s3;
using Form = LifecycleFilter::Form;

constexpr size_t kMostRules = 1000;
constexpr size_t kLongestId = 255;
constexpr size_t kIdBytes = 36;
constexpr std::int64_t kMostKept = 100;
constexpr std::int64_t kLongest = 2'147'483'647;
constexpr int kLeastForInfrequent = 30;
constexpr std::array<std::string_view, 6> kClasses = {"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
                                                      "GLACIER_IR",  "GLACIER",    "DEEP_ARCHIVE"};

std::unexpected<Error> bad_argument(std::string_view message) {
  return fail(error::invalid_argument(message, "", ""));
}

Result<int> positive(const wire::Value& value, std::string_view what, std::string_view action) {
  if (value.number() >= 1 && value.number() <= kLongest) return static_cast<int>(value.number());
  return bad_argument(fmt::format("'{}' for {} action must be a positive integer", what, action));
}

Result<Time> midnight(const wire::Value& date) {
  const Time t = date.time();
  if (t == std::chrono::floor<std::chrono::days>(t)) return t;
  return bad_argument("'Date' must be at midnight GMT");
}

account::Tag read_tag(const wire::Value& tag) {
  return {std::string(tag[m::Key].text()), std::string(tag[m::Value].text())};
}

// The predicates of a filter or of its And.
int read_predicates(const wire::Value& in, LifecycleFilter& filter) {
  int count = 0;
  if (const auto& prefix = in[m::Prefix]) {
    filter.prefix = prefix.text();
    filter.form = Form::prefix;
    ++count;
  }
  if (const auto& larger = in[m::ObjectSizeGreaterThan]) {
    filter.larger = larger.number();
    filter.form = Form::larger;
    ++count;
  }
  if (const auto& smaller = in[m::ObjectSizeLessThan]) {
    filter.smaller = smaller.number();
    filter.form = Form::smaller;
    ++count;
  }
  return count;
}

Result<void> check_sizes(const LifecycleFilter& filter) {
  if (filter.larger && *filter.larger < 0)
    return bad_argument("'ObjectSizeGreaterThan' should be a non-negative integer");
  if (filter.smaller && *filter.smaller < 1)
    return bad_argument("'ObjectSizeLessThan' should be a positive integer");
  if (filter.larger && filter.smaller && *filter.larger + 1 >= *filter.smaller)
    return fail(
        error::invalid_request("'ObjectSizeLessThan' has to be a value greater than "
                               "'ObjectSizeGreaterThan'."));
  return {};
}

Result<LifecycleFilter> read_filter(const wire::Value& rule) {
  LifecycleFilter filter;
  if (rule[m::Prefix] && rule[m::Filter]) return fail(error::malformed_xml());
  if (rule[m::Prefix]) {
    filter.form = Form::old_prefix;
    filter.prefix = rule[m::Prefix].text();
    return filter;
  }
  if (!rule[m::Filter]) return fail(error::malformed_xml());
  const wire::Value& in = rule[m::Filter];
  int count = read_predicates(in, filter);
  if (const auto& tag = in[m::Tag]) {
    filter.tags.push_back(read_tag(tag));
    filter.form = Form::tag;
    ++count;
  }
  const wire::Value& all = in[m::And];
  if (count > 1 || (count == 1 && all)) return fail(error::malformed_xml());
  if (all) {
    count = read_predicates(all, filter);
    for (const wire::Value& tag : all[m::Tags].list()) filter.tags.push_back(read_tag(tag));
    if (count + static_cast<int>(filter.tags.size()) < 2) return fail(error::malformed_xml());
    filter.form = Form::all;
    std::set<std::string> names;
    for (const auto& [name, value] : filter.tags) {
      if (!names.insert(name).second)
        return fail(error::invalid_request("Duplicate Tag Keys are not allowed."));
    }
  }
  CHECK_OK(check_sizes(filter));
  return filter;
}

Result<void> read_expiration(const wire::Value& in, LifecycleRule& rule) {
  if (!in) return {};
  const int count =
      (in[m::Days] ? 1 : 0) + (in[m::Date] ? 1 : 0) + (in[m::ExpiredObjectDeleteMarker] ? 1 : 0);
  if (count != 1) return fail(error::malformed_xml());
  if (in[m::Days]) {
    TRY(rule.expire_days, positive(in[m::Days], "Days", "Expiration"));
  } else if (in[m::Date]) {
    TRY(rule.expire_date, midnight(in[m::Date]));
  }
  rule.expire_marker = in[m::ExpiredObjectDeleteMarker].boolean();
  if (rule.expire_marker && !rule.filter.tags.empty())
    return fail(error::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
  if (rule.expire_marker && (rule.filter.larger || rule.filter.smaller))
    return fail(error::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Object Size."));
  return {};
}

Result<int> read_kept(const wire::Value& in, const LifecycleFilter& filter) {
  const auto& kept = in[m::NewerNoncurrentVersions];
  if (!kept) return 0;
  if (filter.form == Form::old_prefix)
    return fail(error::invalid_request("NewerNoncurrentVersions cannot be specified without a Filter."));
  if (kept.number() >= 1 && kept.number() <= kMostKept) return static_cast<int>(kept.number());
  return bad_argument("'NewerNoncurrentVersions' must be a positive integer of at most 100");
}

Result<void> read_noncurrent(const wire::Value& in, LifecycleRule& rule) {
  if (!in) return {};
  if (!in[m::NoncurrentDays]) return fail(error::malformed_xml());
  TRY(rule.noncurrent_days, positive(in[m::NoncurrentDays], "NoncurrentDays", "NoncurrentVersionExpiration"));
  TRY(rule.noncurrent_kept, read_kept(in, rule.filter));
  return {};
}

Result<void> read_abort(const wire::Value& in, LifecycleRule& rule) {
  if (!in) return {};
  TRY(rule.abort_days,
      positive(in[m::DaysAfterInitiation], "DaysAfterInitiation", "AbortIncompleteMultipartUpload"));
  if (!rule.filter.tags.empty())
    return fail(error::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
  if (rule.filter.larger || rule.filter.smaller)
    return fail(
        error::invalid_request("AbortIncompleteMultipartUpload cannot be specified with Object Size."));
  return {};
}

Result<std::string> read_class(const wire::Value& in) {
  const std::string_view name = in[m::StorageClass].text();
  if (std::ranges::find(kClasses, name) == kClasses.end()) return fail(error::malformed_xml());
  return std::string(name);
}

bool is_infrequent(std::string_view name) { return name == "STANDARD_IA" || name == "ONEZONE_IA"; }

Result<Transition> read_transition(const wire::Value& in, wire::Member days, std::string_view named,
                                   std::string_view action) {
  Transition t;
  TRY(t.storage_class, read_class(in));
  if (in[m::Date]) {
    if (in[days]) return fail(error::malformed_xml());
    TRY(t.date, midnight(in[m::Date]));
    return t;
  }
  if (!in[days]) return fail(error::malformed_xml());
  const std::int64_t count = in[days].number();
  if (count < 0 || count > kLongest)
    return bad_argument(fmt::format("'{}' in {} action must be nonnegative", named, action));
  if (is_infrequent(t.storage_class) && count < kLeastForInfrequent) {
    return bad_argument(
        fmt::format("'{}' in {} action must be greater than or equal to 30 for storageClass '{}'", named,
                    action, t.storage_class));
  }
  t.days = static_cast<int>(count);
  return t;
}

std::string described(const LifecycleFilter& filter) {
  return fmt::format("(prefix={})", filter.prefix.value_or(""));
}

Result<void> read_transitions(const wire::Value& in, LifecycleRule& rule) {
  for (const wire::Value& one : in[m::Transitions].list()) {
    TRY(auto t, read_transition(one, m::Days, "Days", "Transition"));
    if (rule.expire_days > 0 && t.days >= rule.expire_days) {
      return bad_argument(
          fmt::format("'Days' in the Expiration action for filter '{}' must be greater than 'Days' in the "
                      "Transition action",
                      described(rule.filter)));
    }
    rule.transitions.push_back(std::move(t));
  }
  for (const wire::Value& one : in[m::NoncurrentVersionTransitions].list()) {
    if (one[m::Date]) return fail(error::malformed_xml());
    TRY(auto t, read_transition(one, m::NoncurrentDays, "NoncurrentDays", "NoncurrentVersionTransition"));
    TRY(t.kept, read_kept(one, rule.filter));
    rule.noncurrent_transitions.push_back(std::move(t));
  }
  return {};
}

Result<LifecycleRule> read_rule(const wire::Value& in, Random& random) {
  LifecycleRule rule;
  rule.id = in[m::ID].text();
  if (rule.id.size() > kLongestId) return bad_argument("ID length should not exceed allowed limit of 255");
  if (rule.id.empty()) rule.id = base64url(random.bytes(kIdBytes));
  const std::string_view status = in[m::Status].text();
  if (status != "Enabled" && status != "Disabled") return fail(error::malformed_xml());
  rule.enabled = status == "Enabled";
  TRY(rule.filter, read_filter(in));
  CHECK_OK(read_expiration(in[m::Expiration], rule));
  CHECK_OK(read_noncurrent(in[m::NoncurrentVersionExpiration], rule));
  CHECK_OK(read_abort(in[m::AbortIncompleteMultipartUpload], rule));
  CHECK_OK(read_transitions(in, rule));
  const bool acts = in[m::Expiration] || rule.noncurrent_days > 0 || rule.abort_days > 0 ||
                    !rule.transitions.empty() || !rule.noncurrent_transitions.empty();
  if (!acts) return fail(error::invalid_request("At least one action needs to be specified in a rule"));
  return rule;
}

// --- and back

wire::Value tag_value(const account::Tag& tag) {
  return wire::structure({{m::Key, tag.first}, {m::Value, tag.second}});
}

wire::Value predicates(const LifecycleFilter& f) {
  wire::Value out = wire::Value::Structure();
  if (f.prefix) out.set(m::Prefix, *f.prefix);
  if (f.larger) out.set(m::ObjectSizeGreaterThan, *f.larger);
  if (f.smaller) out.set(m::ObjectSizeLessThan, *f.smaller);
  return out;
}

void set_filter(wire::Value& out, const LifecycleFilter& f) {
  if (f.form == Form::old_prefix) {
    out.set(m::Prefix, *f.prefix);
    return;
  }
  wire::Value filter = predicates(f);
  if (f.form == Form::tag) filter.set(m::Tag, tag_value(f.tags.front()));
  if (f.form == Form::all) {
    wire::Value::List tags;
    for (const account::Tag& tag : f.tags) tags.push_back(tag_value(tag));
    if (!tags.empty()) filter.set(m::Tags, std::move(tags));
    filter = wire::structure({{m::And, std::move(filter)}});
  }
  out.set(m::Filter, std::move(filter));
}

wire::Value transition_value(const Transition& t, wire::Member days) {
  wire::Value out = wire::structure({{m::StorageClass, t.storage_class}});
  if (t.days >= 0) {
    out.set(days, t.days);
  } else {
    out.set(m::Date, t.date);
  }
  if (t.kept > 0) out.set(m::NewerNoncurrentVersions, t.kept);
  return out;
}

void set_transitions(wire::Value& out, const LifecycleRule& rule) {
  wire::Value::List current;
  for (const Transition& t : rule.transitions) current.push_back(transition_value(t, m::Days));
  if (!current.empty()) out.set(m::Transitions, std::move(current));
  wire::Value::List noncurrent;
  for (const Transition& t : rule.noncurrent_transitions)
    noncurrent.push_back(transition_value(t, m::NoncurrentDays));
  if (!noncurrent.empty()) out.set(m::NoncurrentVersionTransitions, std::move(noncurrent));
}

wire::Value rule_value(const LifecycleRule& rule) {
  wire::Value out = wire::structure({{m::ID, rule.id}, {m::Status, rule.enabled ? "Enabled" : "Disabled"}});
  set_filter(out, rule.filter);
  wire::Value expiration;
  if (rule.expire_days > 0) expiration.set(m::Days, rule.expire_days);
  if (rule.expire_date != Time{}) expiration.set(m::Date, rule.expire_date);
  if (rule.expire_marker) expiration.set(m::ExpiredObjectDeleteMarker, true);
  out.set(m::Expiration, std::move(expiration));
  if (rule.noncurrent_days > 0) {
    wire::Value noncurrent = wire::structure({{m::NoncurrentDays, rule.noncurrent_days}});
    if (rule.noncurrent_kept > 0) noncurrent.set(m::NewerNoncurrentVersions, rule.noncurrent_kept);
    out.set(m::NoncurrentVersionExpiration, std::move(noncurrent));
  }
  if (rule.abort_days > 0) {
    out.set(m::AbortIncompleteMultipartUpload, wire::structure({{m::DaysAfterInitiation, rule.abort_days}}));
  }
  set_transitions(out, rule);
  return out;
}

}  // namespace

Result<Lifecycle> read_lifecycle(const wire::Value& configuration, Random& random) {
  const auto& rules = configuration[m::Rules].list();
  if (rules.empty() || rules.size() > kMostRules) return fail(error::malformed_xml());
  Lifecycle out;
  std::set<std::string> ids;
  for (const wire::Value& one : rules) {
    TRY(auto rule, read_rule(one, random));
    if (!ids.insert(rule.id).second)
      return bad_argument("Rule ID must be unique. Found same ID for more than one rule");
    out.rules.push_back(std::move(rule));
  }
  return out;
}

wire::Value lifecycle_value(const Lifecycle& lifecycle) {
  wire::Value::List rules;
  for (const LifecycleRule& rule : lifecycle.rules) rules.push_back(rule_value(rule));
  return wire::structure({{m::Rules, std::move(rules)}});
}

}  // namespace gatehouse::service::s3

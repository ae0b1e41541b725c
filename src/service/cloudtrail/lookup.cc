#include <fmt/format.h>

#include <algorithm>

#include "account/trail/events.h"
#include "base/json.h"
#include "base/time.h"
#include "model/cloudtrail.h"
#include "service/cloudtrail/cloudtrail.h"

namespace gatehouse::service::cloudtrail {
namespace {

using account::object_of;
using account::text_of;

namespace m = model::cloudtrail;

constexpr std::int64_t kMost = 50;

// Operations on objects are data events, which the event history leaves out.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html#cloudtrail-data-events
bool is_data_event(const json::object& event) {
  if (text_of(event, "eventSource") != "s3.amazonaws.com") return false;
  const std::string name = text_of(event, "eventName");
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (has("ObjectLockConfiguration")) return false;
  return has("Object") || name == "HeadBucket" || has("UploadPart") || name == "ListParts" ||
         (has("MultipartUpload") && name != "ListMultipartUploads");
}

// As CloudTrail shows it in Username: a user's or role session's name, "root" for root.
std::string username_of(const json::object& event) {
  const json::object& identity = object_of(event, "userIdentity");
  if (text_of(identity, "type") == "Root") return "root";
  if (const auto name = text_of(identity, "userName"); !name.empty()) return name;
  const std::string principal = text_of(identity, "principalId");
  return principal.substr(principal.rfind(':') + 1);
}

struct Resource {
  std::string type, name;
};

// What an ARN's parts are called by CloudFormation, where the name is told by them alone.
Resource resource_of(const std::string& arn) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {":role/", "AWS::IAM::Role"},       {":user/", "AWS::IAM::User"},
      {":group/", "AWS::IAM::Group"},     {":policy/", "AWS::IAM::Policy"},
      {":cluster/", "AWS::EKS::Cluster"}, {":vpc/", "AWS::EC2::VPC"},
      {":subnet/", "AWS::EC2::Subnet"},   {":instance/", "AWS::EC2::Instance"},
      {":key/", "AWS::KMS::Key"},         {"arn:aws:s3:::", "AWS::S3::Bucket"}};
  for (const auto& [part, type] : kTypes) {
    if (arn.find(part) == std::string::npos) continue;
    if (type == "AWS::S3::Bucket") return {std::string(type), arn.substr(part.size())};
    return {std::string(type), arn.substr(arn.rfind('/') + 1)};
  }
  return {"", arn};
}

std::vector<Resource> resources_of(const json::object& event) {
  std::vector<Resource> out;
  const json::value* list = event.if_contains("resources");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& v : list->get_array()) {
    if (v.is_object()) out.push_back(resource_of(text_of(v.get_object(), "ARN")));
  }
  return out;
}

bool has_attribute(const json::object& event, std::string_view key, std::string_view value) {
  if (key == "EventId") return text_of(event, "eventID") == value;
  if (key == "EventName") return text_of(event, "eventName") == value;
  if (key == "EventSource") return text_of(event, "eventSource") == value;
  if (key == "ReadOnly") return (json::bool_or(event, "readOnly", false) ? "true" : "false") == value;
  if (key == "Username") return username_of(event) == value;
  if (key == "AccessKeyId") return text_of(object_of(event, "userIdentity"), "accessKeyId") == value;
  const auto resources = resources_of(event);
  return std::ranges::any_of(
      resources, [&](const Resource& r) { return (key == "ResourceName" ? r.name : r.type) == value; });
}

struct Wanted {
  std::string account, region;
  std::string key, value;
  std::optional<Time> from, to;
  std::string after;  // the id of the last event of the page before
  size_t most = static_cast<size_t>(kMost);

  bool covers(const json::object& event) const {
    if (text_of(event, "recipientAccountId") != account || text_of(event, "awsRegion") != region)
      return false;
    const auto at = parse_iso8601(text_of(event, "eventTime"));
    if (!at || (from && *at < *from) || (to && *at > *to)) return false;
    if (is_data_event(event)) return false;
    return key.empty() || has_attribute(event, key, value);
  }
};

Result<void> check_attributes(const wire::Value::List& attributes, Wanted& wanted) {
  if (attributes.size() > 1)
    return fail("InvalidLookupAttributesException", "You can only specify one lookup attribute.", 400);
  static constexpr std::string_view kKeys[] = {"EventId",      "EventName",    "ReadOnly",    "Username",
                                               "ResourceType", "ResourceName", "EventSource", "AccessKeyId"};
  for (const wire::Value& attribute : attributes) {
    wanted.key = attribute[m::AttributeKey].text();
    wanted.value = attribute[m::AttributeValue].text();
    if (std::ranges::find(kKeys, wanted.key) == std::end(kKeys)) {
      return fail("InvalidLookupAttributesException",
                  fmt::format("{} is not a valid lookup attribute.", wanted.key), 400);
    }
    if (wanted.value.empty() || wanted.value.size() > 2000)
      return fail("InvalidLookupAttributesException", "The attribute value has 1 to 2000 characters.", 400);
  }
  return {};
}

Result<Wanted> wanted_by(const Call& call) {
  Wanted wanted;
  wanted.account = call.account;
  wanted.region = call.region;
  CHECK_OK(check_attributes(call.in[m::LookupAttributes].list(), wanted));
  if (const auto& from = call.in[m::StartTime]) wanted.from = from.time();
  if (const auto& to = call.in[m::EndTime]) wanted.to = to.time();
  if (wanted.from && wanted.to && *wanted.from > *wanted.to) {
    return fail("InvalidTimeRangeException", "The start time must be before the end time.", 400);
  }
  const std::int64_t most = call.in[m::MaxResults].number(kMost);
  if (most < 1 || most > kMost)
    return fail("InvalidMaxResultsException", "The value of MaxResults must be between 1 and 50.", 400);
  wanted.most = static_cast<size_t>(most);
  wanted.after = call.in[m::NextToken].text();
  return wanted;
}

wire::Value event_value(json::object event) {
  wire::Value::List resources;
  for (const Resource& r : resources_of(event))
    resources.push_back(wire::structure({{m::ResourceType, r.type}, {m::ResourceName, r.name}}));
  wire::Value out =
      wire::structure({{m::EventId, text_of(event, "eventID")},
                       {m::EventName, text_of(event, "eventName")},
                       {m::ReadOnly, json::bool_or(event, "readOnly", false) ? "true" : "false"},
                       {m::EventTime, *parse_iso8601(text_of(event, "eventTime"))},
                       {m::EventSource, text_of(event, "eventSource")},
                       {m::Username, username_of(event)},
                       {m::Resources, std::move(resources)}});
  if (const auto key = text_of(object_of(event, "userIdentity"), "accessKeyId"); !key.empty())
    out.set(m::AccessKeyId, key);
  event.erase("gatehouse");  // the reasons are `gatehouse trail`'s to show
  out.set(m::CloudTrailEvent, json::dump(event));
  return out;
}

// What happened before this call, newest first: its own event is recorded when it has been answered.
Result<wire::Value> lookup_events(CloudTrail& cloudtrail, Call& call) {
  TRY(const Wanted wanted, wanted_by(call));
  cloudtrail.trail.flush();
  wire::Value::List events;
  std::string last;
  bool more = false;
  bool reached = wanted.after.empty();
  CHECK_OK(account::read_trail_backwards(cloudtrail.trail.directory(), [&](std::string_view line) {
    auto parsed = json::parse(line);
    if (!parsed || !parsed->is_object()) return true;
    json::object& event = parsed->get_object();
    if (!reached) {
      reached = text_of(event, "eventID") == wanted.after;
      return true;
    }
    if (!wanted.covers(event)) return true;
    more = events.size() == wanted.most;
    if (more) return false;
    last = text_of(event, "eventID");
    events.push_back(event_value(std::move(event)));
    return true;
  }));
  if (!reached) return fail("InvalidNextTokenException", "The token is not valid, or too old.", 400);
  wire::Value out = wire::structure({{m::Events, std::move(events)}});
  if (more) out.set(m::NextToken, last);
  return out;
}

}  // namespace

Service make_service(CloudTrail& cloudtrail) {
  static const Row<CloudTrail> rows[] = {
      {"LookupEvents", lookup_events, needs<CloudTrail>("cloudtrail:LookupEvents")},
  };
  return Service("cloudtrail", cloudtrail, std::span<const Row<CloudTrail>>(rows));
}

}  // namespace gatehouse::service::cloudtrail

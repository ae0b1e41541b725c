#include <fmt/format.h>

#include "wire/codec.h"

namespace gatehouse::wire {
namespace {

struct Missing {
  const MemberModel* member;
  std::string path;  // "tags.1.member.key", or for ec2 "Tag.1.Key"
};

std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

class Search {
 public:
  explicit Search(const ServiceModel& service) : service_(service), ec2_(service.protocol == Protocol::ec2) {}

  void walk(const Shape& shape, const Value& value, const std::string& path) {
    if (shape.kind == ShapeKind::structure) {
      for (const MemberModel& m : shape.members) walk_member(m, value, path);
    } else if (shape.kind == ShapeKind::list) {
      size_t i = 0;
      for (const Value& item : value.list()) {
        ++i;
        if (item.is_null() || is_simple(shape.element)) continue;
        walk(service_.shape(shape.element), item, fmt::format("{}.{}{}", path, i, ec2_ ? "" : ".member"));
      }
    } else if (shape.kind == ShapeKind::map && !is_simple(shape.element)) {
      for (const auto& [key, item] : value.map()) {
        walk(service_.shape(shape.element), item, fmt::format("{}.{}.member", path, key));
      }
    }
  }

  std::vector<Missing> found;

 private:
  bool is_simple(ShapeId id) const {
    const ShapeKind kind = service_.shape(id).kind;
    return kind != ShapeKind::structure && kind != ShapeKind::list && kind != ShapeKind::map;
  }

  void walk_member(const MemberModel& m, const Value& parent, const std::string& path) {
    const Value& value = parent[m.member];
    if (value.is_null() && (!m.required || m.streaming)) return;
    if (!value.is_null() && is_simple(m.shape)) return;
    const std::string name = ec2_ ? std::string(m.query_name) : lower_first(m.name);
    std::string full = path.empty() ? name : fmt::format("{}.{}", path, name);
    if (value.is_null()) {
      found.push_back({&m, std::move(full)});
    } else {
      walk(service_.shape(m.shape), value, full);
    }
  }

  const ServiceModel& service_;
  bool ec2_;
};

// Coral's wording, which IAM, STS and most others share.
std::string constraint_message(const std::vector<Missing>& missing) {
  std::string out =
      fmt::format("{} validation error{} detected: ", missing.size(), missing.size() == 1 ? "" : "s");
  for (size_t i = 0; i < missing.size(); ++i) {
    out += fmt::format("{}Value at '{}' failed to satisfy constraint: Member must not be null",
                       i == 0 ? "" : "; ", missing[i].path);
  }
  return out;
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
std::unexpected<Error> s3_missing(const Missing& missing) {
  switch (missing.member->location) {
    case Location::payload:
      return fail("MissingRequestBodyError", "Request Body is empty");
    case Location::header:
      return fail("InvalidRequest",
                  fmt::format("Missing required header for this request: {}", missing.member->wire_name));
    case Location::query:
      return fail(
          Error{"InvalidArgument",
                fmt::format("Missing required parameter for this request: {}", missing.member->wire_name),
                400,
                {{"ArgumentName", std::string(missing.member->wire_name)}}});
    default:
      return fail(
          "MalformedXML",
          "The XML you provided was not well-formed or did not validate against our published schema");
  }
}

}  // namespace

Result<void> validate(const ServiceModel& service, const OperationModel& operation, const Value& input) {
  Search search(service);
  search.walk(service.shape(operation.input), input, "");
  if (search.found.empty()) return {};
  switch (service.protocol) {
    case Protocol::query:
      return fail("ValidationError", constraint_message(search.found));
    case Protocol::ec2:
      return fail("MissingParameter",
                  fmt::format("The request must contain the parameter {}", search.found.front().path));
    case Protocol::rest_xml:
      return s3_missing(search.found.front());
    case Protocol::rest_json:
      if (service.find_error("InvalidParameterException")) {
        return fail("InvalidParameterException", constraint_message(search.found));
      }
      [[fallthrough]];
    default:
      return fail("ValidationException", constraint_message(search.found));
  }
}

}  // namespace gatehouse::wire

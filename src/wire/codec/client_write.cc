// The client's side: an input as a request.
#include <fmt/format.h>

#include "wire/codec/binding.h"
#include "wire/codec/json_value.h"
#include "wire/codec/query.h"
#include "wire/codec/scalar.h"
#include "wire/codec/xml.h"

namespace gatehouse::wire {
namespace {

using namespace codec;

// "/{Bucket}/{Key+}" with the labels' values in it.
Result<std::string> fill_path(const ServiceModel& service, const Shape& input, std::string_view uri,
                              const Value& value) {
  std::string out;
  while (!uri.empty()) {
    const auto open = uri.find('{');
    out += uri.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = uri.find('}', open);
    std::string_view label = uri.substr(open + 1, close - open - 1);
    const bool greedy = label.ends_with('+');
    if (greedy) label.remove_suffix(1);
    for (const MemberModel& m : input.members) {
      if (m.name != label) continue;
      const std::string text = bound_text(service, m, value[m.member]);
      if (text.empty())
        return fail("InvalidParameter", fmt::format("No value provided for input HTTP label: {}.", label));
      out += percent_encode(text, greedy);
    }
    uri.remove_prefix(close + 1);
  }
  return out;
}

void append_query(const ServiceModel& service, const Shape& input, const Value& value, std::string& query) {
  const auto put = [&query](std::string_view name, std::string_view text) {
    query += fmt::format("{}{}={}", query.empty() ? "" : "&", percent_encode(name), percent_encode(text));
  };
  for (const MemberModel& m : input.members) {
    const Value& v = value[m.member];
    if (m.location != Location::query || v.is_null()) continue;
    const Shape& shape = service.shape(m.shape);
    if (shape.kind != ShapeKind::list) {
      put(m.wire_name, bound_text(service, m, v));
      continue;
    }
    for (const Value& item : v.list()) {
      put(m.wire_name, scalar_text(service.shape(shape.element), item, TimeStyle::iso_millis));
    }
  }
}

struct Body {
  std::string text;
  std::string_view type;
};

Body payload_body(const ServiceModel& service, const MemberModel& member, const Value& value) {
  const Shape& shape = service.shape(member.shape);
  if (value.is_null()) return {};
  if (shape.kind == ShapeKind::blob || shape.kind == ShapeKind::string)
    return {std::string(value.bytes()), {}};
  if (service.protocol == Protocol::rest_json)
    return {json::dump(to_json(service, shape, value)), "application/json"};
  std::string out(kXmlDeclaration);
  XmlWriter(service, out).root(member.wire_name.empty() ? shape.xml_name : member.wire_name, shape, value);
  return {std::move(out), "application/xml"};
}

Body rest_body(const ServiceModel& service, const Shape& input, const Value& value) {
  if (const MemberModel* payload = payload_of(input))
    return payload_body(service, *payload, value[payload->member]);
  if (!has_body_members(input)) return {};
  if (service.protocol == Protocol::rest_json)
    return {json::dump(to_json(service, input, value)), "application/json"};
  std::string out(kXmlDeclaration);
  XmlWriter(service, out).root(input.xml_name, input, value);
  return {std::move(out), "application/xml"};
}

Result<WrittenRequest> rest_request(const ServiceModel& service, const OperationModel& operation,
                                    const Value& value) {
  const Shape& input = service.shape(operation.input);
  WrittenRequest out;
  const auto mark = operation.uri.find('?');
  TRY(out.head.target, fill_path(service, input, operation.uri.substr(0, mark), value));
  std::string query(mark == std::string_view::npos ? "" : operation.uri.substr(mark + 1));
  append_query(service, input, value, query);
  if (!query.empty()) out.head.target += "?" + query;

  write_headers(service, input, value, out.head.headers);
  Body body = rest_body(service, input, value);
  if (!body.type.empty() && !out.head.headers.find("content-type"))
    out.head.headers.add("content-type", body.type);
  out.body = std::move(body.text);
  return out;
}

WrittenRequest query_request(const ServiceModel& service, const OperationModel& operation,
                             const Value& value) {
  WrittenRequest out;
  out.head.target = "/";
  out.head.headers.add("content-type", "application/x-www-form-urlencoded; charset=utf-8");
  out.body = fmt::format("Action={}&Version={}{}", operation.name, service.version,
                         write_parameters(service, service.shape(operation.input), value));
  return out;
}

WrittenRequest json_request(const ServiceModel& service, const OperationModel& operation,
                            const Value& value) {
  WrittenRequest out;
  out.head.target = "/";
  out.head.headers.add("content-type", service.protocol == Protocol::json10 ? "application/x-amz-json-1.0"
                                                                            : "application/x-amz-json-1.1");
  out.head.headers.add("x-amz-target", fmt::format("{}.{}", service.target_prefix, operation.name));
  out.body = json::dump(to_json(service, service.shape(operation.input), value));
  return out;
}

}  // namespace

Result<WrittenRequest> write_request(const ServiceModel& service, const OperationModel& operation,
                                     const Value& input) {
  WrittenRequest out;
  switch (service.protocol) {
    case Protocol::query:
    case Protocol::ec2:
      out = query_request(service, operation, input);
      break;
    case Protocol::rest_xml:
    case Protocol::rest_json: {
      TRY(out, rest_request(service, operation, input));
      break;
    }
    default:
      out = json_request(service, operation, input);
  }
  out.head.method = operation.method;
  if (!out.body.empty()) out.head.content_length = out.body.size();
  return out;
}

}  // namespace gatehouse::wire

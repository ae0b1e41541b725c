// The client's side: an answer as an output or an Error.
#include <fmt/format.h>

#include "wire/codec/binding.h"
#include "wire/codec/json_value.h"
#include "wire/codec/xml.h"

namespace gatehouse::wire {
namespace {

using namespace codec;

bool is_xml(Protocol protocol) {
  return protocol == Protocol::query || protocol == Protocol::ec2 || protocol == Protocol::rest_xml;
}

// "com.amazonaws.eks#ResourceNotFoundException:http://…" -> "ResourceNotFoundException"
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const auto hash = code.find('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

Error read_json_error(int status, const Headers& headers, std::string_view body) {
  Error out{.code = std::to_string(status), .message = "", .status = status, .details = {}};
  if (const std::string* type = headers.find("x-amzn-errortype")) out.code = bare_code(*type);
  const auto parsed = json::parse(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (!object) return out;
  for (const auto& [key, value] : *object) {
    if (!value.is_string()) continue;
    const std::string text(value.get_string());
    if (key == "__type" || key == "code") {
      out.code = bare_code(text);
    } else if (key == "message" || key == "Message") {
      out.message = text;
    } else {
      out.details.emplace_back(key, text);
    }
  }
  return out;
}

Result<Value> read_payload(const ServiceModel& service, const MemberModel& member, std::string_view body) {
  const Shape& shape = service.shape(member.shape);
  if (shape.kind == ShapeKind::blob || member.streaming) return Value(Bytes{std::string(body)});
  if (shape.kind == ShapeKind::string) return Value(body);
  if (service.protocol == Protocol::rest_xml) return read_xml(service, shape, body, "", "", {});
  TRY(const json::value v, json::parse(body));
  return from_json(service, shape, v);
}

Result<Value> read_body_members(const ServiceModel& service, const OperationModel& operation,
                                const Shape& shape, std::string_view body) {
  if (operation.name == "GetBucketLocation" && service.protocol == Protocol::rest_xml) {
    TRY(const std::string text, read_xml_text(body));
    Value out{Value::Structure{}};
    if (!text.empty()) out.set(shape.members.front().member, text);
    return out;
  }
  if (service.protocol == Protocol::rest_xml) return read_xml(service, shape, body, "", "", {});
  TRY(const json::value v, json::parse(body));
  return from_json(service, shape, v);
}

Result<Value> read_rest(const ServiceModel& service, const OperationModel& operation, int status,
                        const Headers& headers, std::string_view body) {
  const Shape& shape = service.shape(operation.output);
  Value out{Value::Structure{}};
  CHECK_OK(read_headers(service, shape, headers, out));
  for (const MemberModel& m : shape.members) {
    if (m.location == Location::status_code) out.set(m.member, status);
  }
  if (body.empty()) return out;
  if (const MemberModel* payload = payload_of(shape)) {
    TRY(auto value, read_payload(service, *payload, body));
    out.set(payload->member, std::move(value));
  } else if (has_body_members(shape)) {
    TRY(const Value members, read_body_members(service, operation, shape, body));
    for (const auto& [member, value] : members.structure()) out.set(member, value);
  }
  return out;
}

}  // namespace

Result<Value> read_response(const ServiceModel& service, const OperationModel& operation, int status,
                            const Headers& headers, std::string_view body) {
  if (status >= 300) {
    return fail(is_xml(service.protocol) ? read_xml_error(body, status)
                                         : read_json_error(status, headers, body));
  }
  const Shape& shape = service.shape(operation.output);
  switch (service.protocol) {
    case Protocol::query:
      return read_xml(service, shape, body, fmt::format("{}Response", operation.name),
                      shape.kind == ShapeKind::unit ? "" : fmt::format("{}Result", operation.name), {});
    case Protocol::ec2:
      return read_xml(service, shape, body, fmt::format("{}Response", operation.name), "", {});
    case Protocol::rest_xml:
    case Protocol::rest_json:
      return read_rest(service, operation, status, headers, body);
    default: {
      TRY(const json::value v, json::parse(body));
      return from_json(service, shape, v);
    }
  }
}

}  // namespace gatehouse::wire

// The server's answers, and its errors, of every protocol.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/hash.h"
#include "wire/codec/binding.h"
#include "wire/codec/json_value.h"
#include "wire/codec/xml.h"
#include "wire/request_id.h"

namespace gatehouse::wire {
namespace {

using namespace codec;

std::string_view content_type(Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
      return "text/xml";
    case Protocol::ec2:
      return "text/xml;charset=UTF-8";
    case Protocol::rest_xml:
      return "application/xml";
    case Protocol::rest_json:
      return "application/json";
    case Protocol::json10:
      return "application/x-amz-json-1.0";
    default:
      return "application/x-amz-json-1.1";
  }
}

void add_request_id(const ServiceModel& service, std::string_view request_id, Headers& headers) {
  if (service.protocol == Protocol::rest_xml) {
    headers.add("x-amz-request-id", request_id);
    headers.add("x-amz-id-2", host_id(request_id));
  } else {
    headers.add("x-amzn-requestid", request_id);
  }
}

std::string query_body(const ServiceModel& service, const OperationModel& operation, const Value& output,
                       std::string_view request_id) {
  const Shape& shape = service.shape(operation.output);
  std::string out = fmt::format("<{}Response xmlns=\"{}\">", operation.name, service.xml_namespace);
  if (shape.kind != ShapeKind::unit) {
    out += fmt::format("<{}Result>", operation.name);
    XmlWriter(service, out).members(shape, output);
    out += fmt::format("</{}Result>", operation.name);
  }
  out += "<ResponseMetadata>";
  append_element(out, "RequestId", request_id);
  out += fmt::format("</ResponseMetadata></{}Response>", operation.name);
  return out;
}

// An operation without output answers that it was done.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
std::string ec2_body(const ServiceModel& service, const OperationModel& operation, const Value& output,
                     std::string_view request_id) {
  const Shape& shape = service.shape(operation.output);
  std::string out =
      fmt::format("{}<{}Response xmlns=\"{}/\">", kXmlDeclaration, operation.name, service.xml_namespace);
  append_element(out, "requestId", request_id);
  if (shape.kind == ShapeKind::unit) {
    append_element(out, "return", "true");
  } else {
    XmlWriter(service, out).members(shape, output);
  }
  return out + fmt::format("</{}Response>", operation.name);
}

struct Body {
  std::string text;
  std::string_view type;  // empty: as the headers say
};

Body payload_body(const ServiceModel& service, const MemberModel& member, const Value& value) {
  const Shape& shape = service.shape(member.shape);
  if (member.streaming || value.is_null()) return {};
  if (shape.kind == ShapeKind::blob) return {std::string(value.bytes()), "application/octet-stream"};
  // S3's one such answer is GetBucketPolicy's document.
  if (shape.kind == ShapeKind::string) return {std::string(value.text()), "application/json"};
  if (service.protocol == Protocol::rest_json)
    return {json::dump(to_json(service, shape, value)), "application/json"};
  std::string out(kXmlDeclaration);
  XmlWriter(service, out).root(member.wire_name.empty() ? shape.xml_name : member.wire_name, shape, value);
  return {std::move(out), "application/xml"};
}

// Alone among its kind, this answer has its text in the root.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
std::string bucket_location(const ServiceModel& service, const Shape& shape, const Value& output) {
  std::string out(kXmlDeclaration);
  out += fmt::format("<LocationConstraint xmlns=\"{}\">", service.xml_namespace);
  append_escaped(out, output[shape.members.front().member].text());
  return out + "</LocationConstraint>";
}

Body rest_body(const ServiceModel& service, const OperationModel& operation, const Value& output) {
  const Shape& shape = service.shape(operation.output);
  if (const MemberModel* payload = payload_of(shape))
    return payload_body(service, *payload, output[payload->member]);
  if (service.protocol == Protocol::rest_json) {
    if (operation.status == 204) return {};
    return {json::dump(to_json(service, shape, output)), "application/json"};
  }
  if (!has_body_members(shape)) return {};
  if (operation.name == "GetBucketLocation")
    return {bucket_location(service, shape, output), "application/xml"};
  std::string out(kXmlDeclaration);
  XmlWriter(service, out).root(shape.xml_name, shape, output);
  return {std::move(out), "application/xml"};
}

// Content-Length is the server's to write; for HEAD it is said without a body.
void take_content_length(Response& response, bool is_head) {
  auto& fields = response.headers.fields;
  const auto at =
      std::ranges::find(fields, "content-length", [](const auto& f) { return std::string_view(f.first); });
  if (at == fields.end()) return;
  std::uint64_t length = 0;
  std::from_chars(at->second.data(), at->second.data() + at->second.size(), length);
  if (is_head) response.head_length = length;
  fields.erase(at);
}

Response rest_response(const ServiceModel& service, const OperationModel& operation, const Value& output) {
  Response out;
  const Shape& shape = service.shape(operation.output);
  out.status = operation.status;
  for (const MemberModel& m : shape.members) {
    if (m.location != Location::status_code || output[m.member].is_null()) continue;
    out.status = static_cast<int>(std::clamp<std::int64_t>(output[m.member].number(), 200, 599));
  }
  write_headers(service, shape, output, out.headers);
  take_content_length(out, operation.method == "HEAD");
  Body body = rest_body(service, operation, output);
  if (!body.type.empty() && !out.headers.find("content-type")) out.headers.add("content-type", body.type);
  out.body = std::move(body.text);
  return out;
}

std::string xml_error(const ServiceModel& service, const Error& error, std::string_view request_id,
                      std::string_view resource) {
  std::string inner;
  if (service.protocol == Protocol::query)
    append_element(inner, "Type", error.status < 500 ? "Sender" : "Receiver");
  append_element(inner, "Code", error.code);
  append_element(inner, "Message", error.message);
  for (const auto& [name, value] : error.details) append_element(inner, name, value);

  std::string out;
  if (service.protocol == Protocol::query) {
    out = fmt::format("<ErrorResponse xmlns=\"{}\"><Error>{}</Error>", service.xml_namespace, inner);
    append_element(out, "RequestId", request_id);
    return out + "</ErrorResponse>";
  }
  out = kXmlDeclaration;
  if (service.protocol == Protocol::ec2) {
    out += fmt::format("<Response><Errors><Error>{}</Error></Errors>", inner);
    append_element(out, "RequestID", request_id);
    return out + "</Response>";
  }
  if (!service.plain_errors) {
    out += fmt::format("<ErrorResponse><Error>{}</Error>", inner);
    append_element(out, "RequestId", request_id);
    append_element(out, "HostId", host_id(request_id));
    return out + "</ErrorResponse>";
  }
  out += "<Error>" + inner;
  if (!resource.empty()) append_element(out, "Resource", resource);
  append_element(out, "RequestId", request_id);
  append_element(out, "HostId", host_id(request_id));
  return out + "</Error>";
}

std::string json_error(const ServiceModel& service, const Error& error) {
  json::object out;
  if (service.protocol != Protocol::rest_json) out["__type"] = error.code;
  out["message"] = error.message;
  for (const auto& [name, value] : error.details) out[name] = value;
  return json::dump(out);
}

bool is_xml(Protocol protocol) {
  return protocol == Protocol::query || protocol == Protocol::ec2 || protocol == Protocol::rest_xml;
}

}  // namespace

// Opaque to everybody but AWS.
std::string host_id(std::string_view request_id) { return base64(as_bytes(sha256(request_id))); }

Response write_response(const ServiceModel& service, const OperationModel& operation, const Value& output,
                        std::string_view request_id) {
  Response out;
  switch (service.protocol) {
    case Protocol::query:
      out.body = query_body(service, operation, output, request_id);
      break;
    case Protocol::ec2:
      out.body = ec2_body(service, operation, output, request_id);
      break;
    case Protocol::rest_xml:
    case Protocol::rest_json:
      out = rest_response(service, operation, output);
      break;
    default:
      out.body = json::dump(to_json(service, service.shape(operation.output), output));
  }
  const bool rest = service.protocol == Protocol::rest_xml || service.protocol == Protocol::rest_json;
  if (!rest) out.headers.add("content-type", content_type(service.protocol));
  add_request_id(service, request_id, out.headers);
  return out;
}

Response write_error(const ServiceModel& service, const OperationModel* operation, const Error& error,
                     std::string_view request_id, std::string_view resource) {
  Response out;
  out.status = error.status;
  add_request_id(service, request_id, out.headers);
  if (service.protocol == Protocol::rest_json) out.headers.add("x-amzn-errortype", error.code);
  const bool bodiless = error.status == 304 || (operation && operation->method == "HEAD");
  out.headers.add("content-type", content_type(service.protocol));
  if (bodiless) return out;
  out.body =
      is_xml(service.protocol) ? xml_error(service, error, request_id, resource) : json_error(service, error);
  return out;
}

}  // namespace gatehouse::wire

// A codec on stdin and stdout, for tests that hold it against real clients. A line in, a line out, each JSON:
//
//   {"do": "read", "service", "method", "target", "headers": [[name, value]…], "body": base64}
//     -> {"operation", "input": tree, "missing": what validate() says, or null}
//   {"do": "write", "service", "operation", "output": tree} -> {"status", "headers", "body": base64}
//   {"do": "fail", "service", "operation", "code", "message", "status"} -> the same
//
// or {"error": {"code", "message", "status"}}. In a tree structures have the model's member names, bytes are
// {"$bytes": base64}, times {"$time": seconds}.
#include <cmath>
#include <iostream>
#include <string>

#include "base/encoding.h"
#include "base/json.h"
#include "wire/codec.h"

namespace gatehouse::wire {
namespace {

json::value tree(const Value& value) {
  if (auto* v = value.get_if<bool>()) return *v;
  if (auto* v = value.get_if<std::int64_t>()) return *v;
  if (auto* v = value.get_if<double>()) return *v;
  if (auto* v = value.get_if<std::string>()) return json::value(*v);
  if (auto* v = value.get_if<Bytes>()) return json::object{{"$bytes", base64(v->data)}};
  if (auto* v = value.get_if<Time>()) {
    return json::object{{"$time", static_cast<double>(v->time_since_epoch().count()) / 1000}};
  }
  if (auto* all = value.get_if<Value::List>()) {
    json::array out;
    for (const Value& v : *all) out.push_back(tree(v));
    return out;
  }
  json::object out;
  for (const auto& [member, v] : value.structure()) out[member_name(member)] = tree(v);
  for (const auto& [key, v] : value.map()) out[key] = tree(v);
  return out;
}

Result<Value> from_tree(const ServiceModel& service, const Shape& shape, const json::value& v) {
  if (shape.kind == ShapeKind::structure || shape.kind == ShapeKind::unit) {
    Value out{Value::Structure{}};
    for (const auto& [name, item] : v.as_object()) {
      const MemberModel* found = nullptr;
      for (const MemberModel& m : shape.members) {
        if (m.name == std::string_view(name)) found = &m;
      }
      if (!found) return fail("NoSuchMember", std::string(shape.name) + "." + std::string(name));
      TRY(auto value, from_tree(service, service.shape(found->shape), item));
      out.set(found->member, std::move(value));
    }
    return out;
  }
  if (shape.kind == ShapeKind::list) {
    Value out{Value::List{}};
    for (const auto& item : v.as_array()) {
      TRY(auto value, from_tree(service, service.shape(shape.element), item));
      out.append(std::move(value));
    }
    return out;
  }
  if (const auto* object = v.if_object()) {
    if (const auto* time = object->if_contains("$time")) {
      return Value(Time(std::chrono::milliseconds(std::llround(time->to_number<double>() * 1000))));
    }
    if (const auto* bytes = object->if_contains("$bytes")) {
      return Value(Bytes{unbase64(std::string_view(bytes->as_string())).value_or("")});
    }
    Value out{Value::Map{}};
    for (const auto& [key, item] : *object) {
      TRY(auto value, from_tree(service, service.shape(shape.element), item));
      out.put(std::string(key), std::move(value));
    }
    return out;
  }
  if (v.is_bool()) return Value(v.as_bool());
  if (v.is_int64()) return Value(v.as_int64());
  if (v.is_double()) return Value(v.as_double());
  return Value(std::string_view(v.as_string()));
}

json::value read_answer(const ServiceModel& service, const OperationModel& operation, const Value& input) {
  const auto valid = validate(service, operation, input);
  return json::object{{"operation", operation.name},
                      {"input", tree(input)},
                      {"missing", valid ? json::value(nullptr) : json::value(valid.error().message)}};
}

Result<json::value> read(const ServiceModel& service, const json::object& job) {
  Head head;
  head.method = json::string_or(job, "method", "");
  head.target = json::string_or(job, "target", "");
  for (const auto& field : job.at("headers").as_array()) {
    head.headers.add(std::string_view(field.as_array()[0].as_string()),
                     std::string_view(field.as_array()[1].as_string()));
  }
  const std::string body = unbase64(json::string_or(job, "body", "")).value_or("");
  if (service.protocol != Protocol::rest_xml && service.protocol != Protocol::rest_json) {
    TRY(const auto request, read_rpc(service, head, body));
    return read_answer(service, *request.operation, request.input);
  }
  TRY(auto routed, route_rest(service, head, head.path()));
  if (!routed.streams) CHECK_OK(read_rest_body(service, head, routed, body));
  return read_answer(service, *routed.operation, routed.input);
}

json::value answer(const Response& response) {
  json::array headers;
  for (const auto& [name, value] : response.headers.fields) headers.push_back(json::array{name, value});
  if (response.head_length)
    headers.push_back(json::array{"content-length", std::to_string(*response.head_length)});
  return json::object{{"status", response.status},
                      {"headers", headers},
                      {"body", base64(std::get<std::string>(response.body))}};
}

Result<json::value> run(const json::object& job) {
  const ServiceModel* service = find_service(json::string_or(job, "service", ""));
  if (!service) return fail("NoSuchService", "");
  const std::string what = json::string_or(job, "do", "");
  if (what == "read") return read(*service, job);
  const OperationModel* operation = service->find(json::string_or(job, "operation", ""));
  if (!operation) return fail("NoSuchOperation", json::string_or(job, "operation", ""));
  if (what == "fail") {
    const Error error{json::string_or(job, "code", ""),
                      json::string_or(job, "message", ""),
                      static_cast<int>(json::int_or(job, "status", 400)),
                      {}};
    return answer(write_error(*service, operation, error, "request-1"));
  }
  TRY(const Value output, from_tree(*service, service->shape(operation->output), job.at("output")));
  return answer(write_response(*service, *operation, output, "request-1"));
}

int serve() {
  std::string line;
  while (std::getline(std::cin, line)) {
    auto job = json::parse(line);
    auto result = job ? run(job->as_object()) : Result<json::value>(std::unexpected(job.error()));
    if (!result) {
      const Error& e = result.error();
      result = json::object{
          {"error", json::object{{"code", e.code}, {"message", e.message}, {"status", e.status}}}};
    }
    std::cout << json::dump(*result) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace gatehouse::wire

int main() { return gatehouse::wire::serve(); }

// Bodies into objects: JSON, YAML or Kubernetes' protobuf, checked against the schema.
//
// What comes out has only members that the schema knows, each of its type, without nulls and without the
// empty members that Go's types would not write; so that one object has one form, whatever it came as.
// apiVersion and kind are taken off: they are the row's, not the object's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube {

struct Decoded {
  std::string api_version, kind;  // "" where the body does not say
  json::object object;
  std::vector<std::string> complaints;  // `unknown field "spec.foo"`, `duplicate field "data.a"`
};

inline constexpr size_t kMaxBody = 3 << 20;  // kube-apiserver's --max-request-body-bytes

// `content_type` without parameters. UnsupportedMediaType for others than JSON, YAML and protobuf; BadRequest
// for bodies that are not what they say or whose members have the wrong type.
Result<Decoded> decode(const Message& message, std::string_view kind, std::string_view content_type,
                       std::string_view body);
// The same for a kind's objects: those of a custom resource keep what its schema knows.
Result<Decoded> decode(const Kind& kind, std::string_view content_type, std::string_view body);

// The same checks on an object at hand (a patch's result). Complaints may be null.
Result<void> conform(const Kind& kind, json::object& object, std::vector<std::string>* complaints);

// The raw message of a `k8s\0` envelope; numbers the schema does not know are passed over, as protobuf wants.
Result<Decoded> decode_protobuf(const Message& message, std::string_view body);

Result<json::value> parse_yaml(std::string_view text);
std::vector<std::string> duplicate_fields(std::string_view json_text);

}  // namespace gatehouse::kube

// The schema table as JSON schemas, for both versions of OpenAPI. Internal to kube/api.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "kube/schema/kind_set.h"

namespace gatehouse::kube {

class OpenApiSchemas {
 public:
  // `prefix` is where definitions stand: "#/definitions/" or "#/components/schemas/".
  explicit OpenApiSchemas(std::string_view prefix) : prefix_(prefix) {}

  void add(const Kind& kind);
  json::object reference(const Kind& kind) const;  // {"$ref": …}
  json::object all;                                // by name

 private:
  void add(const Message& message, const Kind* kind);
  void add_custom(const Kind& kind);
  json::object one(const Field& field);
  json::object shape(const Field& field);
  void add_members(const Message& message, json::object& properties);

  std::string prefix_;
  std::set<std::string, std::less<>> seen_;
};

// What an operation of a kind is called below "paths", with its parameters: {"get": …, "patch": …}.
// `operation` makes one of the kind and its action (get, list, post, put, patch, delete).
using MakeOperation = json::object (*)(const OpenApiSchemas& schemas, const Kind& kind,
                                       std::string_view action);
void add_paths(const OpenApiSchemas& schemas, const Kind& kind, MakeOperation operation, json::object& paths);

json::value group_version_kind(const Kind& kind);

}  // namespace gatehouse::kube

// configurationValues, against the schema that DescribeAddonConfiguration shows.
#include <fmt/format.h>

#include <algorithm>

#include "kube/schema/decode.h"
#include "kube/schema/structural.h"
#include "service/eks/addons/catalogue.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks {
namespace {

// JSON Schema takes members it does not name, unless it says otherwise; a structural schema does not.
void open_what_is_not_closed(json::value& schema) {
  json::object* o = schema.if_object();
  if (o == nullptr) return;
  if (const auto* type = o->if_contains("type"); type != nullptr && *type == "object") {
    const auto* more = o->if_contains("additionalProperties");
    if (more == nullptr) {
      (*o)["x-kubernetes-preserve-unknown-fields"] = true;
    } else if (more->is_bool()) {
      o->erase("additionalProperties");
    }
  }
  for (auto& member : *o) open_what_is_not_closed(member.value());
}

// The schema as that of a member, whose name then begins every path.
json::object structural_schema(const AddonKind& kind) {
  json::value schema = json::parse(kind.schema).value_or(json::object());
  open_what_is_not_closed(schema);
  return {{"type", "object"}, {"properties", json::object{{"$", std::move(schema)}}}};
}

std::unexpected<Error> refused(std::string_view why) {
  return error::invalid_parameter(
      fmt::format("ConfigurationValue provided in request is not supported: {}", why));
}

}  // namespace

Result<void> check_configuration(const AddonKind& kind, std::string_view values) {
  if (values.empty()) return {};
  auto parsed = kube::parse_yaml(values);
  if (!parsed) return refused("it is neither JSON nor YAML");
  if (!parsed->is_object()) return refused("Json schema validation failed with error: [$: object expected]");
  const json::object schema = structural_schema(kind);
  const kube::Structural structural(&schema);
  json::object whole{{"$", std::move(*parsed)}};
  std::vector<kube::Cause> causes;
  structural.check(whole, causes);
  std::vector<std::string> faults;
  for (const kube::Cause& cause : causes) faults.push_back(fmt::format("{}: {}", cause.field, cause.message));
  std::vector<std::string> unknown;
  structural.prune(whole, &unknown);
  for (const std::string& complaint : unknown) {
    const auto from = complaint.find('"') + 1;
    faults.push_back(
        fmt::format("{}: is not defined in the schema and the schema does not allow additional properties",
                    complaint.substr(from, complaint.rfind('"') - from)));
  }
  if (faults.empty()) return {};
  return refused(fmt::format("Json schema validation failed with error: [{}]", fmt::join(faults, ", ")));
}

}  // namespace gatehouse::service::eks

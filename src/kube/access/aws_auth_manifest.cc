#include "kube/access/aws_auth_manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/access/aws_auth_review.h"
#include "kube/objects/json_path.h"
#include "kube/schema/decode.h"
#include "kube/schema/yaml.h"

namespace gatehouse::kube {
namespace {

using Severity = AwsAuthFinding::Severity;

constexpr std::string_view kServerFields[] = {"creationTimestamp", "generation", "managedFields",
                                              "resourceVersion",   "selfLink",   "uid"};

std::string_view line_at(std::string_view text, int number) {
  for (int i = 1; i < number; ++i) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

AwsAuthFinding not_yaml(std::string_view text) {
  const auto fault = yaml_fault(text);
  const YamlPlace place = fault ? fault->place : YamlPlace{1, 1};
  const std::string_view line = line_at(text, place.line);
  const bool block = line.find(": |") != line.npos || line.find(": >") != line.npos;
  return {"AWS_AUTH_NOT_YAML",
          Severity::error,
          fmt::format("the manifest is not YAML, and kubectl refuses it: {}",
                      fault ? fault->what : "it is too deep or too large"),
          block ? "nothing but - or + and a digit may follow the | of a block; write `mapRoles: |`"
                : "members of one map stand in one column, and entries of a list begin with a dash",
          "",
          place.line,
          place.column};
}

// What stands in a list stands in the file below the block's bar; in a quoted text, somewhere in it.
AwsAuthFinding placed(AwsAuthFinding finding, std::string_view text) {
  if (finding.list.empty()) {
    finding.line = std::max(finding.line, 1);
    return finding;
  }
  const auto start = yaml_member(text, "data", finding.list);
  if (!start) {
    finding.line = 1;
    return finding;
  }
  const std::string_view line = line_at(text, start->line);
  const auto mark = line.find_first_of("|>", static_cast<size_t>(start->column) - 1);
  const bool block = mark == static_cast<size_t>(start->column) - 1;
  finding.line = block && finding.line > 0 ? start->line + finding.line : start->line;
  const std::string_view there = line_at(text, finding.line);
  finding.column = static_cast<int>(std::min(there.find_first_not_of(' '), there.size())) + 1;
  return finding;
}

void review_metadata(const json::object& object, std::string_view text, std::vector<AwsAuthFinding>& out) {
  for (const auto field : server_fields(object)) {
    const auto place = yaml_member(text, "metadata", field).value_or(YamlPlace{1, 1});
    out.push_back(
        {"AWS_AUTH_SERVER_FIELD", Severity::warning,
         fmt::format("metadata.{} is the server's, and holds for one version of the object: applying "
                     "it is a conflict once that has changed",
                     field),
         "leave it out", "", place.line, place.column});
  }
  const auto name = text_at(object, {"metadata", "name"});
  const auto ns = text_at(object, {"metadata", "namespace"});
  if (name != "aws-auth" || ns != "kube-system")
    out.push_back({"AWS_AUTH_ELSEWHERE", Severity::warning,
                   fmt::format("it is {}/{}, and EKS reads kube-system/aws-auth alone",
                               ns.empty() ? "default" : ns, name),
                   "name it so", "", 1});
  out.push_back(
      {"AWS_AUTH_SUPERSEDED", Severity::suggestion,
       "access entries have taken aws-auth's place: they come before it, and in authentication mode "
       "API it is not read",
       "aws eks create-access-entry, which cannot lock out others by a slip of indentation", "", 1});
}

}  // namespace

std::vector<std::string_view> server_fields(const json::object& manifest) {
  std::vector<std::string_view> out;
  const json::object* metadata = object_at(manifest, {"metadata"});
  if (metadata == nullptr) return out;
  for (const auto field : kServerFields) {
    const json::value* value = metadata->if_contains(field);
    if (value != nullptr && !value->is_null()) out.push_back(field);
  }
  return out;
}

std::expected<AwsAuthManifest, AwsAuthFinding> read_manifest(std::string_view text) {
  auto parsed = parse_yaml(text);
  if (!parsed) return std::unexpected(not_yaml(text));
  json::object* object = parsed->if_object();
  if (object == nullptr || text_at(*object, {"kind"}) != "ConfigMap")
    return std::unexpected(AwsAuthFinding{"AWS_AUTH_NOT_A_CONFIGMAP", Severity::error,
                                          "the manifest is not a ConfigMap",
                                          "give what `kubectl get configmap aws-auth -n kube-system -o yaml` "
                                          "prints",
                                          "", 1});
  const json::object* data = object_at(*object, {"data"});
  AwsAuthManifest out{{}, data == nullptr ? json::object() : *data};
  out.object = std::move(*object);
  return out;
}

std::vector<AwsAuthFinding> review_manifest(std::string_view text, std::string_view before) {
  const auto manifest = read_manifest(text);
  if (!manifest) return {manifest.error()};
  const auto was = read_manifest(before);
  const AwsAuthReview review = review_aws_auth(was ? &was->data : nullptr, &manifest->data, nullptr);
  std::vector<AwsAuthFinding> out;
  for (const AwsAuthFinding& finding : review.findings) out.push_back(placed(finding, text));
  review_metadata(manifest->object, text, out);
  std::ranges::stable_sort(out, {}, &AwsAuthFinding::line);
  return out;
}

}  // namespace gatehouse::kube

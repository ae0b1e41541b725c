#include <fmt/format.h>

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"

namespace gatehouse::kube::rules {
namespace {

constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualifiedNameRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    "validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr size_t kMaxAnnotations = 256 * 1024;

bool lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool alphanumeric(char c) { return lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

// [A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9], up to 63 characters.
bool is_name_part(std::string_view text) {
  return !text.empty() && text.size() <= 63 && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_qualified_name(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_name_part(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_name_part(text.substr(slash + 1));
}

void check_name(const Kind& kind, std::string_view name, std::string_view field, bool generated,
                Causes& causes) {
  if (kind.loose_names) {
    if (name == "." || name == "..")
      causes.push_back(invalid(std::string(field), name, fmt::format("may not be '{}'", name)));
    for (const char* bad : {"/", "%"})
      if (name.find(bad) != std::string_view::npos)
        causes.push_back(invalid(std::string(field), name, fmt::format("may not contain '{}'", bad)));
    return;
  }
  // A generateName is judged as if something followed it.
  std::string judged(name);
  if (generated && judged.ends_with('-')) judged.back() = 'a';
  const bool label = kind.kind == "Namespace";
  if (label ? !is_dns_label(judged) : !is_dns_subdomain(judged)) {
    const size_t limit = label ? 63 : 253;
    causes.push_back(invalid(std::string(field), name,
                             judged.size() > limit ? fmt::format("must be no more than {} characters", limit)
                                                   : std::string(label ? kLabelRule : kSubdomainRule)));
  }
}

void check_labels(const json::object& metadata, Causes& causes) {
  const json::object* labels = object_at(metadata, {"labels"});
  if (labels == nullptr) return;
  for (const auto& [key, value] : *labels) {
    if (!is_qualified_name(key)) causes.push_back(invalid("metadata.labels", key, kQualifiedNameRule));
    if (!value.is_string()) continue;
    const std::string_view text = value.get_string();
    if (text.size() > 63) {
      causes.push_back(invalid("metadata.labels", text, "must be no more than 63 characters"));
    } else if (!text.empty() && !is_name_part(text)) {
      causes.push_back(invalid("metadata.labels", text, kLabelValueRule));
    }
  }
}

void check_annotations(const json::object& metadata, Causes& causes) {
  const json::object* annotations = object_at(metadata, {"annotations"});
  if (annotations == nullptr) return;
  size_t total = 0;
  for (const auto& [key, value] : *annotations) {
    std::string lower(key);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    if (!is_qualified_name(lower)) causes.push_back(invalid("metadata.annotations", key, kQualifiedNameRule));
    total += key.size() + (value.is_string() ? value.get_string().size() : 0);
  }
  if (total > kMaxAnnotations)
    causes.push_back({"FieldValueTooLong", "metadata.annotations",
                      fmt::format("Too long: may not be more than {} bytes", kMaxAnnotations)});
}

void check_unchanged(const json::object& metadata, const json::object& old, std::string_view member,
                     Causes& causes) {
  const auto now = text_at(metadata, {member});
  if (now != text_at(old, {member}))
    causes.push_back(invalid(fmt::format("metadata.{}", member), now, "field is immutable"));
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && lower_alphanumeric(text.front()) &&
         lower_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return lower_alphanumeric(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (label.empty() || !lower_alphanumeric(label.front()) || !lower_alphanumeric(label.back()) ||
        !std::all_of(label.begin(), label.end(), [](char c) { return lower_alphanumeric(c) || c == '-'; })) {
      return false;
    }
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

void check_metadata(const Kind& kind, const json::object& object, const json::object* old, Causes& causes) {
  static const json::object kNone;
  const json::object* found = object_at(object, {"metadata"});
  const json::object& metadata = found == nullptr ? kNone : *found;
  const auto name = text_at(metadata, {"name"});
  const auto prefix = text_at(metadata, {"generateName"});
  if (!prefix.empty() && old == nullptr) check_name(kind, prefix, "metadata.generateName", true, causes);
  if (name.empty()) {
    causes.push_back(required("metadata.name", "name or generateName is required"));
  } else {
    check_name(kind, name, "metadata.name", false, causes);
  }
  check_labels(metadata, causes);
  check_annotations(metadata, causes);
  if (const json::array* finalizers = array_at(metadata, {"finalizers"})) {
    for (const json::value& f : *finalizers)
      if (f.is_string() && !is_qualified_name(std::string_view(f.get_string())))
        causes.push_back(
            invalid("metadata.finalizers", std::string_view(f.get_string()), kQualifiedNameRule));
  }
  if (old == nullptr) return;
  const json::object* before = object_at(*old, {"metadata"});
  if (before == nullptr) return;
  check_unchanged(metadata, *before, "name", causes);
  check_unchanged(metadata, *before, "namespace", causes);
  check_unchanged(metadata, *before, "uid", causes);
  if (!text_at(*before, {"deletionTimestamp"}).empty()) {
    const json::array* now = array_at(metadata, {"finalizers"});
    const json::array* then = array_at(*before, {"finalizers"});
    for (size_t i = 0; now != nullptr && i < now->size(); ++i) {
      if (then == nullptr || std::find(then->begin(), then->end(), (*now)[i]) == then->end())
        causes.push_back({"FieldValueForbidden", "metadata.finalizers",
                          "Forbidden: no new finalizers can be added if the object is being deleted"});
    }
  }
}

}  // namespace gatehouse::kube::rules

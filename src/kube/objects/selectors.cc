#include "kube/objects/selectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Splits at commas outside parentheses.
std::vector<std::string_view> terms(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      out.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  return out;
}

std::unexpected<Error> unreadable(std::string_view text) {
  return fail("BadRequest", fmt::format("unable to parse requirement: <nil>: Invalid value: \"{}\"", text));
}

// A field's name as the object is kept.
std::string kept_name(const Kind& kind, std::string_view field) {
  const auto dot = std::min(field.find('.'), field.size());
  for (const Renamed& name : kind.renamed)
    if (field.substr(0, dot) == name.shown) return std::string(name.kept) + std::string(field.substr(dot));
  return std::string(field);
}

bool supported_field(const Kind& kind, std::string_view field) {
  if (field == "metadata.name" || (field == "metadata.namespace" && kind.scope == Scope::namespaced))
    return true;
  if (kind.kind == "Namespace") return field == "status.phase";
  if (kind.kind == "Secret") return field == "type";
  if (kind.kind == "Node") return field == "spec.unschedulable";
  if (kind.kind == "Event")
    return field.starts_with("involvedObject.") || field == "reason" || field == "type" ||
           field == "source" || field == "reportingComponent";
  return false;
}

std::string field_value(const json::object& object, std::string_view path) {
  if (path == "source") return std::string(text_at(object, {"source", "component"}));
  const json::object* inside = &object;
  while (true) {
    const auto dot = path.find('.');
    const json::value* v = inside->if_contains(path.substr(0, dot));
    if (v == nullptr) return path == "unschedulable" ? "false" : "";
    if (dot == std::string_view::npos) {
      if (v->is_string()) return std::string(v->get_string());
      return v->is_bool() ? (v->get_bool() ? "true" : "false") : json::dump(*v);
    }
    inside = v->if_object();
    if (inside == nullptr) return "";
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<Selector> Selector::parse(const Kind& kind, std::string_view labels, std::string_view fields) {
  Selector out;
  if (!trim(labels).empty()) {
    for (std::string_view term : terms(labels)) {
      if (term.empty()) return unreadable(labels);
      Requirement r;
      const auto paren = term.find('(');
      if (paren != std::string_view::npos) {
        if (!term.ends_with(')')) return unreadable(term);
        const auto list = term.substr(paren + 1, term.size() - paren - 2);
        const auto head = words(trim(term.substr(0, paren)));
        if (head.size() != 2 || (head[1] != "in" && head[1] != "notin")) return unreadable(term);
        r.key = head[0];
        r.op = head[1] == "in" ? Operator::in : Operator::not_in;
        for (const auto v : terms(list)) r.values.emplace_back(v);
      } else if (const auto equals = term.find('='); equals != std::string_view::npos) {
        const bool differs = equals > 0 && term[equals - 1] == '!';
        r.key = trim(term.substr(0, differs ? equals - 1 : equals));
        auto value = term.substr(equals + 1);
        if (value.starts_with('=')) value.remove_prefix(1);
        r.op = differs ? Operator::differs : Operator::equals;
        r.values.emplace_back(trim(value));
      } else if (const auto order = term.find_first_of("<>"); order != std::string_view::npos) {
        r.key = trim(term.substr(0, order));
        r.op = term[order] == '>' ? Operator::greater : Operator::less;
        r.values.emplace_back(trim(term.substr(order + 1)));
      } else {
        const bool absent = term.starts_with('!');
        r.key = trim(absent ? term.substr(1) : term);
        r.op = absent ? Operator::absent : Operator::exists;
      }
      if (r.key.empty() || r.key.find(' ') != std::string::npos) return unreadable(term);
      out.labels_.push_back(std::move(r));
    }
  }
  if (!trim(fields).empty()) {
    for (const std::string_view term : terms(fields)) {
      if (term.empty()) continue;
      const auto equals = term.find('=');
      if (equals == std::string_view::npos)
        return fail("BadRequest", fmt::format("invalid selector: '{}'; can't understand '{}'", fields, term));
      const bool differs = equals > 0 && term[equals - 1] == '!';
      auto value = term.substr(equals + 1);
      if (value.starts_with('=')) value.remove_prefix(1);
      Requirement r{kept_name(kind, term.substr(0, differs ? equals - 1 : equals)),
                    differs ? Operator::differs : Operator::equals,
                    {std::string(value)}};
      if (!supported_field(kind, r.key))
        return fail("BadRequest", fmt::format("field label not supported: {}", r.key));
      out.fields_.push_back(std::move(r));
    }
  }
  return out;
}

Result<Selector> Selector::of_object(const json::object& label_selector) {
  Selector out;
  if (const json::object* exact = object_at(label_selector, {"matchLabels"})) {
    for (const auto& [key, value] : *exact)
      out.labels_.push_back(
          {std::string(key), Operator::equals, {value.is_string() ? std::string(value.get_string()) : ""}});
  }
  const json::array* expressions = array_at(label_selector, {"matchExpressions"});
  for (size_t i = 0; expressions != nullptr && i < expressions->size(); ++i) {
    const json::object* e = (*expressions)[i].if_object();
    if (e == nullptr) continue;
    const auto op = text_at(*e, {"operator"});
    Requirement r{std::string(text_at(*e, {"key"})), Operator::in, {}};
    if (op == "NotIn") r.op = Operator::not_in;
    if (op == "Exists") r.op = Operator::exists;
    if (op == "DoesNotExist") r.op = Operator::absent;
    if (const json::array* values = array_at(*e, {"values"}))
      for (const json::value& v : *values)
        if (v.is_string()) r.values.emplace_back(v.get_string());
    out.labels_.push_back(std::move(r));
  }
  return out;
}

bool Selector::holds(const Requirement& r, const json::object* labels) {
  const json::value* v = labels == nullptr ? nullptr : labels->if_contains(r.key);
  const std::string_view text = v != nullptr && v->is_string() ? std::string_view(v->get_string()) : "";
  const bool listed = std::find(r.values.begin(), r.values.end(), text) != r.values.end();
  switch (r.op) {
    case Operator::exists:
      return v != nullptr;
    case Operator::absent:
      return v == nullptr;
    case Operator::equals:
    case Operator::in:
      return v != nullptr && listed;
    case Operator::differs:
    case Operator::not_in:
      return v == nullptr || !listed;
    case Operator::greater:
    case Operator::less: {
      std::int64_t have = 0;
      std::int64_t bound = 0;
      const std::string& limit = r.values.front();
      if (v == nullptr || std::from_chars(text.data(), text.data() + text.size(), have).ec != std::errc{} ||
          std::from_chars(limit.data(), limit.data() + limit.size(), bound).ec != std::errc{}) {
        return false;
      }
      return r.op == Operator::greater ? have > bound : have < bound;
    }
  }
  return false;
}

bool Selector::matches_labels(const json::object* labels) const {
  return std::all_of(labels_.begin(), labels_.end(), [&](const Requirement& r) { return holds(r, labels); });
}

bool Selector::matches(const json::object& object) const {
  if (!labels_.empty() && !matches_labels(object_at(object, {"metadata", "labels"}))) return false;
  return std::all_of(fields_.begin(), fields_.end(), [&](const Requirement& r) {
    return (field_value(object, r.key) == r.values.front()) == (r.op == Operator::equals);
  });
}

std::string_view Selector::only_name() const {
  for (const Requirement& r : fields_)
    if (r.key == "metadata.name" && r.op == Operator::equals) return r.values.front();
  return {};
}

}  // namespace gatehouse::kube

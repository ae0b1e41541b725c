#include "service/s3/cors/cors.h"

#include <algorithm>

namespace gatehouse::service::s3 {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "" : ", ").append(part);
  return out;
}

// A pattern has one star at most.
bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && text.starts_with(before) && text.ends_with(after);
}

bool allows_origin(const CorsRule& rule, std::string_view origin) {
  return std::ranges::any_of(rule.origins, [&](const std::string& o) { return matches(o, origin); });
}

bool allows_header(const CorsRule& rule, std::string_view header) {
  return std::ranges::any_of(rule.lower_headers, [&](const std::string& h) { return matches(h, header); });
}

std::vector<std::string> strings(const json::object& o, std::string_view key) {
  std::vector<std::string> out;
  for (const auto& one : o.at(key).as_array()) out.emplace_back(one.as_string());
  return out;
}

json::array array(const std::vector<std::string>& parts) { return json::array(parts.begin(), parts.end()); }

}  // namespace

void prepare(CorsRule& rule) {
  rule.lower_headers.clear();
  for (const std::string& header : rule.headers) rule.lower_headers.push_back(lower(header));
}

json::array cors_to_json(const Cors& cors) {
  json::array out;
  for (const CorsRule& rule : cors) {
    json::object o{{"id", rule.id},
                   {"origins", array(rule.origins)},
                   {"methods", array(rule.methods)},
                   {"headers", array(rule.headers)},
                   {"exposed", array(rule.exposed)}};
    if (rule.max_age) o["maxAge"] = *rule.max_age;
    out.push_back(std::move(o));
  }
  return out;
}

Cors cors_from_json(const json::array& rules) {
  Cors out;
  for (const auto& one : rules) {
    const json::object& o = one.as_object();
    CorsRule rule{json::string_or(o, "id", ""),
                  strings(o, "origins"),
                  strings(o, "methods"),
                  strings(o, "headers"),
                  strings(o, "exposed"),
                  std::nullopt,
                  {}};
    if (o.contains("maxAge")) rule.max_age = json::int_or(o, "maxAge", 0);
    prepare(rule);
    out.push_back(std::move(rule));
  }
  return out;
}

std::optional<CorsQuestion> cors_question(const wire::Head& head) {
  const std::string* origin = head.headers.find("origin");
  if (origin == nullptr) return std::nullopt;
  CorsQuestion question{*origin, head.method, {}};
  if (const auto* method = head.headers.find("access-control-request-method")) question.method = *method;
  std::string_view named = head.headers.get("access-control-request-headers");
  while (!named.empty()) {
    const auto comma = named.find(',');
    std::string_view one = named.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) question.headers.push_back(lower(one));
    if (comma == std::string_view::npos) break;
    named.remove_prefix(comma + 1);
  }
  return question;
}

const CorsRule* find_rule(const Cors& cors, const CorsQuestion& question) {
  const auto it = std::ranges::find_if(cors, [&](const CorsRule& rule) {
    return allows_origin(rule, question.origin) &&
           std::ranges::find(rule.methods, question.method) != rule.methods.end() &&
           std::ranges::all_of(question.headers, [&](const auto& h) { return allows_header(rule, h); });
  });
  return it == cors.end() ? nullptr : &*it;
}

// Whom everybody is allowed is not told that credentials are: a browser would not send any.
void add_cors_headers(const CorsRule& rule, const CorsQuestion& question, wire::Headers& headers) {
  const bool everybody = std::ranges::find(rule.origins, "*") != rule.origins.end();
  headers.add("access-control-allow-origin", everybody ? std::string_view("*") : question.origin);
  headers.add("access-control-allow-methods", joined(rule.methods));
  if (!question.headers.empty()) headers.add("access-control-allow-headers", joined(question.headers));
  if (!rule.exposed.empty()) headers.add("access-control-expose-headers", joined(rule.exposed));
  if (rule.max_age) headers.add("access-control-max-age", std::to_string(*rule.max_age));
  if (!everybody) headers.add("access-control-allow-credentials", "true");
  headers.add("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

}  // namespace gatehouse::service::s3

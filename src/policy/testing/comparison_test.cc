#include "policy/testing/comparison.h"

#include <cstdlib>
#include <vector>

namespace gatehouse::policy::testing {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool same(const Decision& a, const Decision& b) {
  return a.outcome == b.outcome && a.decided_by == b.decided_by && a.has_statement == b.has_statement &&
         (!a.has_statement || a.statement == b.statement);
}

bool disagrees(const json::object& c) {
  const Answers a = ask(c);
  return a.error.empty() && !a.agree();
}

// What a case cannot do without.
bool is_needed(const std::string& key) {
  return key == "request" || key == "policies" || key == "principal" || key == "action" || key == "resource";
}

bool shrink_once(json::object& c, json::value& v);

bool shrink_array(json::object& c, json::array& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json::value kept = items[i];
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
    if (disagrees(c)) return true;
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(i), kept);
    if (shrink_once(c, items[i])) return true;
  }
  return false;
}

bool shrink_object(json::object& c, json::object& members) {
  std::vector<std::string> keys;
  for (const auto& member : members) keys.emplace_back(member.key());
  for (const std::string& key : keys) {
    const bool needed = is_needed(key) && !(key == "resource" && members[key].is_object());
    if (!needed) {
      const json::value kept = members[key];
      members.erase(key);
      if (disagrees(c)) return true;
      members[key] = kept;
    }
    if (shrink_once(c, members[key])) return true;
  }
  return false;
}

bool shrink_once(json::object& c, json::value& v) {
  if (v.is_array()) return shrink_array(c, v.get_array());
  return v.is_object() && shrink_object(c, v.get_object());
}

}  // namespace

std::uint64_t case_count() { return from_environment("GATEHOUSE_POLICY_CASES", 10'000); }
std::uint64_t seed() { return from_environment("GATEHOUSE_POLICY_SEED", 20260101); }

Answers ask(const json::object& c) {
  Answers a;
  auto parsed = Case::parse(json::dump(c));
  if (!parsed) {
    a.error = parsed.error().message;
    return a;
  }
  a.parsed = std::move(*parsed);
  a.explanation = explain(a.parsed->request(), a.parsed->policies());
  const Decision& d = a.explanation.decision;
  if (!same(d, decide(a.parsed->request(), a.parsed->policies()))) a.error = "decide() and explain() differ";
  a.engine = {std::string(to_string(d.outcome)), std::string(to_string(d.decided_by)), {}};
  for (const Explanation::Mattered& m : a.explanation.matched) {
    a.engine.matched.push_back(std::string(to_string(m.at.layer)) + " " + std::to_string(m.at.policy) + " " +
                               std::to_string(m.at.statement));
  }
  a.naive = decide_naively(c);
  return a;
}

NaiveDecision decide_with_engine(const json::object& c) {
  const auto parsed = Case::parse(json::dump(c));
  if (!parsed) return {"unreadable: " + parsed.error().message, "", {}};
  const Decision d = decide((*parsed)->request(), (*parsed)->policies());
  return {std::string(to_string(d.outcome)), std::string(to_string(d.decided_by)), {}};
}

std::string shrunk(const json::object& from) {
  json::value whole = from;
  while (shrink_once(whole.get_object(), whole)) {
  }
  return json::dump(whole);
}

}  // namespace gatehouse::policy::testing

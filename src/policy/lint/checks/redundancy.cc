// What could be left out without changing what the policy grants.
#include <algorithm>
#include <unordered_map>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// Comparing each with each is for lists of the size that fits a policy.
constexpr std::size_t kMostCompared = 400;

template <typename Uses, typename Normal>
void covered(const Uses& uses, Report& report, std::string_view what, Normal normal) {
  if (uses.size() > kMostCompared) return;
  std::vector<std::string> texts;
  std::size_t budget = 20'000'000;
  for (const auto& use : uses) texts.push_back(normal(use.text));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < texts.size(); ++j) {
      if (i == j || texts[i].size() > 512 || texts[j].size() > 512) continue;
      if (texts[i].size() * texts[j].size() > budget) return;
      budget -= has_wildcard(texts[j]) ? texts[i].size() * texts[j].size() : 0;
      const bool same = texts[i] == texts[j];
      if (same ? j > i : !(has_wildcard(texts[j]) && Pattern::covers(texts[j], texts[i]))) continue;
      report.add(uses[i].scalar->offset,
                 quoted(uses[i].text) + " is already covered by " + quoted(uses[j].text) + ".",
                 "Leave out the " + std::string(what) + " that is covered, or narrow the other.");
      break;
    }
  }
}

void actions(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements)
    covered(s.actions, report, "action", [](std::string_view t) { return lower(t); });
}

void resources(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements)
    covered(s.resources, report, "resource", [](std::string_view t) { return std::string(t); });
}

// Everything of a statement but its Sid, as one string.
std::string content(const StatementView& s) {
  std::string out = (s.allow ? "A" : "D") + std::string(s.not_action ? "!" : "") +
                    (s.not_resource ? "!" : "") + (s.not_principal ? "!" : "");
  auto add = [&](std::vector<std::string> values) {
    std::ranges::sort(values);
    for (const auto& v : values) out += v + '\x1f';
    out += '\x1e';
  };
  std::vector<std::string> values;
  for (const auto& use : s.actions) values.push_back(lower(use.text));
  add(std::move(values));
  values.clear();
  for (const auto& use : s.resources) values.emplace_back(use.text);
  add(std::move(values));
  values.clear();
  for (const auto& use : s.principals)
    values.push_back(std::string(use.type) + '\x1d' + std::string(use.text));
  add(std::move(values));
  values.clear();
  for (const auto& use : s.conditions) {
    std::string one = std::string(use.op->name) + '\x1d' + use.lower_key;
    for (const Scalar& v : use.values()) one += '\x1d' + std::string(v.text);
    values.push_back(std::move(one));
  }
  add(std::move(values));
  return out;
}

void statements(const Subject& subject, Report& report) {
  std::unordered_map<std::string, std::size_t> seen;
  for (const auto& s : subject.statements) {
    if (s.actions.empty()) continue;
    const auto [at, fresh] = seen.emplace(content(s), s.index);
    if (fresh) continue;
    report.add(s.source->offset,
               "This statement says the same as statement " + std::to_string(at->second + 1) + ".",
               "Remove one of the two.");
  }
}

constexpr Check kChecks[] = {
    {"REDUNDANT_ACTION", Severity::suggestion, kAll, actions},
    {"REDUNDANT_RESOURCE", Severity::suggestion, kAll, resources},
    {"REDUNDANT_STATEMENT", Severity::suggestion, kAll, statements},
};

}  // namespace

std::span<const Check> redundancy_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

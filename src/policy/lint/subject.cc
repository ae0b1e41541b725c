#include "policy/lint/subject.h"

#include <algorithm>
#include <array>

namespace gatehouse::policy::lint {
namespace {

struct Base {
  std::string_view name;
  OperatorParts::Family family;
  bool negated, like;
};
using Family = OperatorParts::Family;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
constexpr std::array<Base, 28> kBases = {{{"StringEquals", Family::string, false, false},
                                          {"StringNotEquals", Family::string, true, false},
                                          {"StringEqualsIgnoreCase", Family::string, false, false},
                                          {"StringNotEqualsIgnoreCase", Family::string, true, false},
                                          {"StringLike", Family::string, false, true},
                                          {"StringNotLike", Family::string, true, true},
                                          {"NumericEquals", Family::numeric, false, false},
                                          {"NumericNotEquals", Family::numeric, true, false},
                                          {"NumericLessThan", Family::numeric, false, false},
                                          {"NumericLessThanEquals", Family::numeric, false, false},
                                          {"NumericGreaterThan", Family::numeric, false, false},
                                          {"NumericGreaterThanEquals", Family::numeric, false, false},
                                          {"DateEquals", Family::date, false, false},
                                          {"DateNotEquals", Family::date, true, false},
                                          {"DateLessThan", Family::date, false, false},
                                          {"DateLessThanEquals", Family::date, false, false},
                                          {"DateGreaterThan", Family::date, false, false},
                                          {"DateGreaterThanEquals", Family::date, false, false},
                                          {"Bool", Family::boolean, false, false},
                                          {"BinaryEquals", Family::binary, false, false},
                                          {"IpAddress", Family::ip, false, false},
                                          {"NotIpAddress", Family::ip, true, false},
                                          {"ArnEquals", Family::arn, false, true},
                                          {"ArnNotEquals", Family::arn, true, true},
                                          {"ArnLike", Family::arn, false, true},
                                          {"ArnNotLike", Family::arn, true, true},
                                          {"Null", Family::null, false, false},
                                          {"", Family::unknown, false, false}}};

ActionUse action_use(const Scalar& scalar) {
  ActionUse use{&scalar, scalar.text, {}, {}, false, false, {}, {}};
  const auto colon = scalar.text.find(':');
  use.prefix = scalar.text.substr(0, colon);
  if (colon != std::string_view::npos) use.name = scalar.text.substr(colon + 1);
  use.everything = scalar.text == "*" || scalar.text == "*:*";
  use.wildcard = has_wildcard(scalar.text);
  if (!is_open(use.prefix)) use.service = catalogue::find_service(use.prefix);
  if (use.service && !is_open(use.name)) use.action = catalogue::find_action(*use.service, use.name);
  return use;
}

ResourceUse resource_use(const Scalar& scalar) {
  ResourceUse use{&scalar, scalar.text, scalar.text == "*", ArnPattern::parse(scalar.text), std::nullopt};
  if (use.arn && use.arn->parts >= 6) use.pattern = Pattern::of_policy(use.arn->resource);
  return use;
}

std::vector<PrincipalUse> principal_uses(const PrincipalElement& element) {
  std::vector<PrincipalUse> uses;
  if (element.scalar) uses.push_back({"*", element.scalar->text, element.scalar->offset});
  for (const PrincipalGroup& group : element.groups) {
    for (const Scalar& value : group.list.values) uses.push_back({group.type, value.text, value.offset});
  }
  return uses;
}

StatementView view_of(const Statement& s, std::size_t index) {
  StatementView view{&s, index, false, false, false, false, false, {}, {}, {}, {}};
  view.allow = s.effect && s.effect->text == "Allow";
  view.deny = s.effect && s.effect->text == "Deny";
  view.not_action = !s.action.present && s.not_action.present;
  view.not_resource = !s.resource.present && s.not_resource.present;
  view.not_principal = !s.principal.present && s.not_principal.present;
  for (const Scalar& a : (view.not_action ? s.not_action : s.action).values)
    view.actions.push_back(action_use(a));
  for (const Scalar& r : (view.not_resource ? s.not_resource : s.resource).values) {
    view.resources.push_back(resource_use(r));
  }
  view.principals = principal_uses(view.not_principal ? s.not_principal : s.principal);
  for (const ConditionOperator& op : s.condition.operators) {
    for (const ConditionEntry& entry : op.entries) {
      view.conditions.push_back(
          {&op, &entry, OperatorParts::parse(op.name), catalogue::find_key(entry.key), lower(entry.key)});
    }
  }
  return view;
}

bool only_assumes_roles(const Statement& s) {
  return s.action.present && !s.action.values.empty() &&
         std::ranges::all_of(s.action.values, [](const Scalar& a) {
           return starts_with_ignoring_case(a.text, "sts:AssumeRole") ||
                  equal_ignoring_case(a.text, "sts:TagSession") ||
                  equal_ignoring_case(a.text, "sts:SetSourceIdentity") ||
                  equal_ignoring_case(a.text, "sts:SetContext");
         });
}

bool only_kms(const Statement& s) {
  return s.action.present && !s.action.values.empty() &&
         std::ranges::all_of(s.action.values,
                             [](const Scalar& a) { return starts_with_ignoring_case(a.text, "kms:"); });
}

}  // namespace

OperatorParts OperatorParts::parse(std::string_view name) {
  OperatorParts parts;
  if (starts_with_ignoring_case(name, "ForAllValues:")) {
    parts.set = Set::all;
    name.remove_prefix(13);
  } else if (starts_with_ignoring_case(name, "ForAnyValue:")) {
    parts.set = Set::any;
    name.remove_prefix(12);
  }
  constexpr std::string_view kIfExists = "IfExists";
  if (name.size() > kIfExists.size() &&
      equal_ignoring_case(name.substr(name.size() - kIfExists.size()), kIfExists)) {
    parts.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  for (const Base& base : kBases) {
    if (!equal_ignoring_case(base.name, name)) continue;
    parts.family = base.family;
    parts.negated = base.negated;
    parts.like = base.like;
    parts.base = base.name;
    parts.ignores_case = base.name.ends_with("IgnoreCase");
    return parts;
  }
  parts.base = name;
  return parts;
}

bool StatementView::grants(std::string_view action) const {
  const bool listed = std::ranges::any_of(actions, [&](const ActionUse& use) {
    return use.everything || (use.text.size() < 256 && catalogue::glob_ignoring_case(use.text, action));
  });
  return listed != not_action;
}

bool StatementView::names(std::string_view action) const {
  return !not_action && std::ranges::any_of(actions, [&](const ActionUse& use) {
    return equal_ignoring_case(use.text, action);
  });
}

const ConditionUse* StatementView::condition_on(std::string_view key) const {
  const auto at = std::ranges::find(conditions, key, &ConditionUse::lower_key);
  return at == conditions.end() ? nullptr : &*at;
}

bool StatementView::any_condition_key(const std::function<bool(std::string_view)>& test) const {
  return std::ranges::any_of(conditions, [&](const ConditionUse& use) { return test(use.lower_key); });
}

bool StatementView::everything_as_resource() const {
  return std::ranges::any_of(resources, &ResourceUse::everything);
}

Subject::Subject(const Document& d, Kind k, const Options& o) : document(d), kind(k), options(o) {
  const auto all = d.statements();
  statements.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) statements.push_back(view_of(all[i], i));
}

Kind recognise(const Document& document) {
  const auto all = document.statements();
  auto has_principal = [](const Statement& s) { return s.principal.present || s.not_principal.present; };
  if (std::ranges::any_of(all, has_principal)) {
    if (std::ranges::all_of(all, only_assumes_roles)) return Kind::trust;
    if (std::ranges::all_of(all, only_kms)) return Kind::key;
    return Kind::resource;
  }
  auto assumes_without_resource = [](const Statement& s) {
    return only_assumes_roles(s) && !s.resource.present;
  };
  if (!all.empty() && std::ranges::all_of(all, assumes_without_resource)) return Kind::trust;
  return Kind::identity;
}

}  // namespace gatehouse::policy::lint

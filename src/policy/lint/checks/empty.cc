// Elements that are there and hold nothing.
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

using Set = OperatorParts::Set;

bool is_empty_list(const ValueList& list) {
  return list.present && list.is_list && list.values.empty() && list.end - list.offset > 0;
}

void empty_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* list : {&s.source->action, &s.source->not_action}) {
      if (is_empty_list(*list))
        report.add(list->offset, "The list of actions is empty, so the statement does nothing.",
                   "List the actions, or remove the statement.");
    }
  }
}

void empty_resource(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* list : {&s.source->resource, &s.source->not_resource}) {
      if (is_empty_list(*list))
        report.add(list->offset, "The list of resources is empty, so the statement does nothing.",
                   "List the ARNs, or remove the statement.");
    }
  }
}

void empty_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* element : {&s.source->principal, &s.source->not_principal}) {
      for (const PrincipalGroup& group : element->groups) {
        if (is_empty_list(group.list))
          report.add(group.list.offset,
                     "No " + std::string(group.type) + " principal is listed, so this names nobody.",
                     "List who is meant, or remove it.");
      }
    }
  }
}

void empty_principal_object(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* element : {&s.source->principal, &s.source->not_principal}) {
      if (!element->present || element->scalar || !element->groups.empty()) continue;
      if (subject.document.source().substr(element->offset, 1) == "{")
        report.add(element->offset, "The principal is an empty object, so the statement names nobody.",
                   "Say who is meant, for example {\"AWS\": \"111122223333\"}.");
    }
  }
}

void empty_condition_object(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    const ConditionElement& c = s.source->condition;
    if (c.present && c.operators.empty() && subject.document.source().substr(c.offset, 1) == "{") {
      report.add(c.offset, "The condition is empty and restricts nothing.",
                 "Write the condition that was meant, or remove it.");
    }
    for (const ConditionOperator& op : c.operators) {
      if (op.entries.empty())
        report.add(op.name_offset, std::string(op.name) + " holds no condition key and restricts nothing.",
                   "Write the key and its values, or remove the operator.");
    }
  }
}

enum class Form { plain, all_values, any_value, if_exists };

Form form_of(const OperatorParts& parts) {
  if (parts.set == Set::all) return Form::all_values;
  if (parts.set == Set::any) return Form::any_value;
  return parts.if_exists ? Form::if_exists : Form::plain;
}

template <Form form>
void empty_condition_values(const Subject& subject, Report& report) {
  constexpr const char* kMeans[] = {
      " has no values, so nothing can equal them.",
      " has no values: under ForAllValues it matches only requests without the key.",
      " has no values: under ForAnyValue it never matches.",
      " has no values: with IfExists it matches only requests without the key.",
  };
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (!is_empty_list(use.entry->list) || form_of(use.parts) != form) continue;
      report.add(use.entry->list.offset, quoted(use.entry->key) + kMeans[static_cast<int>(form)],
                 form == Form::plain || form == Form::any_value
                     ? "List the values, or remove the condition."
                     : "To ask whether the key is absent, write \"Null\": {\"" + std::string(use.entry->key) +
                           "\": \"true\"}.");
    }
  }
}

void empty_sid(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->sid && s.source->sid->text.empty())
      report.add(s.source->sid->offset, "The Sid is empty.", "Name the statement, or remove the Sid.");
  }
}

constexpr Check kChecks[] = {
    {"EMPTY_ARRAY_ACTION", Severity::suggestion, kAll, empty_action},
    {"EMPTY_ARRAY_RESOURCE", Severity::suggestion, kAll, empty_resource},
    {"EMPTY_ARRAY_PRINCIPAL", Severity::suggestion, kAll, empty_principal},
    {"EMPTY_OBJECT_PRINCIPAL", Severity::suggestion, kAll, empty_principal_object},
    {"EMPTY_OBJECT_CONDITION", Severity::suggestion, kAll, empty_condition_object},
    {"EMPTY_ARRAY_CONDITION", Severity::suggestion, kAll, empty_condition_values<Form::plain>},
    {"EMPTY_ARRAY_CONDITION_FORALLVALUES", Severity::suggestion, kAll,
     empty_condition_values<Form::all_values>},
    {"EMPTY_ARRAY_CONDITION_FORANYVALUE", Severity::suggestion, kAll,
     empty_condition_values<Form::any_value>},
    {"EMPTY_ARRAY_CONDITION_IFEXISTS", Severity::suggestion, kAll, empty_condition_values<Form::if_exists>},
    {"EMPTY_SID_VALUE", Severity::suggestion, kAll, empty_sid},
};

}  // namespace

std::span<const Check> empty_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint

#include <algorithm>
#include <memory>
#include <vector>

#include "policy/compiled.h"
#include "policy/decide/validate.h"
#include "policy/match/text.h"

namespace gatehouse::policy {

class Compiler {
 public:
  Compiler(const Document& document, Kind kind)
      : document_(document),
        result_(new Compiled(document.source(), kind)),
        arena_(result_->arena_),
        with_variables_(document.version_or_default() == "2012-10-17") {}

  CompiledPtr run() {
    std::vector<CompiledStatement> statements;
    statements.reserve(document_.statements().size());
    for (const Statement& s : document_.statements()) statements.push_back(statement(s));
    result_->program_.statements = arena_.copy(std::span<const CompiledStatement>(statements));
    result_->program_.has_deny = std::ranges::any_of(statements, [](const auto& s) { return !s.allow; });
    result_->program_.index = Index::build(result_->program_.statements, arena_);
    return std::move(result_);
  }

 private:
  CompiledStatement statement(const Statement& s) {
    CompiledStatement c;
    c.allow = s.effect->text == "Allow";
    c.line = document_.line(s.offset);
    if (s.sid) c.sid = arena_.copy(s.sid->text);
    c.not_action = s.not_action.present;
    c.actions = compile_strings((s.action.present ? s.action : s.not_action).values,
                                {.wildcards = true, .variables = false, .lowercase = true}, arena_);
    c.has_resource = s.resource.present || s.not_resource.present;
    c.not_resource = s.not_resource.present;
    c.resources = resources((s.resource.present ? s.resource : s.not_resource).values);
    c.has_principal = s.principal.present || s.not_principal.present;
    c.not_principal = s.not_principal.present;
    c.principals = principals(s.principal.present ? s.principal : s.not_principal);
    c.tests = compile_conditions(s.condition, with_variables_, arena_);
    return c;
  }

  std::span<const ArnPattern> resources(Values values) {
    std::vector<ArnPattern> patterns;
    patterns.reserve(values.size());
    const auto variables = with_variables_ ? VariablesIn::last_part : VariablesIn::no_part;
    for (const Scalar& value : values) patterns.push_back(compile_arn_pattern(value.text, variables, arena_));
    return arena_.copy(std::span<const ArnPattern>(patterns));
  }

  std::span<const PrincipalPattern> principals(const PrincipalElement& element) {
    std::vector<PrincipalPattern> patterns;
    if (element.scalar) patterns.push_back({PrincipalKind::everyone, "*", 0});
    for (const PrincipalGroup& group : element.groups) {
      for (const Scalar& value : group.list.values) {
        auto pattern = parse_principal(group.type, value.text);
        pattern->text = arena_.copy(pattern->text);
        patterns.push_back(*pattern);
      }
    }
    return arena_.copy(std::span<const PrincipalPattern>(patterns));
  }

  const Document& document_;
  std::shared_ptr<Compiled> result_;
  Arena& arena_;
  bool with_variables_;
};

Result<CompiledPtr> compile(std::string_view text, Kind kind) {
  const Document document = parse_document(text);
  CHECK_OK(validate(document, kind));
  return Compiler(document, kind).run();
}

}  // namespace gatehouse::policy

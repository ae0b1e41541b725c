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

  // What deciding reads comes first into the arena, in the order in which it is read.
  CompiledPtr run() {
    const auto written = document_.statements();
    const auto statements = arena_.make<CompiledStatement>(written.size());
    std::ranges::transform(written, statements.begin(), [&](const Statement& s) { return statement(s); });
    const std::size_t hot_bytes = arena_.used_of_first_block();
    result_->program_ = Program(statements, Index::build(statements, arena_), hot_bytes);
    const auto names = arena_.make<StatementName>(written.size());
    std::ranges::transform(written, names.begin(), [&](const Statement& s) { return name(s); });
    result_->names_ = names;
    return std::move(result_);
  }

 private:
  CompiledStatement statement(const Statement& s) {
    CompiledStatement c;
    c.allow = s.effect->text == "Allow";
    c.not_action = s.not_action.present;
    c.has_resource = s.resource.present || s.not_resource.present;
    c.not_resource = s.not_resource.present;
    c.has_principal = s.principal.present || s.not_principal.present;
    c.not_principal = s.not_principal.present;
    keep(compile_strings((s.action.present ? s.action : s.not_action).values,
                         {.wildcards = true, .variables = false, .lowercase = true}, arena_),
         c.first_action, c.action_count);
    keep(resources((s.resource.present ? s.resource : s.not_resource).values), c.first_resource,
         c.resource_count);
    keep(principals(s.principal.present ? s.principal : s.not_principal), c.first_principal,
         c.principal_count);
    keep(compile_conditions(s.condition, with_variables_, arena_), c.first_test, c.test_count);
    return c;
  }

  template <typename T>
  static void keep(std::span<const T> list, const T*& first, std::uint32_t& count) {
    first = list.data();
    count = static_cast<std::uint32_t>(list.size());
  }

  StatementName name(const Statement& s) {
    return {s.sid ? arena_.copy(s.sid->text) : std::string_view(), document_.line(s.offset)};
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

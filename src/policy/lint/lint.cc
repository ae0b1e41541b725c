#include "policy/lint/lint.h"

#include <algorithm>
#include <array>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

struct Theme {
  std::span<const Check> (*table)();
  bool of_access_analyzer;
};
constexpr std::array<Theme, 23> kThemes = {
    {{structure_checks, true},    {empty_checks, true},     {action_checks, true},
     {arn_checks, true},          {variable_checks, true},  {operator_checks, true},
     {key_checks, true},          {value_checks, true},     {address_checks, true},
     {tag_checks, true},          {principal_checks, true}, {trust_checks, true},
     {organization_checks, true}, {role_checks, true},      {redundancy_checks, true},
     {size_checks, true},         {match_checks, false},    {federation_checks, false},
     {exposure_checks, false},    {leftover_checks, false}, {companion_checks, false},
     {attaching_checks, false},   {agreement_checks, false}}};

constexpr std::array<std::pair<Kind, std::string_view>, 9> kKindNames = {{{Kind::identity, "identity"},
                                                                          {Kind::resource, "resource"},
                                                                          {Kind::trust, "trust"},
                                                                          {Kind::key, "key"},
                                                                          {Kind::boundary, "boundary"},
                                                                          {Kind::session, "session"},
                                                                          {Kind::scp, "scp"},
                                                                          {Kind::rcp, "rcp"},
                                                                          {Kind::endpoint, "endpoint"}}};

// Documentation often shows the inside of a policy: `"Version": …, "Statement": […`. The braces it lacks are
// put around it, so that the statements are read too.
bool is_fragment(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '"') return false;
  const auto close = text.find('"', start + 1);
  const std::string_view name =
      text.substr(start + 1, close == std::string_view::npos ? 0 : close - start - 1);
  return name == "Version" || name == "Statement" || name == "Id";
}

// What would close everything that is open at the end of `text`, strings aside.
std::string closing(std::string_view text) {
  std::string open;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"' || c == '\n') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
    }
  }
  std::ranges::reverse(open);
  return open;
}

Finding too_large() {
  return {1,
          1,
          "POLICY_TOO_LARGE",
          Severity::error,
          "The document is larger than 256 KiB, and no policy that AWS accepts is: it is not read.",
          "Split it, or check that this is the file you meant."};
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "ERROR";
    case Severity::security_warning:
      return "SECURITY_WARNING";
    case Severity::warning:
      return "WARNING";
    case Severity::suggestion:
      return "SUGGESTION";
  }
  return "";
}

std::string_view to_string(Kind kind) {
  return std::ranges::find(kKindNames, kind, [](const auto& pair) { return pair.first; })->second;
}

std::optional<Kind> kind_from(std::string_view name) {
  for (const auto& [kind, word] : kKindNames) {
    if (equal_ignoring_case(word, name)) return kind;
  }
  return std::nullopt;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 160;
  if (text.size() <= kShown) return "\"" + std::string(text) + "\"";
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return "\"" + std::string(text.substr(0, cut)) + "…\"";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += words[i];
  }
  return out;
}

void Report::add(std::uint32_t offset, std::string message, std::string help) {
  if (full()) return;
  const Position at = document_.position(offset);
  findings_.emplace_back(offset,
                         Finding{at.line, at.column, code_, severity_, std::move(message), std::move(help)});
}

bool Result::has_errors() const {
  return std::ranges::any_of(findings, [](const Finding& f) { return f.severity == Severity::error; });
}

std::vector<CheckInfo> all_checks() {
  std::vector<CheckInfo> all;
  for (const Theme& theme : kThemes) {
    for (const Check& check : theme.table())
      all.push_back({check.code, check.severity, theme.of_access_analyzer});
  }
  return all;
}

Result lint(std::string_view text, const Options& options) {
  if (text.size() > kMaxPolicy) return {options.kind.value_or(Kind::identity), {too_large()}};
  const bool fragment = is_fragment(text);
  const Document document = fragment
                                ? parse_document("{" + std::string(text) + closing("{" + std::string(text)))
                                : parse_document(text);
  const Kind kind = options.kind.value_or(recognise(document));
  const Subject subject(document, kind, options);
  Report report(document);
  if (fragment) {
    report.code_ = "JSON_SYNTAX_ERROR";
    report.add(0, "This is the inside of a policy: its outer braces are missing.",
               "Put { before it, and close every bracket after it: " + closing("{" + std::string(text)));
  }
  for (const Theme& theme : kThemes) {
    for (const Check& check : theme.table()) {
      if (!(check.kinds & bit(kind))) continue;
      report.code_ = check.code;
      report.severity_ = check.severity;
      check.run(subject, report);
    }
  }
  std::ranges::stable_sort(report.findings_, {}, [](const auto& f) { return f.first; });
  Result result{kind, {}};
  for (auto& [offset, finding] : report.findings_) {
    if (fragment && finding.line == 1 && finding.column > 1) --finding.column;
    result.findings.push_back(std::move(finding));
  }
  return result;
}

}  // namespace gatehouse::policy::lint

#include <algorithm>

#include "base/json.h"
#include "policy/lint/lint.h"

namespace gatehouse::policy::lint {
namespace {

constexpr std::size_t kWidest = 160;

std::string_view line_of(std::string_view source, int number) {
  for (int i = 1; i < number; ++i) {
    const auto end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  std::string_view line = source.substr(0, source.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The line with a caret under the column; control characters become spaces, a tab stays one so that both
// lines agree.
std::string with_caret(std::string_view line, int column) {
  std::string shown, below;
  int at = 0;
  for (const char c : line) {
    if (!continues(c)) ++at;
    if (at > static_cast<int>(kWidest) && at > column) break;
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    shown += c == '\t' ? '\t' : control ? ' ' : c;
    if (at < column && !continues(c)) below += c == '\t' ? '\t' : ' ';
  }
  return "    " + shown + "\n    " + below + "^\n";
}

std::string_view level(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::security_warning:
    case Severity::warning:
      return "warning";
    case Severity::suggestion:
      return "note";
  }
  return "none";
}

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::security_warning:
      return "security warning";
    case Severity::warning:
      return "warning";
    case Severity::suggestion:
      return "suggestion";
  }
  return "";
}

// JSON is UTF-8; a policy that was not is shown with its bad bytes replaced.
std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
    const bool whole =
        size > 0 && i + size <= text.size() && std::ranges::all_of(text.substr(i + 1, size - 1), continues);
    if (whole) {
      out += text.substr(i, size);
      i += size;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  return out;
}

// A file's name as the relative reference that SARIF wants (RFC 3986).
std::string as_uri(std::string_view file) {
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string out;
  for (const char c : file) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != kPlain.npos) {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

json::object as_json(std::string_view file, const Finding& f) {
  return {{"file", valid_utf8(file)},
          {"line", f.line},
          {"column", f.column},
          {"code", f.code},
          {"severity", to_string(f.severity)},
          {"message", valid_utf8(f.message)},
          {"help", valid_utf8(f.help)}};
}

}  // namespace

std::string render_text(std::string_view file, std::string_view source, std::span<const Finding> findings) {
  std::string out;
  for (const Finding& f : findings) {
    out += std::string(file) + ":" + std::to_string(f.line) + ":" + std::to_string(f.column) + ": " +
           std::string(word(f.severity)) + ": " + valid_utf8(f.message) + " [" + std::string(f.code) + "]\n";
    out += with_caret(valid_utf8(line_of(source, f.line)), f.column);
    if (!f.help.empty()) out += "    help: " + valid_utf8(f.help) + "\n";
  }
  return out;
}

std::string render_json_lines(std::string_view file, std::span<const Finding> findings) {
  std::string out;
  for (const Finding& f : findings) out += json::dump(as_json(file, f)) + "\n";
  return out;
}

std::string render_sarif(std::span<const FileFindings> files) {
  json::array rules, results;
  std::vector<std::string_view> codes;
  for (const CheckInfo& check : all_checks()) {
    if (std::ranges::find(codes, check.code) != codes.end()) continue;
    codes.push_back(check.code);
    rules.push_back(json::object{{"id", check.code},
                                 {"defaultConfiguration", json::object{{"level", level(check.severity)}}}});
  }
  for (const FileFindings& file : files) {
    for (const Finding& f : file.findings) {
      const json::object region{{"startLine", f.line}, {"startColumn", f.column}};
      const json::object place{
          {"physicalLocation",
           json::object{{"artifactLocation", json::object{{"uri", as_uri(file.file)}}}, {"region", region}}}};
      results.push_back(json::object{
          {"ruleId", f.code},
          {"level", level(f.severity)},
          {"message", json::object{{"text", valid_utf8(f.message + (f.help.empty() ? "" : " " + f.help))}}},
          {"locations", json::array{place}}});
    }
  }
  const json::object driver{{"name", "gatehouse"},
                            {"informationUri",
                             "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
                             "access-analyzer-reference-policy-checks.html"},
                            {"rules", rules}};
  const json::object run{
      {"tool", json::object{{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}};
  return json::dump_pretty(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                        {"version", "2.1.0"},
                                        {"runs", json::array{run}}});
}

}  // namespace gatehouse::policy::lint

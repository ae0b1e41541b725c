// "pattern\ntext": the matcher against the definition of globs, and ARN patterns against any text.
#include <cstdlib>
#include <vector>

#include "policy/match/arn_pattern.h"
#include "policy/match/pattern.h"

namespace {

// By tables, byte for byte; only for ASCII, where a `?` is a byte.
bool by_definition(std::string_view p, std::string_view t) {
  std::vector<char> row(t.size() + 1, 0), next(t.size() + 1, 0);
  row[0] = 1;
  for (const char c : p) {
    next[0] = static_cast<char>(c == '*' && row[0] != 0);
    for (std::size_t j = 1; j <= t.size(); ++j) {
      const bool here =
          c == '*' ? row[j] != 0 || next[j - 1] != 0 : row[j - 1] != 0 && (c == '?' || c == t[j - 1]);
      next[j] = static_cast<char>(here);
    }
    row.swap(next);
  }
  return row[t.size()] != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse::policy;
  if (size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view pattern = input.substr(0, line);
  const std::string_view text = line == input.npos ? std::string_view() : input.substr(line + 1);
  Arena arena;
  Context context;
  context.set("aws:username", "a*");
  (void)match(compile_pattern(pattern, {}, arena), text, context);
  (void)match(compile_arn_pattern(pattern, VariablesIn::every_part, arena), ArnText(text), context);
  for (const char c : input) {
    if (static_cast<unsigned char>(c) >= 0x80) return 0;
  }
  const Pattern plain = compile_pattern(pattern, {.wildcards = true, .variables = false}, arena);
  if (match_literally(plain, text) != by_definition(pattern, text)) std::abort();
  return 0;
}

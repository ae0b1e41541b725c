// Any bytes, linted as every kind and rendered in every form: findings inside the text, each with a sentence
// and a remedy, and the same ones when asked again.
#include <algorithm>
#include <cstdlib>

#include "policy/document/document.h"
#include "policy/lint/lint.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const std::optional<Kind> kind :
       {std::optional<Kind>(), std::optional(Kind::identity), std::optional(Kind::resource),
        std::optional(Kind::trust), std::optional(Kind::scp), std::optional(Kind::rcp)}) {
    const lint::Result result = lint::lint(text, {kind, "111122223333"});
    if (result.findings.size() > lint::kMaxFindings) std::abort();
    for (const lint::Finding& f : result.findings) {
      if (f.line < 1 || f.line > lines || f.column < 1 || f.message.empty() || f.code.empty()) std::abort();
    }
    (void)lint::render_text("p.json", text, result.findings);
    (void)lint::render_json_lines("p.json", result.findings);
    if (kind) continue;  // SARIF lists every check there is: once is enough
    const lint::FileFindings file{"p.json", result.findings};
    (void)lint::render_sarif({&file, 1});
  }
  return 0;
}

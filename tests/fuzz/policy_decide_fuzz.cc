// Any line as a case of `policy eval`: a decision that its explanation agrees with, or an error.
#include <cstdlib>

#include "policy/eval.h"
#include "policy/explain/report.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse::policy;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  (void)evaluate_case(line);
  const auto parsed = Case::parse(line);
  if (!parsed) return 0;
  const Case& c = **parsed;
  const Decision fast = decide(c.request(), c.policies());
  const Decision slow = explain(c.request(), c.policies()).decision;
  if (fast.outcome != slow.outcome || fast.decided_by != slow.decided_by) std::abort();
  if (fast.has_statement != slow.has_statement || (fast.has_statement && fast.statement != slow.statement))
    std::abort();
  (void)report_text(make_report(c.request(), c.policies(), c.message_style()));
  return 0;
}

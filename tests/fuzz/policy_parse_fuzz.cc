// Any bytes as a policy of every kind: a Document with places inside the text, and a Compiled or an error.
#include <cstdlib>

#include "policy/compiled.h"
#include "policy/document/document.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Document document = parse_document(text);
  for (const DocumentProblem& p : document.problems()) {
    if (p.offset > size || document.position(p.offset).line < 1) std::abort();
  }
  for (const Statement& s : document.statements()) {
    if (s.end > size || s.offset >= s.end) std::abort();
  }
  for (const Kind kind : {Kind::identity, Kind::resource, Kind::trust, Kind::scp}) {
    const auto compiled = compile(text, kind);
    if (compiled && !document.problems().empty()) std::abort();
    if (!compiled && compiled.error().code != "MalformedPolicyDocument") std::abort();
  }
  return 0;
}

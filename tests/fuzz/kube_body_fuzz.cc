// Whatever body or patch a client sends to a cluster's API, it becomes an object that the schema knows, or an
// error; and what was decoded can be patched, applied and decoded again.
//
// The input is a line `KIND CONTENT-TYPE`, the body, and after a line `--` what it is patched with.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "kube/objects/apply.h"
#include "kube/objects/patch.h"
#include "kube/objects/selectors.h"
#include "kube/schema/decode.h"
#include "kube/schema/rules.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::kube;

std::string_view take_until(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return taken;
}

const Kind* kind_named(std::string_view name) {
  for (const Kind& kind : kinds())
    if (kind.kind == name && kind.renamed.empty()) return &kind;
  return nullptr;
}

void judge(const Kind& kind, json::object object, const json::object* old) {
  if (kind.complete != nullptr) kind.complete(object, old);
  std::vector<Cause> causes;
  rules::check_metadata(kind, object, old, causes);
  if (kind.check != nullptr) kind.check(object, old, causes);
}

// What the schema let through once must pass again, unchanged.
void again(const Kind& kind, const json::object& object) {
  json::object same = object;
  std::vector<std::string> complaints;
  if (!conform(kind, same, &complaints) || !complaints.empty() || same != object) __builtin_trap();
}

void patch(const Kind& kind, const json::object& object, std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return;
  json::value merged(object);
  merge_patch(merged, *parsed);
  json::value operated(object);
  (void)json_patch(operated, *parsed);
  if (!parsed->is_object()) return;
  json::object strategic = object;
  if (strategic_merge_patch(*kind.message, strategic, parsed->get_object()) &&
      conform(kind, strategic, nullptr))
    judge(kind, strategic, &object);
  json::object wanted = parsed->get_object();
  wanted.erase("apiVersion");
  wanted.erase("kind");
  if (!conform(kind, wanted, nullptr)) return;
  const Manager manager{"fuzz", kind.group_version()};
  auto applied = apply(kind, &object, wanted, manager, true);
  if (applied && conform(kind, *applied, nullptr)) again(kind, *applied);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const Kind* kind = kind_named(take_until(text, " "));
  if (kind == nullptr) return 0;
  const std::string_view type = take_until(text, "\n");
  const std::string_view body = take_until(text, "\n--\n");
  (void)Selector::parse(*kind, text, body);
  auto decoded = decode(*kind, type, body);
  if (!decoded) return 0;
  again(*kind, decoded->object);
  judge(*kind, decoded->object, nullptr);
  patch(*kind, decoded->object, text);
  return 0;
}

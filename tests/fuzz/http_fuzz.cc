// Any bytes as a request, whole and in two parts: both ways agree on what it says and on where its body ends.
#include <cstdlib>

#include "wire/http1/parser.h"

namespace {

using namespace gatehouse::wire;
using http1::RequestParser;

std::string read(std::string_view bytes, size_t first) {
  Head head;
  RequestParser parser(head, {4096, 1024});
  size_t used = 0;
  auto step = parser.read_head(bytes.substr(0, first), used);
  if (step == RequestParser::Step::more) step = parser.read_head(bytes, used);
  if (step == RequestParser::Step::refused) return "refused";
  if (step == RequestParser::Step::more) return "more";
  std::string said = head.method + " " + head.target;
  for (const auto& [name, value] : head.headers.fields) said += "\n" + name + ":" + value;
  if (!head.chunked) return said;
  std::string body;
  std::string_view rest = bytes.substr(used);
  while (!rest.empty()) {
    step = parser.read_chunks(rest, body, used);
    if (step == RequestParser::Step::refused) return said + "\nrefused";
    if (step == RequestParser::Step::done) return said + "\n\n" + body;
    if (used == 0) break;
    rest.remove_prefix(used);
  }
  return said + "\nmore";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read(bytes, size);
  const std::string halves = read(bytes, size / 2);
  // A request that is refused early may be refused for less; what is understood must be the same.
  if (whole != "refused" && halves != "refused" && whole != halves) std::abort();
  return 0;
}

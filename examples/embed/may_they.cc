// May this caller do that? The policy library in a program of one's own: no server, no store, no network.
//
//   may_they POLICY.json CALLER ACTION RESOURCE [KEY=VALUE…]
//   may_they policy.json arn:aws:iam::111122223333:user/ana s3:GetObject arn:aws:s3:::lake/raw/a
//   aws:SourceIp=10.1.2.3
//
// Exits 0 when the answer is yes, 1 when it is no, 2 when the policy or the question cannot be read.
#include <fstream>
#include <iostream>
#include <iterator>

#include "policy/compiled.h"
#include "policy/eval.h"
#include "policy/lint/lint.h"
#include "policy/policy.h"

namespace policy = gatehouse::policy;

namespace {

// What the lint says about it, for whoever wrote it.
void advise(std::string_view name, std::string_view text) {
  const auto findings = policy::lint::lint(text).findings;
  std::cerr << policy::lint::render_text(name, text, findings);
}

void say_why(const policy::Request& request, const policy::PolicyView& policies,
             const policy::Compiled& document) {
  const policy::Explanation explanation = policy::explain(request, policies);
  std::cout << to_string(explanation.decision.outcome) << ", decided by "
            << to_string(explanation.decision.decided_by) << "\n";
  for (const auto& matched : explanation.matched) {
    std::cout << "  line " << matched.line << " " << (matched.allow ? "allows" : "denies") << " it\n";
  }
  for (const auto& missed : explanation.nearly) {
    std::cout << "  line " << document.line(missed.at.statement) << " would, but "
              << (missed.principal_failed ? "names others" : "its condition does not hold") << "\n";
  }
  if (!explanation.decision.allowed())
    std::cout << policy::denial_message(request, explanation.decision) << "\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) {
    std::cerr << "may_they POLICY.json CALLER ACTION RESOURCE [KEY=VALUE…]\n";
    return 2;
  }
  std::ifstream file(arguments[1]);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // Once a policy; the result is immutable and may be shared by threads.
  const auto compiled = policy::compile(text, policy::Kind::identity);
  if (!compiled) {
    advise(arguments[1], text);
    std::cerr << compiled.error().message << "\n";
    return 2;
  }

  policy::Context context;  // once a thread: clear() keeps its memory
  for (int i = 5; i < count; ++i) {
    const std::string_view pair = arguments[i];
    const auto equals = pair.find('=');
    if (equals == pair.npos) return 2;
    context.set(pair.substr(0, equals), pair.substr(equals + 1));
  }
  policy::Request request;
  request.action = arguments[3];
  request.principal = policy::read_principal(arguments[2], request.action);
  request.resource = arguments[4];
  request.context = &context;

  const policy::Compiled* const attached[] = {compiled->get()};
  policy::PolicyView policies;
  policies.identity = attached;
  say_why(request, policies, **compiled);
  return decide(request, policies).allowed() ? 0 : 1;
}

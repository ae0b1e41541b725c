// How fast policies decide. See DESIGN.md, "The command line", for the formats; policy_workload.py writes
// workloads.
//
//   policy_decisions --policies P.json --requests R.jsonl [--decisions OUT] [--seconds S]
//
// Prints decisions per CPU second of one thread: with the request at hand, with its context built anew for
// every decision, by a linear scan over all statements (the obvious way, in the same run), and with
// explanation; then the cost of parsing and compiling.
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "policy/compiled.h"
#include "policy/decide/walk.h"
#include "policy/document/document.h"
#include "policy/eval.h"

namespace {

namespace json = gatehouse::json;
using namespace gatehouse::policy;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Asked {
  json::object source;  // owns the text
  std::string role_arn;
  Request request;
  Context context;
  PolicyView view;
};

struct Workload {
  std::string name;
  std::map<std::string, std::string> texts;
  std::unordered_map<std::string, CompiledPtr> identity, resource;
  std::unordered_map<std::string, std::vector<const Compiled*>> principals;
  std::vector<std::unique_ptr<Asked>> requests;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "policy_decisions: %s\n", what.c_str());
  std::exit(2);
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  if (!file) die("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const Compiled* compiled(Workload& w, std::unordered_map<std::string, CompiledPtr>& cache,
                         const std::string& id, Kind kind) {
  if (const auto found = cache.find(id); found != cache.end()) return found->second.get();
  const auto text = w.texts.find(id);
  if (text == w.texts.end()) die("no policy " + id);
  auto result = compile(text->second, kind);
  if (!result) die(id + ": " + result.error().message);
  return cache.emplace(id, *result).first->second.get();
}

void set_context(Context& context, const json::object& values) {
  context.clear();
  for (const auto& [key, value] : values) {
    if (value.is_string()) {
      context.set(key, std::string_view(value.get_string()));
      continue;
    }
    std::vector<std::string_view> many;
    for (const auto& one : value.as_array()) many.emplace_back(one.as_string());
    context.set(key, std::span<const std::string_view>(many));
  }
}

std::unique_ptr<Asked> read_request(Workload& w, const std::string& line) {
  auto parsed = json::parse(line);
  if (!parsed || !parsed->is_object()) die("a bad request: " + line);
  auto asked = std::make_unique<Asked>();
  asked->source = std::move(parsed->get_object());
  const json::object& o = asked->source;
  Request& r = asked->request;
  const auto text = [&](std::string_view key) {
    return json::string_at(o, key).value_or(std::string_view());
  };
  r.action = text("action");
  r.resource = text("resource");
  r.resource_account = text("resourceAccount");
  r.principal = read_principal(text("principal"), r.action);
  asked->role_arn = role_of_session(r.principal.arn);
  r.principal.role_arn = asked->role_arn;
  if (const auto* context = o.if_contains("context")) set_context(asked->context, context->as_object());
  r.context = &asked->context;
  if (const auto it = w.principals.find(std::string(r.principal.arn)); it != w.principals.end())
    asked->view.identity = it->second;
  if (const auto id = json::string_at(o, "resourcePolicy")) {
    asked->view.resource = compiled(w, w.resource, std::string(*id), Kind::resource);
  }
  return asked;
}

Workload load(const std::string& policies, const std::string& requests) {
  Workload w;
  auto parsed = json::parse(slurp(policies));
  if (!parsed) die(policies + ": " + parsed.error().message);
  const json::object& table = parsed->as_object();
  w.name = json::string_or(table, "name", "workload");
  for (const auto& [id, document] : table.at("policies").as_object())
    w.texts[id] = json::dump_pretty(document);
  for (const auto& [principal, ids] : table.at("principals").as_object()) {
    auto& list = w.principals[principal];
    for (const auto& id : ids.as_array()) {
      list.push_back(compiled(w, w.identity, std::string(std::string_view(id.as_string())), Kind::identity));
    }
  }
  std::ifstream lines(requests);
  if (!lines) die("cannot read " + requests);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) w.requests.push_back(read_request(w, line));
  }
  if (w.requests.empty()) die("no requests in " + requests);
  return w;
}

// Runs over all requests until the time is up; the sum keeps the work from being dropped.
template <typename One>
double per_second(const Workload& w, double seconds, One one) {
  std::size_t done = 0, sum = 0;
  const double start = cpu_seconds();
  double spent = 0;
  while (spent < seconds) {
    for (const auto& asked : w.requests) sum += one(*asked);
    done += w.requests.size();
    spent = cpu_seconds() - start;
  }
  if (sum == SIZE_MAX) std::puts("");
  return static_cast<double>(done) / spent;
}

// The same decision by comparing every statement of every policy: what an engine without tables does.
std::size_t decide_linearly(Asked& a) {
  return static_cast<std::size_t>(decide_supposing(a.request, a.view, {}).outcome);
}

void costs(const Workload& w, double seconds) {
  std::size_t bytes = 0, count = 0;
  double parsing = 0, compiling = 0;
  while (parsing + compiling < seconds) {
    for (const auto& [id, text] : w.texts) {
      const double start = cpu_seconds();
      for (int i = 0; i < 20; ++i) count += parse_document(text).statements().empty() ? 1 : 0;
      const double middle = cpu_seconds();
      const Kind kind = w.resource.contains(id) ? Kind::resource : Kind::identity;
      for (int i = 0; i < 20; ++i) count += compile(text, kind) ? 0 : 1;
      parsing += middle - start;
      compiling += cpu_seconds() - middle;
      bytes += 20 * text.size();
      if (parsing + compiling > seconds) break;
    }
  }
  if (count != 0) die("a policy does not compile");
  const double per_6k = 6144.0 * 1e6 / static_cast<double>(bytes);
  std::printf("parse %.1f us and parse, check and compile %.1f us for 6 KB of policy\n", parsing * per_6k,
              compiling * per_6k);
}

}  // namespace

int main(int argc, char** argv) {
  std::string policies, requests, decisions;
  double seconds = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], value = argv[i + 1];
    if (flag == "--policies") policies = value;
    if (flag == "--requests") requests = value;
    if (flag == "--decisions") decisions = value;
    if (flag == "--seconds") seconds = std::stod(value);
  }
  if (policies.empty() || requests.empty()) {
    std::fprintf(
        stderr,
        "usage: policy_decisions --policies P.json --requests R.jsonl [--decisions OUT] [--seconds S]\n");
    return 2;
  }
  const Workload w = load(policies, requests);
  const double plain = per_second(
      w, seconds, [](Asked& a) { return static_cast<std::size_t>(decide(a.request, a.view).outcome); });
  const double fresh = per_second(w, seconds, [](Asked& a) {
    set_context(a.context, a.source.at("context").as_object());
    return static_cast<std::size_t>(decide(a.request, a.view).outcome);
  });
  const double linear = per_second(w, seconds, decide_linearly);
  const double explained =
      per_second(w, seconds, [](Asked& a) { return explain(a.request, a.view).matched.size(); });
  std::printf("%s: %zu policies, %zu requests\n", w.name.c_str(), w.texts.size(), w.requests.size());
  std::printf("decisions per CPU second        %12.0f\n", plain);
  std::printf("  context built for each        %12.0f\n", fresh);
  std::printf("  linear scan over statements   %12.0f   (ours is %.1f times as fast)\n", linear,
              plain / linear);
  std::printf("  with explanation              %12.0f\n", explained);
  costs(w, seconds);
  if (!decisions.empty()) {
    std::ofstream out(decisions);
    for (const auto& asked : w.requests)
      out << to_string(decide(asked->request, asked->view).outcome) << '\n';
    if (!out) die("cannot write " + decisions);
  }
  return 0;
}

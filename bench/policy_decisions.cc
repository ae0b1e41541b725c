// How fast policies decide. See DESIGN.md, "The command line", for the formats; policy_workload.py writes
// workloads, policy.py runs them beside other engines.
//
//   policy_decisions --policies P.json --requests R.jsonl [--decisions OUT] [--seconds S] [--only MEASURE]
//
// Prints decisions per CPU second of one thread:
//   decide   the request at hand, as it is when a server has just read it; policies wherever they are in
//   memory context  the same, and its context built anew for every decision linear   a linear scan over all
//   statements: the obvious way, in the same run explain  with explanation
// then the cost of parsing and of compiling. Each is the best of five runs, for other programs disturb.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arn.h"
#include "base/json.h"
#include "policy/compiled.h"
#include "policy/decide/layers.h"
#include "policy/decide/walk.h"
#include "policy/document/document.h"
#include "policy/eval.h"

namespace {

namespace json = gatehouse::json;
using namespace gatehouse::policy;

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Key {
  std::string_view name;
  std::span<const std::string_view> values;
  bool multivalued = false;
};

// All text is the workload's arena's, in the order of the requests.
struct Asked {
  Request request;
  std::span<const Key> context;
  PolicyView view;
};

struct Workload {
  std::string name, account;
  std::map<std::string, std::string> texts;
  std::unordered_map<std::string, CompiledPtr> identity, resource;
  std::unordered_map<std::string, std::vector<const Compiled*>> principals;
  Arena arena;
  std::vector<Asked> requests;
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

void set_context(Context& context, std::span<const Key> keys) {
  context.clear();
  for (const Key& key : keys) {
    if (key.multivalued) {
      context.set(key.name, key.values);
    } else {
      context.set(key.name, key.values[0]);
    }
  }
}

// Numbers and booleans as they are written.
std::string_view text_of(Arena& arena, const json::value& value) {
  return arena.copy(value.is_string() ? std::string_view(value.get_string())
                                      : std::string_view(json::dump(value)));
}

std::span<const Key> read_context(Arena& arena, const json::object& values) {
  std::vector<Key> keys;
  for (const auto& [name, value] : values) {
    std::vector<std::string_view> texts;
    if (value.is_array()) {
      for (const auto& one : value.get_array()) texts.push_back(text_of(arena, one));
    } else {
      texts.push_back(text_of(arena, value));
    }
    keys.push_back({arena.copy(std::string_view(name)), arena.copy(std::span<const std::string_view>(texts)),
                    value.is_array()});
  }
  return arena.copy(std::span<const Key>(keys));
}

bool has_account(std::string_view resource) {
  const auto arn = gatehouse::Arn::parse(resource);
  return arn && gatehouse::is_account_id(arn->account);
}

Asked read_request(Workload& w, const std::string& line) {
  const auto parsed = json::parse(line);
  if (!parsed || !parsed->is_object()) die("a bad request: " + line);
  const json::object& o = parsed->get_object();
  Asked asked;
  Request& r = asked.request;
  const auto text = [&](std::string_view key) {
    return w.arena.copy(json::string_at(o, key).value_or(std::string_view()));
  };
  r.action = text("action");
  r.resource = text("resource");
  // The workload's account owns what has no account in its ARN.
  r.resource_account = text("resourceAccount");
  if (r.resource_account.empty() && !has_account(r.resource)) r.resource_account = w.account;
  r.principal = read_principal(text("principal"), r.action);
  r.principal.role_arn = w.arena.copy(role_of_session(r.principal.arn));
  if (const auto* context = o.if_contains("context"))
    asked.context = read_context(w.arena, context->as_object());
  if (const auto it = w.principals.find(std::string(r.principal.arn)); it != w.principals.end())
    asked.view.identity = it->second;
  if (const auto id = json::string_at(o, "resourcePolicy")) {
    asked.view.resource = compiled(w, w.resource, std::string(*id), resource_policy_kind(r));
  }
  return asked;
}

Workload load(const std::string& policies, const std::string& requests) {
  Workload w;
  auto parsed = json::parse(slurp(policies));
  if (!parsed) die(policies + ": " + parsed.error().message);
  const json::object& table = parsed->as_object();
  w.name = json::string_or(table, "name", "workload");
  w.account = json::string_or(table, "account", "");
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

// A request as a server has it at hand: just read, its context built, its caller's policies looked up.
struct Ready {
  Request request;
  Context context;
  PolicyView view;
  std::vector<const Compiled*> identity;
  std::span<const Key> keys;

  void take(const Asked& asked) {
    request = asked.request;
    keys = asked.context;
    build_context();
    request.context = &context;
    view = asked.view;
    identity.assign(view.identity.begin(), view.identity.end());
    if (view.identity.data() != nullptr) view.identity = identity;
  }
  void build_context() { set_context(context, keys); }
};

// Decisions per CPU second: the best of five runs, each at least once over all requests. Requests are made
// ready a few at a time, which is not counted, so that they are still in the caches.
template <typename One>
double per_second(const Workload& w, double seconds, One one) {
  constexpr std::size_t kAtOnce = 64, kRuns = 5;
  const std::size_t each = std::max(w.requests.size(), kAtOnce);  // few requests come round several times
  std::vector<Ready> ready(kAtOnce);
  std::size_t sum = 0;
  double best = 0;
  for (std::size_t run = 0; run < kRuns; ++run) {
    std::size_t done = 0;
    double spent = 0;
    while (spent < seconds / kRuns) {
      for (std::size_t from = 0; from < each; from += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, each - from);
        for (std::size_t i = 0; i < count; ++i) ready[i].take(w.requests[(from + i) % w.requests.size()]);
        const double start = cpu_seconds();
        for (std::size_t i = 0; i < count; ++i) sum += one(ready[i]);
        spent += cpu_seconds() - start;
      }
      done += each;
    }
    best = std::max(best, static_cast<double>(done) / spent);
  }
  if (sum == SIZE_MAX) std::puts("");  // keeps the work from being dropped
  return best;
}

struct Speeds {
  double decide = 0, context = 0, linear = 0, explain = 0;
};

Speeds measure(const Workload& w, double seconds, std::string_view only) {
  const auto wanted = [&](std::string_view name) { return only.empty() || only == name; };
  const auto number = [](const Decision& d) { return static_cast<std::size_t>(d.outcome); };
  Speeds speeds;
  if (wanted("decide")) {
    speeds.decide = per_second(w, seconds, [&](const Ready& r) { return number(decide(r.request, r.view)); });
  }
  if (wanted("context")) {
    speeds.context = per_second(w, seconds, [&](Ready& r) {
      r.build_context();
      return number(decide(r.request, r.view));
    });
  }
  // The same decision by comparing every statement of every policy: what an engine without tables does.
  if (wanted("linear")) {
    speeds.linear = per_second(
        w, seconds, [&](const Ready& r) { return number(decide_supposing(r.request, r.view, {})); });
  }
  if (wanted("explain")) {
    speeds.explain =
        per_second(w, seconds, [](const Ready& r) { return explain(r.request, r.view).matched.size(); });
  }
  return speeds;
}

// Microseconds for 6 KiB of policy, the best of five runs over the texts.
template <typename One>
double cost(const Workload& w, double seconds, One one) {
  constexpr int kRuns = 5, kRepeats = 20;
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    std::size_t bytes = 0;
    const double start = cpu_seconds();
    for (const auto& [id, text] : w.texts) {
      for (int i = 0; i < kRepeats; ++i) one(id, text);
      bytes += kRepeats * text.size();
      if (cpu_seconds() - start > seconds / kRuns) break;
    }
    best = std::min(best, 6144.0 * 1e6 * (cpu_seconds() - start) / static_cast<double>(bytes));
  }
  return best;
}

void print_costs(const Workload& w, double seconds) {
  const auto must = [](bool good) {
    if (!good) die("a policy does not compile");
  };
  const auto kind = [&](const std::string& id) {
    return w.resource.contains(id) ? Kind::resource : Kind::identity;
  };
  const double parse = cost(w, seconds, [&](const std::string&, const std::string& text) {
    must(!parse_document(text).statements().empty());
  });
  const double whole = cost(w, seconds, [&](const std::string& id, const std::string& text) {
    must(compile(text, kind(id)).has_value());
  });
  std::printf("parse                           %12.1f us for 6 KiB of policy\n", parse);
  std::printf("parse, check and compile        %12.1f us, of which %.1f us follow parsing\n", whole,
              whole - parse);
}

void print_speeds(const Speeds& s) {
  const auto line = [](const char* what, double speed, const char* more = "") {
    if (speed > 0) std::printf("%-32s%12.0f%s\n", what, speed, more);
  };
  char ratio[64];
  std::snprintf(ratio, sizeof ratio, "   (ours is %.1f times as fast)", s.decide / s.linear);
  line("decisions per CPU second", s.decide);
  line("  context built for each", s.context);
  line("  linear scan over statements", s.linear, s.decide > 0 ? ratio : "");
  line("  with explanation", s.explain);
}

void write_decisions(const Workload& w, const std::string& path) {
  std::ofstream out(path);
  Ready ready;
  for (const Asked& asked : w.requests) {
    ready.take(asked);
    out << to_string(decide(ready.request, ready.view).outcome) << '\n';
  }
  if (!out) die("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) {
  std::string policies, requests, decisions, only;
  double seconds = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], value = argv[i + 1];
    if (flag == "--policies") policies = value;
    if (flag == "--requests") requests = value;
    if (flag == "--decisions") decisions = value;
    if (flag == "--seconds") seconds = std::stod(value);
    if (flag == "--only") only = value;
  }
  if (policies.empty() || requests.empty()) {
    std::fprintf(stderr,
                 "usage: policy_decisions --policies P.json --requests R.jsonl [--decisions OUT]\n"
                 "                        [--seconds S] [--only decide|context|linear|explain]\n");
    return 2;
  }
  const Workload w = load(policies, requests);
  std::printf("%s: %zu policies, %zu requests\n", w.name.c_str(), w.texts.size(), w.requests.size());
  print_speeds(measure(w, seconds, only));
  if (only.empty()) print_costs(w, seconds);
  if (!decisions.empty()) write_decisions(w, decisions);
  return 0;
}

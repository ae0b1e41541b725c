// Random cases of `policy eval`, drawn from few names, and often from the request's own, so that requests and
// policies meet: every operator and its forms, every way to name a principal, every kind of policy.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gatehouse::policy::testing {

class RandomCases {
 public:
  enum class Kind { identity, resource, trust, endpoint };

  explicit RandomCases(std::uint64_t seed) : random_(seed) {}

  json::object next();
  json::object statement(Kind kind);
  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(unsigned percent) { return random_() % 100 < percent; }

 private:
  using Texts = std::vector<std::string_view>;

  json::value pick(const Texts& from) { return json::value(from[below(from.size())]); }
  json::value some(const Texts& from);  // one value, or a list of up to three
  json::array some_list(const Texts& from);

  json::object make_request();
  void add_session(json::object& request);
  void remember_names(const json::object& request);
  json::value resource_for(std::string_view action);
  json::object context();

  json::object policies(const json::object& request);
  json::array list(Kind kind, std::size_t most);
  json::array levels(Kind kind);
  json::object everything(Kind kind);
  json::object document(Kind kind);
  json::value principal(Kind kind);
  json::object one_principal();
  json::object condition();
  void add_null(json::object& condition);
  struct Line {
    std::string op;
    std::string_view key;
    json::value values;
  };
  Line condition_line();

  std::mt19937_64 random_;
  std::string action_, resource_;  // the request's
  json::array names_;              // how the caller may be named: {"AWS": "…"}, {"Service": "…"}
};

}  // namespace gatehouse::policy::testing

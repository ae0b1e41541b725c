// What a statement's elements mean to the naive evaluator: patterns, variables, ARNs, conditions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace gatehouse::policy::testing {

std::string lowered(std::string s);
// The values of an element that may be one or a list; none where it is absent or null.
std::vector<json::value> listed(const json::value* v);
std::string text_of(const json::value& v);
// Into at most six parts; a colon in a variable's name cuts nothing.
std::vector<std::string> cut_at_colons(const std::string& s);
// A pattern without variables.
bool plain_glob(const std::string& pattern, const std::string& text);

enum class Fits { no, yes, void_ };  // void: a variable has no value

class NaiveConditions {
 public:
  using Values = std::pair<std::vector<std::string>, bool>;  // and whether the key is multivalued

  explicit NaiveConditions(const json::value* context);

  const Values* find(const std::string& key) const;
  Fits arn_fits(const std::string& pattern, const std::string& arn, bool variables, bool in_every_part) const;
  bool fit(const json::object& statement, bool variables) const;

 private:
  bool one_fits(std::string op, const std::string& key, const std::vector<json::value>& wanted,
                bool variables) const;
  Fits compare(const std::string& op, const std::string& wanted, const std::string& value,
               bool variables) const;

  std::map<std::string, Values> context_;
};

}  // namespace gatehouse::policy::testing

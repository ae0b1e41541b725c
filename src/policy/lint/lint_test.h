// For the tables of the lint's tests.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "policy/lint/lint.h"

namespace gatehouse::policy::lint {

// A policy that has the finding and the nearest one that has not. A text that does not begin with '{' is the
// inside of the only statement of a policy of version 2012-10-17.
struct Example {
  std::string_view code;
  Kind kind;
  std::string_view fires, silent;
};

std::vector<Example> grammar_examples();
std::vector<Example> condition_examples();
std::vector<Example> principal_examples();
std::vector<Example> advice_examples();
std::vector<Example> own_examples();

inline std::string policy_of(std::string_view text) {
  if (text.starts_with("{")) return std::string(text);
  return R"({"Version":"2012-10-17","Statement":[{)" + std::string(text) + "}]}";
}

inline std::vector<Finding> findings_of(std::string_view text, std::optional<Kind> kind = {},
                                        std::string account = {}) {
  return lint(text, {kind, std::move(account)}).findings;
}

inline const Finding* find(const std::vector<Finding>& findings, std::string_view code) {
  const auto at = std::ranges::find(findings, code, &Finding::code);
  return at == findings.end() ? nullptr : &*at;
}

inline std::string codes(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) out += std::string(f.code) + ": " + f.message + "\n";
  return out;
}

inline std::string data_file(std::string_view path) {
  std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/data/" + std::string(path),
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace gatehouse::policy::lint

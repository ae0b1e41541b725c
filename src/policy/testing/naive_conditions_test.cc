#include "policy/testing/naive_conditions.h"

#include <arpa/inet.h>

#include <cstdlib>

#include "base/encoding.h"
#include "base/time.h"

namespace gatehouse::policy::testing {

using std::string;
using std::vector;

string lowered(string s) {
  for (char& c : s) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return s;
}

vector<json::value> listed(const json::value* v) {
  if (v == nullptr || v->is_null()) return {};
  if (v->is_array()) return {v->get_array().begin(), v->get_array().end()};
  return {*v};
}

string text_of(const json::value& v) { return v.is_string() ? string(v.get_string()) : json::dump(v); }

vector<string> cut_at_colons(const string& s) {
  vector<string> parts(1);
  bool variable = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s.compare(i, 2, "${") == 0) variable = true;
    if (s[i] == '}') variable = false;
    if (s[i] == ':' && !variable && parts.size() < 6) {
      parts.emplace_back();
    } else {
      parts.back() += s[i];
    }
  }
  return parts;
}

namespace {

// A pattern's character: itself, or one of the two wildcards.
struct Glyph {
  char c;
  enum { plain, star, one } kind;
};

bool glob(const vector<Glyph>& p, const string& t) {
  vector<vector<bool>> ok(p.size() + 1, vector<bool>(t.size() + 1));
  ok[0][0] = true;
  for (std::size_t i = 1; i <= p.size(); ++i) {
    for (std::size_t j = 0; j <= t.size(); ++j) {
      if (p[i - 1].kind == Glyph::star) {
        ok[i][j] = ok[i - 1][j] || (j > 0 && ok[i][j - 1]);
      } else if (j > 0 && (p[i - 1].kind == Glyph::one || p[i - 1].c == t[j - 1])) {
        ok[i][j] = ok[i - 1][j - 1];
      }
    }
  }
  return ok[p.size()][t.size()];
}

vector<Glyph> plain_glyphs(const string& pattern) {
  vector<Glyph> glyphs;
  for (const char c : pattern)
    glyphs.push_back({c, c == '*' ? Glyph::star : c == '?' ? Glyph::one : Glyph::plain});
  return glyphs;
}

// nullopt: a variable has no value.
std::optional<vector<Glyph>> expanded(const NaiveConditions& context, const string& pattern, bool variables,
                                      bool wildcards) {
  vector<Glyph> glyphs;
  const auto add_text = [&](const string& text) {
    for (const char c : text) glyphs.push_back({c, Glyph::plain});
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (variables && pattern.compare(i, 2, "${") == 0 && pattern.find('}', i) != string::npos) {
      const std::size_t end = pattern.find('}', i);
      string name = pattern.substr(i + 2, end - i - 2);
      i = end;
      if (name == "*" || name == "?" || name == "$") {
        add_text(name);
        continue;
      }
      std::optional<string> otherwise;
      if (const auto comma = name.find(", '"); comma != string::npos) {
        otherwise = name.substr(comma + 3, name.size() - comma - 4);
        name = name.substr(0, comma);
      }
      const auto* found = context.find(name);
      if (found != nullptr && !found->second && !found->first.empty()) {
        add_text(found->first[0]);
      } else if (otherwise) {
        add_text(*otherwise);
      } else {
        return std::nullopt;
      }
      continue;
    }
    const char c = pattern[i];
    glyphs.push_back({c, wildcards && c == '*'   ? Glyph::star
                         : wildcards && c == '?' ? Glyph::one
                                                 : Glyph::plain});
  }
  return glyphs;
}

std::optional<double> number(const string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.-eE+") != string::npos || text[0] == '+')
    return std::nullopt;
  char* end = nullptr;
  const double d = std::strtod(text.c_str(), &end);
  return *end == '\0' ? std::optional(d) : std::nullopt;
}

std::optional<double> moment(const string& text) {
  if (!text.empty() && text.size() != 4 && text.find_first_not_of("0123456789") == string::npos)
    return std::stod(text) * 1000;
  const auto t = parse_iso8601(text);
  if (!t) return std::nullopt;
  return static_cast<double>(t->time_since_epoch().count());
}

// A value that is no number or date satisfies neither the operator nor its negation.
bool readable(const string& op, const string& value) {
  if (op.starts_with("Date")) return moment(value).has_value();
  return !op.starts_with("Numeric") || number(value).has_value();
}

Fits ordered(const string& op, std::optional<double> mine, std::optional<double> wanted) {
  if (!mine || !wanted) return Fits::void_;
  bool ok = false;
  if (op.ends_with("LessThan"))
    ok = *mine < *wanted;
  else if (op.ends_with("LessThanEquals"))
    ok = *mine <= *wanted;
  else if (op.ends_with("GreaterThan"))
    ok = *mine > *wanted;
  else if (op.ends_with("GreaterThanEquals"))
    ok = *mine >= *wanted;
  else
    ok = *mine == *wanted;
  return ok ? Fits::yes : Fits::no;
}

std::optional<string> bits(const string& address) {
  unsigned char bytes[16];
  const bool v6 = address.find(':') != string::npos;
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes) != 1) return std::nullopt;
  string out;
  for (int i = 0; i < (v6 ? 128 : 32); ++i) out += (bytes[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
  return out;
}

bool in_network(const string& network, const string& address) {
  const auto slash = network.find('/');
  const auto base = bits(network.substr(0, slash)), mine = bits(address);
  if (!base || !mine || base->size() != mine->size()) return false;
  const std::size_t prefix = slash == string::npos ? base->size() : std::stoul(network.substr(slash + 1));
  return base->substr(0, prefix) == mine->substr(0, prefix);
}

}  // namespace

bool plain_glob(const string& pattern, const string& text) { return glob(plain_glyphs(pattern), text); }

NaiveConditions::NaiveConditions(const json::value* context) {
  if (context == nullptr) return;
  for (const auto& [key, value] : context->as_object()) {
    vector<string> values;
    for (const json::value& v : listed(&value)) values.push_back(text_of(v));
    context_[lowered(key)] = {values, value.is_array()};
  }
}

const NaiveConditions::Values* NaiveConditions::find(const string& key) const {
  const auto it = context_.find(lowered(key));
  return it == context_.end() ? nullptr : &it->second;
}

Fits NaiveConditions::arn_fits(const string& pattern, const string& arn, bool variables,
                               bool in_every_part) const {
  if (pattern == "*") return Fits::yes;
  auto wanted = cut_at_colons(pattern);
  const auto parts = cut_at_colons(arn);
  if (wanted[0] != "arn" || parts.size() < 6 || parts[0] != "arn") return Fits::no;
  while (wanted.size() < 6) wanted.emplace_back("*");
  Fits result = Fits::yes;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto glyphs = expanded(*this, wanted[i], variables && (in_every_part || i == 5), true);
    if (!glyphs) {
      result = Fits::void_;
    } else if (!glob(*glyphs, parts[i])) {
      return Fits::no;
    }
  }
  return result;
}

bool NaiveConditions::fit(const json::object& s, bool variables) const {
  const json::value* all = s.if_contains("Condition");
  if (all == nullptr) return true;
  for (const auto& [op, keys] : all->as_object()) {
    for (const auto& [key, wanted] : keys.as_object()) {
      if (!one_fits(op, key, listed(&wanted), variables)) return false;
    }
  }
  return true;
}

bool NaiveConditions::one_fits(string op, const string& key, const vector<json::value>& wanted,
                               bool variables) const {
  const auto* entry = find(key);
  const vector<string> values = entry == nullptr ? vector<string>() : entry->first;
  if (op == "Null") {
    for (const json::value& v : wanted) {
      if (text_of(v) == (values.empty() ? "true" : "false")) return true;
    }
    return false;
  }
  string set;
  if (const auto colon = op.find(':'); colon != string::npos) {
    set = op.substr(0, colon);
    op = op.substr(colon + 1);
  }
  bool if_exists = false;
  if (op.ends_with("IfExists")) {
    if_exists = true;
    op.resize(op.size() - 8);
  }
  bool negated = false;
  for (const string word : {"NotEquals", "NotLike", "NotIpAddress"}) {
    if (const auto at = op.find(word); at != string::npos) {
      negated = true;
      op.erase(at, 3);
    }
  }
  const auto one = [&](const string& value) {
    Fits any = Fits::no;
    for (const json::value& w : wanted) {
      const Fits fits = compare(op, text_of(w), value, variables);
      if (fits == Fits::yes) any = Fits::yes;
      if (fits == Fits::void_ && any == Fits::no) any = Fits::void_;
    }
    if (any == Fits::no && !readable(op, value)) any = Fits::void_;
    return any == (negated ? Fits::no : Fits::yes);
  };
  bool all_empty = true, all = true, some = false;
  for (const string& value : values) {
    all_empty = all_empty && value.empty();
    const bool holds = one(value);
    all = all && holds;
    some = some || holds;
  }
  if (set == "ForAllValues") return all_empty || all;
  if (set == "ForAnyValue") return values.empty() ? if_exists : !all_empty && some;
  if (values.empty()) return if_exists || negated;
  return negated ? all : some;
}

Fits NaiveConditions::compare(const string& op, const string& wanted, const string& value,
                              bool variables) const {
  if (op.starts_with("Numeric")) return ordered(op, number(value), number(wanted));
  if (op.starts_with("Date")) return ordered(op, moment(value), moment(wanted));
  if (op.starts_with("Arn")) return arn_fits(wanted, value, variables, true);
  if (op == "IpAddress") return in_network(wanted, value) ? Fits::yes : Fits::no;
  if (op == "BinaryEquals")
    return unbase64(wanted).has_value() && unbase64(wanted) == unbase64(value) ? Fits::yes : Fits::no;
  auto glyphs = expanded(*this, wanted, variables, op == "StringLike");
  if (!glyphs) return Fits::void_;
  string text = value;
  if (op == "StringEqualsIgnoreCase" || op == "Bool") {
    text = lowered(text);
    for (Glyph& g : *glyphs) g.c = lowered(string(1, g.c))[0];
  }
  return glob(*glyphs, text) ? Fits::yes : Fits::no;
}

}  // namespace gatehouse::policy::testing

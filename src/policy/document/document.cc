#include "policy/document/document.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::policy {

// From the JSON tree to elements. Scratch vectors are reused; finished lists move to the arena.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(Document& document) : document_(document) {}

  void build() {
    const JsonNode& root = document_.tree_;
    if (root.kind == JsonKind::invalid || (root.kind != JsonKind::object && document_.has_syntax_errors()))
      return;
    if (root.kind != JsonKind::object) return wrong_type(root, "A policy is an object: it begins with {.");
    for (const JsonMember& member : root.members) top_level(member);
  }

 private:
  void top_level(const JsonMember& member) {
    if (member.key == "Version") {
      document_.version_ = single(member);
    } else if (member.key == "Id") {
      document_.id_ = single(member);
    } else if (member.key == "Statement") {
      document_.has_statement_element_ = true;
      statement_list(member.value);
    } else {
      unknown(member, "a policy");
    }
  }

  void statement_list(const JsonNode& node) {
    std::vector<Statement> statements;
    if (node.kind == JsonKind::object) {
      statements.push_back(statement(node));
    } else if (node.kind == JsonKind::array) {
      statements.reserve(node.items.size());
      for (const JsonNode& item : node.items) {
        if (item.kind == JsonKind::object) {
          statements.push_back(statement(item));
        } else {
          wrong_type(item, "A statement is an object, not " + std::string(to_string(item.kind)) + ".");
        }
      }
    } else {
      wrong_type(node, "Statement is an object or a list of objects, not " +
                           std::string(to_string(node.kind)) + ".");
    }
    document_.statements_ = document_.arena_.copy(std::span<const Statement>(statements));
  }

  Statement statement(const JsonNode& node) {
    Statement s;
    s.offset = node.begin;
    s.end = node.end;
    for (const JsonMember& member : node.members) {
      const std::string_view key = member.key;
      if (key == "Sid") {
        s.sid = single(member);
        s.sid_key_offset = member.key_begin;
      } else if (key == "Effect") {
        s.effect = single(member);
        s.effect_key_offset = member.key_begin;
      } else if (key == "Action") {
        s.action = strings(member);
      } else if (key == "NotAction") {
        s.not_action = strings(member);
      } else if (key == "Resource") {
        s.resource = strings(member);
      } else if (key == "NotResource") {
        s.not_resource = strings(member);
      } else if (key == "Principal") {
        s.principal = principal(member);
      } else if (key == "NotPrincipal") {
        s.not_principal = principal(member);
      } else if (key == "Condition") {
        s.condition = condition(member);
      } else {
        unknown(member, "a statement");
      }
    }
    return s;
  }

  static Scalar scalar(const JsonNode& node) { return {node.text, node.begin, node.end, node.kind}; }

  std::optional<Scalar> single(const JsonMember& member) {
    if (member.value.kind == JsonKind::string) return scalar(member.value);
    wrong_type(member.value, std::string(member.key) + " is a string, not " +
                                 std::string(to_string(member.value.kind)) + ".");
    return std::nullopt;
  }

  ValueList strings(const JsonMember& member) { return values(member, false); }

  // Conditions also take numbers and booleans, and principals an account id without quotes.
  ValueList values(const JsonMember& member, bool other_scalars) {
    ValueList list;
    list.present = true;
    list.key_offset = member.key_begin;
    list.offset = member.value.begin;
    list.end = member.value.end;
    scalars_.clear();
    if (member.value.kind == JsonKind::array) {
      list.is_list = true;
      for (const JsonNode& item : member.value.items) add_value(member, item, other_scalars);
    } else {
      add_value(member, member.value, other_scalars);
    }
    list.values = document_.arena_.copy(std::span<const Scalar>(scalars_));
    return list;
  }

  void add_value(const JsonMember& member, const JsonNode& node, bool other_scalars) {
    const bool fits = node.kind == JsonKind::string ||
                      (other_scalars && (node.kind == JsonKind::number || node.kind == JsonKind::boolean));
    if (fits) {
      scalars_.push_back(scalar(node));
    } else {
      wrong_type(node, "\"" + std::string(member.key) + "\" takes a string or a list of strings, not " +
                           std::string(to_string(node.kind)) + ".");
    }
  }

  PrincipalElement principal(const JsonMember& member) {
    PrincipalElement p;
    p.present = true;
    p.key_offset = member.key_begin;
    p.offset = member.value.begin;
    p.end = member.value.end;
    if (member.value.kind == JsonKind::string) {
      p.scalar = scalar(member.value);
    } else if (member.value.kind == JsonKind::object) {
      std::vector<PrincipalGroup> groups;
      for (const JsonMember& group : member.value.members) {
        groups.push_back({group.key, group.key_begin, values(group, true)});
      }
      p.groups = document_.arena_.copy(std::span<const PrincipalGroup>(groups));
    } else {
      wrong_type(member.value, std::string(member.key) + " is \"*\" or an object such as {\"AWS\": …}, not " +
                                   std::string(to_string(member.value.kind)) + ".");
    }
    return p;
  }

  ConditionElement condition(const JsonMember& member) {
    ConditionElement c;
    c.present = true;
    c.key_offset = member.key_begin;
    c.offset = member.value.begin;
    c.end = member.value.end;
    if (member.value.kind != JsonKind::object) {
      wrong_type(member.value, "Condition is an object of operators, not " +
                                   std::string(to_string(member.value.kind)) + ".");
      return c;
    }
    operators_.clear();
    for (const JsonMember& op : member.value.members) {
      if (op.value.kind != JsonKind::object) {
        wrong_type(op.value, "\"" + std::string(op.key) + "\" holds an object of condition keys, not " +
                                 std::string(to_string(op.value.kind)) + ".");
        continue;
      }
      entries_.clear();
      for (const JsonMember& entry : op.value.members) {
        entries_.push_back({entry.key, entry.key_begin, values(entry, true)});
      }
      operators_.push_back(
          {op.key, op.key_begin, document_.arena_.copy(std::span<const ConditionEntry>(entries_))});
    }
    c.operators = document_.arena_.copy(std::span<const ConditionOperator>(operators_));
    return c;
  }

  void unknown(const JsonMember& member, std::string_view where) {
    report(Problem::unknown_element, member.key_begin,
           "\"" + std::string(member.key) + "\" is not an element of " + std::string(where) + ".");
  }

  void wrong_type(const JsonNode& node, std::string message) {
    if (node.kind == JsonKind::invalid) return;  // already reported as syntax
    report(Problem::wrong_type, node.begin, std::move(message));
  }

  void report(Problem problem, std::uint32_t offset, std::string message) {
    if (document_.problems_.size() < kMaxProblems)
      document_.problems_.push_back({problem, offset, std::move(message)});
  }

  Document& document_;
  std::vector<Scalar> scalars_;
  std::vector<ConditionEntry> entries_;
  std::vector<ConditionOperator> operators_;
};

bool Document::has_syntax_errors() const {
  return std::ranges::any_of(problems_, [](const auto& p) { return p.problem == Problem::syntax; });
}

int Document::line(std::uint32_t offset) const {
  return static_cast<int>(std::ranges::upper_bound(line_starts_, offset) - line_starts_.begin());
}

Position Document::position(std::uint32_t offset) const {
  const int number = line(offset);
  const std::uint32_t start = line_starts_[static_cast<std::size_t>(number - 1)];
  int column = 1;
  for (const char c : source().substr(start, offset - start)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
  }
  return {number, column};
}

Document parse_document(std::string_view source) {
  Document document;
  document.source_ = std::make_unique<const std::string>(source);
  document.line_starts_.reserve(source.size() / 32 + 8);
  document.line_starts_.push_back(0);
  const std::string& text = *document.source_;
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    document.line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  document.tree_ = read_json(text, document.arena_, document.problems_);
  DocumentBuilder(document).build();
  std::ranges::sort(document.problems_, {},
                    [](const DocumentProblem& p) { return std::pair(p.offset, p.problem); });
  return document;
}

}  // namespace gatehouse::policy

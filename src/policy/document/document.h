// A policy as it is written: every element with its place, nothing yet decided about its meaning.
//
// parse_document() never fails. What it cannot make sense of it leaves out and reports in problems(); lint
// shows them all, compile() refuses at the first. Grammar:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
//
// All text is a view into memory the Document owns, and stays valid when it is moved. Places are byte offsets
// into source(); position() turns one into line and column.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document/json_tree.h"

namespace gatehouse::policy {

struct Position {
  int line = 1, column = 1;  // from 1; a column is a character, not a byte
  friend bool operator==(const Position&, const Position&) = default;
};

// A string, or in a condition also a number or a boolean, as written.
struct Scalar {
  std::string_view text;
  std::uint32_t offset = 0, end = 0;  // with its quotes
  JsonKind kind = JsonKind::string;
};

// Action, NotAction, Resource, NotResource: one value or a list of them.
struct ValueList {
  bool present = false;
  bool is_list = false;          // written with brackets
  std::uint32_t key_offset = 0;  // of the element's name
  std::uint32_t offset = 0, end = 0;
  std::span<const Scalar> values;
};

// The values under one type of principal: "AWS", "Service", "Federated", "CanonicalUser".
struct PrincipalGroup {
  std::string_view type;
  std::uint32_t key_offset = 0;
  ValueList list;
};

// Principal or NotPrincipal: either one string (only "*" is legal) or groups.
struct PrincipalElement {
  bool present = false;
  std::uint32_t key_offset = 0, offset = 0, end = 0;
  std::optional<Scalar> scalar;
  std::span<const PrincipalGroup> groups;
};

struct ConditionEntry {
  std::string_view key;  // "aws:SourceIp"
  std::uint32_t key_offset = 0;
  ValueList list;
};

struct ConditionOperator {
  std::string_view name;  // "ForAnyValue:StringLikeIfExists"
  std::uint32_t name_offset = 0;
  std::span<const ConditionEntry> entries;
};

struct ConditionElement {
  bool present = false;
  std::uint32_t key_offset = 0, offset = 0, end = 0;
  std::span<const ConditionOperator> operators;
};

struct Statement {
  std::uint32_t offset = 0, end = 0;  // of its { and past its }
  std::optional<Scalar> sid, effect;
  std::uint32_t sid_key_offset = 0, effect_key_offset = 0;
  PrincipalElement principal, not_principal;
  ValueList action, not_action, resource, not_resource;
  ConditionElement condition;
};

class Document {
 public:
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;

  std::string_view source() const { return *source_; }
  const JsonNode& tree() const { return tree_; }

  // "2008-10-17" where there is none, which is what AWS assumes.
  std::string_view version_or_default() const { return version_ ? version_->text : "2008-10-17"; }
  const std::optional<Scalar>& version() const { return version_; }
  const std::optional<Scalar>& id() const { return id_; }
  bool has_statement_element() const { return has_statement_element_; }
  std::span<const Statement> statements() const { return statements_; }

  // Ordered by place; at most kMaxProblems.
  std::span<const DocumentProblem> problems() const { return problems_; }
  bool has_syntax_errors() const;

  Position position(std::uint32_t offset) const;
  int line(std::uint32_t offset) const;  // position's, without walking along the line

 private:
  friend class DocumentBuilder;
  friend Document parse_document(std::string_view source);
  Document() = default;

  std::unique_ptr<const std::string> source_;  // behind a pointer: views survive a move
  Arena arena_;
  JsonNode tree_;
  std::optional<Scalar> version_, id_;
  bool has_statement_element_ = false;
  std::span<const Statement> statements_;
  std::vector<DocumentProblem> problems_;
  std::vector<std::uint32_t> line_starts_;
};

Document parse_document(std::string_view source);

}  // namespace gatehouse::policy

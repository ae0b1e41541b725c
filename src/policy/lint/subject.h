// A policy as the checks see it: the Document, with its strings already understood.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalogue/catalogue.h"
#include "policy/document/document.h"
#include "policy/lint/lint.h"
#include "policy/lint/text.h"

namespace gatehouse::policy::lint {

// "ForAnyValue:StringLikeIfExists", taken apart.
struct OperatorParts {
  enum class Set : std::uint8_t { none, all, any };
  enum class Family : std::uint8_t { unknown, string, numeric, date, boolean, binary, ip, arn, null };
  Set set = Set::none;
  Family family = Family::unknown;
  bool negated = false, like = false, ignores_case = false, if_exists = false;
  std::string base;  // "StringLike"
  static OperatorParts parse(std::string_view name);
};

struct ActionUse {
  const Scalar* scalar;
  std::string_view text, prefix, name;  // "s3:Get*" -> "s3", "Get*"
  bool everything = false;              // "*" or "*:*"
  bool wildcard = false;
  std::optional<catalogue::Service> service;  // unless its prefix is open or unknown
  std::optional<catalogue::Action> action;    // unless it is open or unknown
};

struct ResourceUse {
  const Scalar* scalar;
  std::string_view text;
  bool everything = false;  // "*"
  std::optional<ArnPattern> arn;
  std::optional<Pattern> pattern;  // of the ARN's resource part
};

struct ConditionUse {
  const ConditionOperator* op;
  const ConditionEntry* entry;
  OperatorParts parts;
  std::optional<catalogue::Key> key;  // as the catalogue knows it
  std::string lower_key;
  std::span<const Scalar> values() const { return entry->list.values; }
};

struct PrincipalUse {
  std::string_view type;  // "AWS", "Service", …; "*" for a bare string
  std::string_view text;
  std::uint32_t offset = 0;
};

struct StatementView {
  const Statement* source;
  std::size_t index = 0;
  bool allow = false, deny = false;
  bool not_action = false, not_resource = false, not_principal = false;
  std::vector<ActionUse> actions;  // of Action, or of NotAction
  std::vector<ResourceUse> resources;
  std::vector<ConditionUse> conditions;
  std::vector<PrincipalUse> principals;

  bool grants(std::string_view action) const;  // whether its actions cover this one, by name alone
  bool names(std::string_view action) const;   // spelt out, without wildcards
  const ConditionUse* condition_on(std::string_view key) const;  // key in lower case
  bool any_condition_key(const std::function<bool(std::string_view)>& test) const;
  bool everything_as_resource() const;  // a "*" among the resources
};

struct Subject {
  const Document& document;
  Kind kind;
  const Options& options;
  std::vector<StatementView> statements;

  Subject(const Document& document, Kind kind, const Options& options);
  bool is_identity_like() const {
    return kind == Kind::identity || kind == Kind::boundary || kind == Kind::session;
  }
  bool is_resource_like() const {
    return kind == Kind::resource || kind == Kind::key || kind == Kind::endpoint;
  }
};

// Told from the elements: a Principal and only sts actions make a trust policy, a Principal with kms actions
// a key policy, a Principal alone a resource policy, none an identity policy. SCPs, RCPs and endpoint
// policies look like others and must be named.
Kind recognise(const Document& document);

}  // namespace gatehouse::policy::lint

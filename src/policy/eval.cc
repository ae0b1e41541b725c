#include "policy/eval.h"

#include <array>
#include <span>

#include "base/arn.h"
#include "base/json.h"
#include "policy/decide/layers.h"
#include "policy/document/json_tree.h"

namespace gatehouse::policy {
namespace {

// What a present but empty layer points at, since a span of nothing means an absent one.
constexpr std::array<const Compiled*, 1> kNoPolicy{};
constexpr std::array<std::span<const Compiled* const>, 1> kNoLevel{};

constexpr std::size_t kMostPolicies = 0xFFFF;  // bounds what one case may ask for

std::unexpected<Error> bad_case(std::string message) { return fail("ValidationError", std::move(message)); }

}  // namespace

Principal read_principal(std::string_view text, std::string_view action) {
  Principal p;
  p.arn = text;
  const auto arn = Arn::parse(text);
  if (text == "*") {
    p.arn = {};
  } else if (is_account_id(text)) {
    p.type = PrincipalType::root;
    p.account = text;
  } else if (!arn) {
    const bool federated = equal_ignoring_case(action, "sts:AssumeRoleWithWebIdentity") ||
                           equal_ignoring_case(action, "sts:AssumeRoleWithSAML");
    p.type = federated ? PrincipalType::federated : PrincipalType::service;
  } else {
    p.account = arn->account;
    const std::string_view r = arn->resource;
    if (r == "root") {
      p.type = PrincipalType::root;
    } else if (r.starts_with("assumed-role/") || r.starts_with("role/")) {
      p.type = PrincipalType::assumed_role;
    } else if (r.starts_with("federated-user/")) {
      p.type = PrincipalType::federated_user;
    } else if (r.starts_with("oidc-provider/") || r.starts_with("saml-provider/")) {
      p.type = PrincipalType::federated;
    } else {
      p.type = PrincipalType::user;
    }
  }
  return p;
}

std::string role_of_session(std::string_view session_arn) {
  const auto arn = Arn::parse(session_arn);
  constexpr std::string_view kSession = "assumed-role/";
  if (!arn || !arn->resource.starts_with(kSession)) return {};
  std::string_view name = arn->resource.substr(kSession.size());
  name = name.substr(0, name.find('/'));
  return "arn:" + std::string(arn->partition) + ":iam::" + std::string(arn->account) + ":role/" +
         std::string(name);
}

class CaseReader {
 public:
  explicit CaseReader(Case& out) : case_(out) {}

  Result<void> read() {
    std::vector<DocumentProblem> problems;
    const JsonNode root = read_json(case_.source_, case_.arena_, problems);
    if (root.kind == JsonKind::object) {
      if (const JsonNode* id = root.find("id"); id != nullptr) case_.id_json_ = id_json(*id);
    }
    if (!problems.empty()) {
      return bad_case("Byte " + std::to_string(problems[0].offset) + ": " + problems[0].message);
    }
    if (root.kind != JsonKind::object) return bad_case("A case is an object.");
    const JsonNode* request = root.find("request");
    if (request == nullptr || request->kind != JsonKind::object)
      return bad_case("A case needs a \"request\", an object.");
    CHECK_OK(read_request(*request));
    const JsonNode* policies = root.find("policies");
    if (policies == nullptr) return {};
    if (policies->kind != JsonKind::object) return bad_case("\"policies\" is an object.");
    return read_policies(*policies);
  }

 private:
  std::string raw(const JsonNode& node) const {
    return case_.source_.substr(node.begin, node.end - node.begin);
  }

  std::string id_json(const JsonNode& id) const {
    if (id.kind == JsonKind::string) {
      // The reader has told of bytes that are not UTF-8, and an answer must not repeat them.
      const std::string text = json::dump(json::value(id.text));
      return json::parse(text) ? text : "null";
    }
    return id.kind == JsonKind::number || id.kind == JsonKind::boolean ? raw(id) : "null";
  }

  static bool is_absent(const JsonNode* node) { return node == nullptr || node->kind == JsonKind::null; }

  Result<std::string_view> text(const JsonNode& request, std::string_view name) {
    const JsonNode* node = request.find(name);
    if (node == nullptr || node->kind != JsonKind::string)
      return bad_case("A request needs \"" + std::string(name) + "\", a string.");
    return node->text;
  }

  Result<std::string_view> optional_text(const JsonNode& request, std::string_view name) {
    const JsonNode* node = request.find(name);
    if (is_absent(node)) return std::string_view();
    if (node->kind != JsonKind::string) return bad_case("\"" + std::string(name) + "\" is a string.");
    return node->text;
  }

  Result<void> read_request(const JsonNode& node) {
    Request& r = case_.request_;
    TRY(const std::string_view principal, text(node, "principal"));
    TRY(r.action, text(node, "action"));
    TRY(r.resource, text(node, "resource"));
    TRY(r.resource_account, optional_text(node, "resourceAccount"));
    if (const JsonNode* context = node.find("context"); !is_absent(context)) CHECK_OK(read_context(*context));
    r.context = &case_.context_;
    if (principal.empty()) return bad_case("\"principal\" is an ARN, \"*\" or a service's name.");
    r.principal = read_principal(principal, r.action);
    TRY(const std::string_view issuer, optional_text(node, "sessionIssuer"));
    TRY(r.principal.canonical_id, optional_text(node, "canonicalId"));
    add_role_and_id(r.principal, issuer);
    return {};
  }

  void add_role_and_id(Principal& p, std::string_view issuer) {
    if (p.type == PrincipalType::federated_user) p.role_arn = issuer;
    if (p.type == PrincipalType::assumed_role) {
      const std::string_view known = issuer.empty() ? context_value("aws:PrincipalArn") : issuer;
      if (!issuer.empty() || known.find(":role/") != known.npos) {
        p.role_arn = known;
      } else if (p.arn.find(":role/") != p.arn.npos) {
        p.role_arn = p.arn;
      } else {
        p.role_arn = case_.texts_.emplace_back(role_of_session(p.arn));
      }
    }
    const std::string_view id = context_value("aws:userid");
    p.unique_id = id.substr(0, id.find(':'));
  }

  std::string_view context_value(std::string_view key) const {
    const Context::Entry* entry = case_.context_.find(key);
    if (entry == nullptr || entry->count == 0) return {};
    return case_.context_.values(*entry)[0];
  }

  Result<void> read_context(const JsonNode& node) {
    if (node.kind != JsonKind::object) return bad_case("\"context\" is an object.");
    const auto is_scalar = [](const JsonNode& n) {
      return n.kind == JsonKind::string || n.kind == JsonKind::number || n.kind == JsonKind::boolean;
    };
    for (const JsonMember& member : node.members) {
      if (is_scalar(member.value)) {
        case_.context_.set(member.key, member.value.text);
        continue;
      }
      if (member.value.kind != JsonKind::array) {
        return bad_case("The context's \"" + std::string(member.key) +
                        "\" is a string or a list of strings.");
      }
      std::vector<std::string_view> values;
      for (const JsonNode& item : member.value.items) {
        if (!is_scalar(item))
          return bad_case("The context's \"" + std::string(member.key) + "\" is a list of strings.");
        values.push_back(item.text);
      }
      case_.context_.set(member.key, std::span<const std::string_view>(values));
    }
    return {};
  }

  Result<void> read_policies(const JsonNode& node) {
    PolicyView& v = case_.view_;
    for (const JsonMember& member : node.members) {
      if (is_absent(&member.value)) continue;
      const std::string_view name = member.key;
      if (name == "identity") {
        TRY(v.identity, layer(member.value, Kind::identity));
      } else if (name == "boundary") {
        TRY(v.boundary, layer(member.value, Kind::boundary));
      } else if (name == "session") {
        TRY(v.session, layer(member.value, Kind::session));
      } else if (name == "endpoint") {
        TRY(v.endpoint, layer(member.value, Kind::endpoint));
      } else if (name == "scp") {
        TRY(v.scp, levels(member.value, Kind::scp));
      } else if (name == "rcp") {
        TRY(v.rcp, levels(member.value, Kind::rcp));
      } else if (name == "resource") {
        TRY(v.resource, one(member.value, resource_policy_kind(case_.request_)));
      } else {
        return bad_case("\"" + std::string(name) + "\" is not a kind of policy.");
      }
    }
    return {};
  }

  Result<const Compiled*> one(const JsonNode& node, Kind kind) {
    if (node.kind != JsonKind::object && node.kind != JsonKind::string)
      return bad_case("A policy is an object.");
    TRY(CompiledPtr compiled,
        compile(node.kind == JsonKind::string ? std::string(node.text) : raw(node), kind));
    case_.owned_.push_back(std::move(compiled));
    return case_.owned_.back().get();
  }

  Result<std::span<const Compiled* const>> layer(const JsonNode& node, Kind kind) {
    if (node.kind != JsonKind::array) return bad_case("A layer is a list of policies.");
    auto& policies = case_.layers_.emplace_back();
    for (const JsonNode& item : node.items) {
      TRY(const Compiled* policy, one(item, kind));
      policies.push_back(policy);
      if (policies.size() > kMostPolicies) return bad_case("A layer has at most 65,535 policies.");
    }
    if (policies.empty()) return std::span<const Compiled* const>(kNoPolicy).first(0);
    return std::span<const Compiled* const>(policies);
  }

  Result<std::span<const std::span<const Compiled* const>>> levels(const JsonNode& node, Kind kind) {
    if (node.kind != JsonKind::array)
      return bad_case("SCPs and RCPs are a list of levels, each a list of policies.");
    auto& all = case_.levels_.emplace_back();
    for (const JsonNode& item : node.items) {
      TRY(const auto level, layer(item, kind));
      all.push_back(level);
    }
    if (all.empty()) return std::span<const std::span<const Compiled* const>>(kNoLevel).first(0);
    return std::span<const std::span<const Compiled* const>>(all);
  }

  Case& case_;
};

Result<std::unique_ptr<Case>> Case::parse(std::string_view json) {
  auto result = std::make_unique<Case>();
  result->source_ = json;
  if (auto read = CaseReader(*result).read(); !read) {
    Error error = std::move(read).error();
    error.details.emplace_back("id", result->id_json_);
    return fail(std::move(error));
  }
  return result;
}

const Compiled& Case::policy(const StatementRef& at) const { return policy_at(view_, at); }

MessageStyle Case::message_style() const {
  return {.quote_resource = equal_ignoring_case(request_.action.substr(0, 3), "s3:"), .with_resource = true};
}

EvalLine evaluate_case(std::string_view line) {
  const auto parsed = Case::parse(line);
  if (!parsed) {
    std::string id = "null";
    for (const auto& [name, value] : parsed.error().details) {
      if (name == "id") id = value;
    }
    return {"{\"id\":" + id + ",\"error\":" + json::dump(json::value(parsed.error().message)) + "}", false};
  }
  const Case& c = **parsed;
  const Explanation explanation = explain(c.request(), c.policies());
  const Decision& d = explanation.decision;
  json::array matched;
  for (const Explanation::Mattered& m : explanation.matched) {
    json::object one{
        {"layer", to_string(m.at.layer)}, {"policy", m.at.policy}, {"statement", m.at.statement}};
    if (!m.sid.empty()) one["sid"] = m.sid;
    matched.push_back(std::move(one));
  }
  json::object out{{"decision", to_string(d.outcome)},
                   {"decidedBy", to_string(d.decided_by)},
                   {"matched", std::move(matched)}};
  if (!d.allowed()) out["message"] = denial_message(c.request(), d, c.message_style());
  std::string text = json::dump(out);
  return {"{\"id\":" + c.id_json() + "," + text.substr(1), true};
}

}  // namespace gatehouse::policy

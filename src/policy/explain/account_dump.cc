#include "policy/explain/account_dump.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "policy/decide/layers.h"
#include "policy/eval.h"

namespace gatehouse::policy {

// Gathers one question's policies from the dump; what it compiles lives as long as it.
class DumpReader {
 public:
  DumpReader(const json::object& dump, const DumpQuestion& question) : dump_(dump), question_(question) {}

  Result<Report> run() {
    if (question_.action.find(':') == std::string::npos)
      return fail("ValidationError", "An action is written SERVICE:NAME, as in s3:GetObject.");
    CHECK_OK(find_principal());
    CHECK_OK(gather_identity());
    CHECK_OK(gather_boundary());
    request_.action = question_.action;
    // S3 asks about every bucket there: AWS's examples grant it on arn:aws:s3:::*.
    const bool lists_buckets = question_.action == "s3:ListAllMyBuckets" && question_.resource == "*";
    request_.resource = lists_buckets ? std::string_view("arn:aws:s3:::*") : question_.resource;
    CHECK_OK(gather_trust());
    set_context();
    PolicyView view;
    if (!identity_.empty()) view.identity = identity_;
    if (!boundary_.empty()) view.boundary = boundary_;
    view.resource = trust_;
    const bool s3 = question_.action.starts_with("s3:");
    Report report = make_report(request_, view, {.quote_resource = s3, .with_resource = !lists_buckets},
                                [&](Layer layer, std::uint32_t policy) -> std::string {
                                  if (layer == Layer::identity) return names_[policy];
                                  if (layer == Layer::boundary) return "the permissions boundary";
                                  return layer == Layer::trust ? "the role's trust policy" : "";
                                });
    report.notes.emplace_back(
        "The dump holds what IAM keeps for its own account. Policies of other resources, of the "
        "organization, of "
        "VPC endpoints and of the session are not in it and were taken as absent; condition keys come from "
        "--context.");
    return report;
  }

 private:
  static std::span<const json::value> list(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_array()) return {};
    return {v->get_array().data(), v->get_array().size()};
  }

  const json::object* find(std::string_view list_name, std::string_view key, std::string_view value) const {
    for (const json::value& v : list(dump_, list_name)) {
      if (v.is_object() && json::string_at(v.get_object(), key) == value) return &v.get_object();
    }
    return nullptr;
  }

  Result<void> find_principal() {
    const std::string role_arn = role_of_session(question_.principal);
    const std::string& asked = role_arn.empty() ? question_.principal : role_arn;
    for (const auto& [list_name, name_key] :
         {std::pair("UserDetailList", "UserName"), std::pair("RoleDetailList", "RoleName")}) {
      entity_ = find(list_name, "Arn", asked);
      if (entity_ == nullptr) entity_ = find(list_name, name_key, asked);
      // A session's ARN has no path.
      if (entity_ == nullptr && !role_arn.empty())
        entity_ = find(list_name, name_key, role_arn.substr(role_arn.rfind('/') + 1));
      if (entity_ != nullptr) break;
    }
    if (entity_ == nullptr)
      return fail("NoSuchEntity", "The dump has no user or role " + question_.principal + ".", 404);
    arn_ = json::string_or(*entity_, "Arn", "");
    const auto arn = Arn::parse(arn_);
    if (!arn) return fail("ValidationError", "The dump's " + question_.principal + " has no ARN.");
    account_ = arn->account;
    Principal& p = request_.principal;
    p.account = account_;
    is_user_ = arn->resource.starts_with("user/");
    id_ = json::string_or(*entity_, is_user_ ? "UserId" : "RoleId", "");
    p.unique_id = id_;
    p.type = is_user_ ? PrincipalType::user : PrincipalType::assumed_role;
    if (!is_user_) p.role_arn = arn_;
    p.arn = role_arn.empty() ? std::string_view(arn_) : std::string_view(question_.principal);
    return {};
  }

  Result<const Compiled*> compiled(const json::value& document, Kind kind, const std::string& name) {
    std::string text;
    if (document.is_string()) {  // the API's own form: percent-encoded
      const std::string_view raw = document.get_string();
      text = percent_decode(raw).value_or(std::string(raw));
    } else {
      text = json::dump_pretty(document);
    }
    auto result = compile(text, kind);
    if (!result) return fail(result.error().code, name + ": " + result.error().message);
    owned_.push_back(*result);
    return owned_.back().get();
  }

  Result<void> add_identity(const json::value& document, const std::string& name) {
    TRY(const Compiled* policy, compiled(document, Kind::identity, name));
    identity_.push_back(policy);
    names_.push_back(name);
    return {};
  }

  Result<void> add_inline(const json::object& entity, std::string_view list_name, std::string_view of) {
    for (const json::value& v : list(entity, list_name)) {
      if (!v.is_object()) continue;
      const json::value* document = v.get_object().if_contains("PolicyDocument");
      const std::string name =
          json::string_or(v.get_object(), "PolicyName", "?") + " (inline, " + std::string(of) + ")";
      if (document != nullptr) CHECK_OK(add_identity(*document, name));
    }
    return {};
  }

  Result<const json::value*> managed(std::string_view arn) const {
    if (const json::object* policy = find("Policies", "Arn", arn)) {
      for (const json::value& v : list(*policy, "PolicyVersionList")) {
        if (!v.is_object() || !json::bool_or(v.get_object(), "IsDefaultVersion", false)) continue;
        if (const json::value* document = v.get_object().if_contains("Document")) return document;
      }
    }
    return fail("NoSuchEntity",
                "The dump names the policy " + std::string(arn) +
                    " but does not hold it. Make the dump without "
                    "--filter, or with AWSManagedPolicy among its values.",
                404);
  }

  Result<void> add_managed(const json::object& entity) {
    for (const json::value& v : list(entity, "AttachedManagedPolicies")) {
      if (!v.is_object()) continue;
      const std::string arn = json::string_or(v.get_object(), "PolicyArn", "");
      TRY(const json::value* document, managed(arn));
      CHECK_OK(add_identity(*document, arn));
    }
    return {};
  }

  Result<void> gather_identity() {
    CHECK_OK(
        add_inline(*entity_, is_user_ ? "UserPolicyList" : "RolePolicyList", is_user_ ? "user" : "role"));
    CHECK_OK(add_managed(*entity_));
    for (const json::value& v : list(*entity_, "GroupList")) {
      if (!v.is_string()) continue;
      const json::object* group = find("GroupDetailList", "GroupName", v.get_string());
      if (group == nullptr) continue;
      CHECK_OK(add_inline(*group, "GroupPolicyList", "group " + std::string(v.get_string())));
      CHECK_OK(add_managed(*group));
    }
    return {};
  }

  Result<void> gather_boundary() {
    const json::value* boundary = entity_->if_contains("PermissionsBoundary");
    if (boundary == nullptr || !boundary->is_object()) return {};
    TRY(const json::value* document,
        managed(json::string_or(boundary->get_object(), "PermissionsBoundaryArn", "")));
    TRY(const Compiled* policy, compiled(*document, Kind::boundary, "the permissions boundary"));
    boundary_.push_back(policy);
    return {};
  }

  Result<void> gather_trust() {
    if (resource_policy_kind(request_) != Kind::trust) return {};
    const json::object* role = find("RoleDetailList", "Arn", question_.resource);
    const json::value* document = role == nullptr ? nullptr : role->if_contains("AssumeRolePolicyDocument");
    if (document == nullptr) return {};
    TRY(trust_, compiled(*document, Kind::trust, "the trust policy"));
    return {};
  }

  // The keys every request of such a principal has.
  void set_context() {
    const auto add = [&](std::string key, std::string value) {
      const auto& [k, v] = texts_.emplace_back(std::move(key), std::move(value));
      context_.set(k, v);
    };
    add("aws:PrincipalArn", arn_);
    add("aws:PrincipalAccount", account_);
    add("aws:PrincipalType", is_user_ ? "User" : "AssumedRole");
    add("aws:SecureTransport", "true");
    if (is_user_) add("aws:username", json::string_or(*entity_, "UserName", ""));
    if (!id_.empty()) add("aws:userid", is_user_ ? id_ : id_ + ":session");
    for (const json::value& v : list(*entity_, "Tags")) {
      if (!v.is_object()) continue;
      add("aws:PrincipalTag/" + json::string_or(v.get_object(), "Key", ""),
          json::string_or(v.get_object(), "Value", ""));
    }
    for (const auto& [key, value] : question_.context) add(key, value);
    request_.context = &context_;
  }

  const json::object& dump_;
  const DumpQuestion& question_;
  const json::object* entity_ = nullptr;
  bool is_user_ = true;
  std::string arn_, account_, id_;
  Request request_;
  Context context_;
  std::deque<std::pair<std::string, std::string>> texts_;
  std::vector<CompiledPtr> owned_;
  std::vector<const Compiled*> identity_, boundary_;
  std::vector<std::string> names_;
  const Compiled* trust_ = nullptr;
};

Result<AccountDump> AccountDump::parse(std::string_view text) {
  AccountDump dump;
  TRY(dump.root_, json::parse(text));
  if (!dump.root_.is_object() || !dump.root_.get_object().contains("UserDetailList")) {
    return fail("ValidationError", "This is not the output of aws iam get-account-authorization-details.");
  }
  return dump;
}

Result<Report> AccountDump::explain(const DumpQuestion& question) const {
  return DumpReader(root_.get_object(), question).run();
}

}  // namespace gatehouse::policy

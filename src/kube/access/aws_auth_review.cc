#include "kube/access/aws_auth_review.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "kube/access/aws_auth.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kNode = "system:node:";
constexpr std::string_view kIgnored = "the entry maps nobody";

using Severity = AwsAuthFinding::Severity;

class Reviewer {
 public:
  Reviewer(AwsAuthReview& out, std::string list, const std::function<bool(std::string_view)>& bound)
      : out_(out), list_(std::move(list)), kind_(list_ == "mapUsers" ? "user" : "role"), bound_(bound) {}

  void mapping(const Mapping& mapping) {
    line_ = mapping.line;
    arn(mapping.arn);
    names(mapping);
    if (kind_ == "role" && std::string_view(mapping.username).starts_with(kNode)) node(mapping);
    reach(mapping);
  }
  void account(std::string_view number) {
    if (!is_account_id(number))
      say("AWS_AUTH_ACCOUNT", Severity::error, "write them all, in quotes",
          fmt::format("{}: {} is not an account's twelve digits", list_, number));
  }

 private:
  void say(std::string_view code, Severity severity, std::string help, std::string message) {
    out_.findings.push_back({code, severity, std::move(message), std::move(help), list_, line_});
  }

  void arn(std::string_view text) {
    if (is_placeholder(text)) return placeholder(fmt::format("{}: {}", list_, text), kIgnored);
    const auto parts = Arn::parse(text);
    const std::string form = fmt::format("a {}'s is arn:aws:iam::ACCOUNT:{}/NAME", kind_, kind_);
    if (!parts)
      return say("AWS_AUTH_NOT_AN_ARN", Severity::error, form,
                 fmt::format("{}: {} is not an ARN, and {}", list_, text, kIgnored));
    if (!is_account_id(parts->account))
      return say("AWS_AUTH_ACCOUNT", Severity::error, "an account's number has twelve digits",
                 fmt::format("{}: the account in {} has {} characters, and {}", list_, text,
                             parts->account.size(), kIgnored));
    const std::string_view resource = parts->resource;
    const std::string prefix = fmt::format("{}/", kind_);
    if (parts->service != "iam" || !resource.starts_with(prefix))
      return say("AWS_AUTH_NOT_A_PRINCIPAL", Severity::error, form,
                 fmt::format("{}: {} is not a {}'s ARN but a {}, and {}", list_, text, kind_,
                             resource.substr(0, resource.find('/')), kIgnored));
    if (kind_ == "role" && resource.find('/', prefix.size()) != resource.npos)
      say("AWS_AUTH_ROLE_PATH", Severity::warning,
          fmt::format("write arn:{}:iam::{}:role/{}", parts->partition, parts->account,
                      resource.substr(resource.rfind('/') + 1)),
          fmt::format("{}: {} has a path, which the ARN of the role's sessions has not, so that it never "
                      "matches",
                      list_, text));
  }

  static bool is_placeholder(std::string_view text) { return text.find_first_of("<>") != text.npos; }
  void placeholder(std::string_view what, std::string_view effect) {
    say("AWS_AUTH_PLACEHOLDER", Severity::error, "put in the name that is meant",
        fmt::format("{} holds a placeholder that was not replaced, and {}", what, effect));
  }

  void names(const Mapping& mapping) {
    if (mapping.username.empty())
      say("AWS_AUTH_NO_USERNAME", Severity::error, "give it one",
          fmt::format("{} has no username, so that nobody can be told what it may do", mapping.arn));
    if (is_placeholder(mapping.username))
      placeholder(fmt::format("the username {}", mapping.username), "no binding names such a user");
    blank("username", mapping.username);
    for (const std::string& group : mapping.groups) blank("group", group);
  }
  void blank(std::string_view what, std::string_view name) {
    if (name.find(' ') == name.npos) return;
    std::string without(name);
    std::erase(without, ' ');
    say("AWS_AUTH_SPACE_IN_NAME", Severity::error, "leave the space out",
        fmt::format("the {} \"{}\" has a space in it and is not \"{}\", which the built-in bindings name",
                    what, name, without));
  }

  void node(const Mapping& mapping) {
    const auto in = [&](std::string_view group) {
      return std::find(mapping.groups.begin(), mapping.groups.end(), group) != mapping.groups.end();
    };
    if (in(kMasters))
      say("AWS_AUTH_NODES_ARE_MASTERS", Severity::security_warning,
          "its groups are system:bootstrappers and system:nodes",
          fmt::format("the nodes' role {} is mapped to system:masters: whoever is on a node administers the "
                      "cluster",
                      mapping.arn));
    for (const std::string_view group : {"system:bootstrappers", "system:nodes"}) {
      if (in(group)) continue;
      say("AWS_AUTH_NODE_GROUP_MISSING", Severity::error, fmt::format("add {}", group),
          fmt::format("the nodes' role {} lacks the group {}, without which nodes cannot join", mapping.arn,
                      group));
    }
  }

  // A user in no group may nothing that no binding gives it by name.
  void reach(const Mapping& mapping) {
    const bool template_name = mapping.username.find("{{") != std::string::npos;
    if (!mapping.groups.empty() || mapping.username.empty() || template_name) return;
    if (bound_ && bound_(mapping.username)) return;
    say("AWS_AUTH_USER_UNBOUND", Severity::warning,
        fmt::format("a RoleBinding must name the user {}", mapping.username),
        fmt::format(
            "{} becomes the user {}, which is in no group{}: it may do nothing until a binding names it",
            mapping.arn, mapping.username, bound_ ? " and named by no binding" : ""));
  }

  AwsAuthReview& out_;
  const std::string list_;
  const std::string_view kind_;
  const std::function<bool(std::string_view)>& bound_;
  int line_ = 0;
};

void find_lost(const AwsAuth& before, const AwsAuth& after, AwsAuthReview& out) {
  const auto lost = [&](const std::string& who, std::string message) {
    out.lost.push_back(who);
    out.findings.push_back({"AWS_AUTH_MAPPING_LOST", Severity::error, std::move(message), ""});
  };
  const auto compare = [&](const auto& was, const auto& is) {
    for (const auto& [key, mapping] : was) {
      if (is.contains(key)) continue;
      const bool nodes = std::string_view(mapping.username).starts_with(kNode);
      lost(mapping.arn, fmt::format("{} was mapped to {} and is no longer: {}", mapping.arn, mapping.username,
                                    nodes ? "its nodes will be NotReady" : "it is locked out"));
    }
  };
  compare(before.roles, after.roles);
  compare(before.users, after.users);
  for (const std::string& account : before.accounts) {
    if (std::find(after.accounts.begin(), after.accounts.end(), account) != after.accounts.end()) continue;
    lost(account, fmt::format("account {} was mapped and is no longer: it is locked out", account));
  }
}

AwsAuth parse(const json::object* data) { return data == nullptr ? AwsAuth() : AwsAuth::parse(*data); }

}  // namespace

AwsAuthReview review_aws_auth(const json::object* before, const json::object* after,
                              const std::function<bool(std::string_view)>& bound) {
  const AwsAuth was = parse(before), is = parse(after);
  AwsAuthReview out;
  out.findings = is.complaints;
  for (const auto& [key, mapping] : is.roles) Reviewer(out, "mapRoles", bound).mapping(mapping);
  for (const auto& [key, mapping] : is.users) Reviewer(out, "mapUsers", bound).mapping(mapping);
  for (const std::string& account : is.accounts) Reviewer(out, "mapAccounts", bound).account(account);
  find_lost(was, is, out);
  return out;
}

}  // namespace gatehouse::kube

#include "kube/access/aws_auth_review.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "kube/access/aws_auth.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kNode = "system:node:";

class Reviewer {
 public:
  Reviewer(AwsAuthReview& out, const std::function<bool(std::string_view)>& bound)
      : out_(out), bound_(bound) {}

  void role(const Mapping& mapping) {
    arn(mapping.arn, "role", "mapRoles");
    names(mapping);
    if (std::string_view(mapping.username).starts_with(kNode)) node(mapping);
    reach(mapping);
  }
  void user(const Mapping& mapping) {
    arn(mapping.arn, "user", "mapUsers");
    names(mapping);
    reach(mapping);
  }
  void account(std::string_view number) {
    if (!is_account_id(number)) say("mapAccounts: {} is not an account's twelve digits", number);
  }

 private:
  template <typename... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    out_.findings.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void arn(std::string_view text, std::string_view kind, std::string_view list) {
    if (text.find('<') != text.npos || text.find('>') != text.npos) {
      say("{}: {} holds a placeholder that was not replaced; the entry maps nobody", list, text);
      return;
    }
    const auto parts = Arn::parse(text);
    if (!parts) {
      say("{}: {} is not an ARN; a {}'s is arn:aws:iam::ACCOUNT:{}/NAME", list, text, kind, kind);
      return;
    }
    if (!is_account_id(parts->account)) {
      say("{}: the account in {} has {} characters and an account's number has twelve digits; the entry maps "
          "nobody",
          list, text, parts->account.size());
      return;
    }
    const std::string_view resource = parts->resource;
    const std::string prefix = fmt::format("{}/", kind);
    if (parts->service != "iam" || !resource.starts_with(prefix)) {
      say("{}: {} is not a {}'s ARN but a {}; the entry maps nobody", list, text, kind,
          resource.substr(0, resource.find('/')));
      return;
    }
    if (kind == "role" && resource.find('/', prefix.size()) != resource.npos) {
      say("{}: {} has a path, which the ARN of the role's sessions has not, so that it never matches; write "
          "{}",
          list, text,
          fmt::format("arn:{}:iam::{}:role/{}", parts->partition, parts->account,
                      resource.substr(resource.rfind('/') + 1)));
    }
  }

  void names(const Mapping& mapping) {
    if (mapping.username.empty())
      say("{} has no username, so that nobody can be told what it may do", mapping.arn);
    blank("the username", mapping.username);
    for (const std::string& group : mapping.groups) blank("the group", group);
  }
  void blank(std::string_view what, std::string_view name) {
    if (name.find(' ') == name.npos) return;
    std::string without(name);
    std::erase(without, ' ');
    say("{} \"{}\" has a space in it and is not \"{}\", which the built-in bindings name", what, name,
        without);
  }

  void node(const Mapping& mapping) {
    const auto in = [&](std::string_view group) {
      return std::find(mapping.groups.begin(), mapping.groups.end(), group) != mapping.groups.end();
    };
    if (in(kMasters)) {
      say("the nodes' role {} is mapped to system:masters: whoever is on a node administers the cluster; its "
          "groups are system:bootstrappers and system:nodes",
          mapping.arn);
    }
    for (const std::string_view group : {"system:bootstrappers", "system:nodes"})
      if (!in(group))
        say("the nodes' role {} lacks the group {}, without which nodes cannot join", mapping.arn, group);
  }

  // A user in no group may nothing that no binding gives it by name.
  void reach(const Mapping& mapping) {
    const bool template_name = mapping.username.find("{{") != std::string::npos;
    if (!mapping.groups.empty() || mapping.username.empty() || template_name || bound_(mapping.username))
      return;
    say("{} becomes the user {}, which is in no group and named by no binding: it may do nothing until a "
        "RoleBinding names it",
        mapping.arn, mapping.username);
  }

  AwsAuthReview& out_;
  const std::function<bool(std::string_view)>& bound_;
};

void find_lost(const AwsAuth& before, const AwsAuth& after, AwsAuthReview& out) {
  const auto compare = [&](const auto& was, const auto& is) {
    for (const auto& [key, mapping] : was) {
      if (is.contains(key)) continue;
      out.lost.push_back(mapping.arn);
      const bool nodes = std::string_view(mapping.username).starts_with(kNode);
      out.findings.push_back(fmt::format("{} was mapped to {} and is no longer: {}", mapping.arn,
                                         mapping.username,
                                         nodes ? "its nodes will be NotReady" : "it is locked out"));
    }
  };
  compare(before.roles, after.roles);
  compare(before.users, after.users);
  for (const std::string& account : before.accounts) {
    if (std::find(after.accounts.begin(), after.accounts.end(), account) != after.accounts.end()) continue;
    out.lost.push_back(account);
    out.findings.push_back(fmt::format("account {} was mapped and is no longer: it is locked out", account));
  }
}

AwsAuth parse(const json::object* data) { return data == nullptr ? AwsAuth() : AwsAuth::parse(*data); }

}  // namespace

AwsAuthReview review_aws_auth(const json::object* before, const json::object* after,
                              const std::function<bool(std::string_view)>& bound) {
  const AwsAuth was = parse(before), is = parse(after);
  AwsAuthReview out;
  out.findings = is.complaints;
  Reviewer reviewer(out, bound);
  for (const auto& [key, mapping] : is.roles) reviewer.role(mapping);
  for (const auto& [key, mapping] : is.users) reviewer.user(mapping);
  for (const std::string& account : is.accounts) reviewer.account(account);
  find_lost(was, is, out);
  return out;
}

}  // namespace gatehouse::kube

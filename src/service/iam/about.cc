#include "service/iam/about.h"

namespace gatehouse::service::iam {
namespace {

bool has_key(const Call& call, std::string_view key) {
  const auto action = policy::catalogue::find_action(fmt::format("iam:{}", call.operation->name));
  const auto known = policy::catalogue::find_key(key);
  return action && known && action->supports(*known) != policy::catalogue::Action::Support::none;
}

}  // namespace

void add_grant_keys(const Call& call, const account::Grants* grants, account::Requirement& r) {
  if (const auto& arn = call.in[m::PolicyArn]; arn) r.key("iam:PolicyARN", std::string(arn.text()));
  if (!has_key(call, "iam:PermissionsBoundary")) return;
  if (const auto& arn = call.in[m::PermissionsBoundary]; arn) {
    r.key("iam:PermissionsBoundary", std::string(arn.text()));
  } else if (grants != nullptr && !grants->boundary.empty()) {
    r.key("iam:PermissionsBoundary", grants->boundary);
  }
}

void add_tag_keys(const Call& call, const std::vector<account::Tag>* tags, account::Requirement& r) {
  if (tags != nullptr) {
    r.resource_tags(*tags);
    for (const auto& [key, value] : *tags) r.key("iam:ResourceTag/" + key, value);
  }
  if (const auto& sent = call.in[m::Tags]; sent) r.request_tags(read_tags(sent));
  if (const auto& keys = call.in[m::TagKeys]; keys) {
    std::vector<std::string> names;
    for (const wire::Value& key : keys.list()) names.emplace_back(key.text());
    r.keys_of("aws:TagKeys", std::move(names));
  }
}

}  // namespace gatehouse::service::iam

// Tags on the root, units, accounts and policies.
#include <algorithm>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

using Tags = std::vector<account::Tag>;

// Hands the tags of whatever has this id to `edit`.
Result<void> edit_tags(Organization& o, std::string_view id, const std::function<Result<void>(Tags&)>& edit) {
  if (const OrganizationNode* node = o.node(id)) {
    OrganizationNode changed = *node;
    CHECK_OK(edit(changed.tags));
    o.set(std::move(changed));
    return {};
  }
  const ControlPolicy* policy = o.policy(id);
  if (policy == nullptr) return error::target_not_found();
  if (policy->aws_managed)
    return error::invalid("IMMUTABLE_POLICY",
                          "You specified a policy that is managed by AWS and can't be modified.");
  ControlPolicy changed = *policy;
  CHECK_OK(edit(changed.tags));
  o.set(std::move(changed));
  return {};
}

Result<wire::Value> change_tags(Org& org, Call& call, const std::function<Result<void>(Tags&)>& edit) {
  const std::string_view id = call.in[m::ResourceId].text();
  CHECK_OK(check_id(id, Id::taggable));
  CHECK_OK(change(org, call, [&](Organization& o) { return edit_tags(o, id, edit); }));
  return wire::Value();
}

}  // namespace

Result<wire::Value> tag_resource(Org& org, Call& call) {
  TRY(const Tags added, check_tags(call.in[m::Tags]));
  return change_tags(org, call, [&](Tags& tags) -> Result<void> {
    for (const account::Tag& tag : added) {
      const auto there =
          std::find_if(tags.begin(), tags.end(), [&](const auto& t) { return t.first == tag.first; });
      if (there != tags.end()) {
        there->second = tag.second;
      } else {
        tags.push_back(tag);
      }
    }
    if (tags.size() > 50)
      return error::constraint("MAX_TAG_LIMIT_EXCEEDED",
                               "You have exceeded the number of tags allowed on this resource.");
    return {};
  });
}

Result<wire::Value> untag_resource(Org& org, Call& call) {
  return change_tags(org, call, [&](Tags& tags) -> Result<void> {
    for (const wire::Value& key : call.in[m::TagKeys].list()) {
      std::erase_if(tags, [&](const auto& tag) { return tag.first == key.text(); });
    }
    return {};
  });
}

Result<wire::Value> list_tags_for_resource(Org& org, Call& call) {
  const std::string_view id = call.in[m::ResourceId].text();
  CHECK_OK(check_id(id, Id::taggable));
  TRY(const auto organization, managed(org, call));
  const Tags* tags = tags_of(*organization, id);
  if (tags == nullptr) return error::target_not_found();
  return page(call, *tags, m::Tags, [](const account::Tag& tag) {
    return wire::structure({{m::Key, tag.first}, {m::Value, tag.second}});
  });
}

}  // namespace gatehouse::service::organizations

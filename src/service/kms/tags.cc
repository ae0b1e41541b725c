// Tags of keys. https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
#include <algorithm>

#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr size_t kMostTags = 50;
constexpr size_t kLongestKey = 128;
constexpr size_t kLongestValue = 256;

}  // namespace

Result<void> add_tags(const wire::Value& tags, std::vector<account::Tag>& there) {
  for (const wire::Value& tag : tags.list()) {
    const std::string name(tag[m::TagKey].text());
    const std::string value(tag[m::TagValue].text());
    if (name.empty() || name.size() > kLongestKey || value.size() > kLongestValue)
      return fail("TagException", "A tag's key has 1 to 128 characters, its value at most 256.");
    if (name.starts_with("aws:")) return fail("TagException", "aws: prefixed tag key names are not allowed.");
    std::erase_if(there, [&](const auto& t) { return t.first == name; });
    there.emplace_back(name, value);
  }
  if (there.size() > kMostTags) return fail("TagException", "Too many tags");
  return {};
}

Result<wire::Value> tag_resource(Kms& kms, Call& call) {
  std::vector<account::Tag> tags = key_of(call).tags;
  if (key_of(call).state == State::pending_deletion) CHECK_OK(usable(key_of(call)));
  CHECK_OK(add_tags(call.in[m::Tags], tags));
  CHECK_OK(kms.update(key_of(call), [&](Key& next) { next.tags = std::move(tags); }));
  return wire::Value();
}

Result<wire::Value> untag_resource(Kms& kms, Call& call) {
  if (key_of(call).state == State::pending_deletion) CHECK_OK(usable(key_of(call)));
  CHECK_OK(kms.update(key_of(call), [&](Key& next) {
    for (const wire::Value& name : call.in[m::TagKeys].list())
      std::erase_if(next.tags, [&](const auto& t) { return t.first == name.text(); });
  }));
  return wire::Value();
}

Result<wire::Value> list_resource_tags(Kms&, Call& call) {
  return page(call, key_of(call).tags, m::Tags, [](const account::Tag& tag) {
    return wire::structure({{m::TagKey, tag.first}, {m::TagValue, tag.second}});
  });
}

}  // namespace gatehouse::service::kms

// Tags of everything that has them. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

inline constexpr size_t kMostTags = 50;

template <typename T>
Result<wire::Value> tag(Iam& iam, Call& call) {
  TRY(T entity, owned<T>(call));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  merge_tags(entity.tags, tags);
  if (entity.tags.size() > kMostTags)
    return error::limit_exceeded("The number of tags has reached the maximum limit.");
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> untag(Iam& iam, Call& call) {
  TRY(T entity, owned<T>(call));
  remove_tags(entity.tags, call.in[m::TagKeys]);
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> list_tags(Iam&, Call& call) {
  TRY(const T entity, pinned<T>(call));
  return page(call, entity.tags, m::Tags, [](const account::Tag& tag) {
    return wire::structure({{m::Key, tag.first}, {m::Value, tag.second}});
  });
}

}  // namespace gatehouse::service::iam

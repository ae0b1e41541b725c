// IAM: users, groups, roles, policies, providers. The Directory keeps them; here are the operations and their
// rules. https://docs.aws.amazon.com/IAM/latest/APIReference/
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "account/directory.h"
#include "model/iam.h"
#include "service/call.h"

namespace gatehouse::service::iam {

namespace m = model::iam;

struct Iam {
  account::Directory& directory;
  const Clock& clock;
  Random& random;
};

Service make_service(Iam& iam);

// Errors, worded as IAM words them.
namespace error {
inline std::unexpected<Error> no_such_entity(std::string message) {
  return fail("NoSuchEntity", std::move(message), 404);
}
inline std::unexpected<Error> already_exists(std::string message) {
  return fail("EntityAlreadyExists", std::move(message), 409);
}
inline std::unexpected<Error> delete_conflict(std::string message) {
  return fail("DeleteConflict", std::move(message), 409);
}
inline std::unexpected<Error> limit_exceeded(std::string message) {
  return fail("LimitExceeded", std::move(message), 409);
}
inline std::unexpected<Error> invalid_input(std::string message) {
  return fail("InvalidInput", std::move(message), 400);
}
inline std::unexpected<Error> validation(std::string message) {
  return fail("ValidationError", std::move(message), 400);
}
}  // namespace error

// A commit that lost a race: somebody changed the entity after it was authorised.
template <typename T>
Result<T> or_concurrent(Result<T> outcome) {
  if (!outcome && outcome.error().code == store::kConflict) {
    return fail("ConcurrentModification",
                "The request was rejected because multiple requests to change this object were submitted "
                "simultaneously. "
                "Wait a few minutes and submit your request again.",
                409);
  }
  return outcome;
}

// [\w+=,.@-]+, at most `limit` characters. `field` as the message names it: "roleName".
Result<void> check_name(std::string_view field, std::string_view name, size_t limit);
Result<void> check_path(std::string_view path);
Result<std::vector<account::Tag>> check_tags(const wire::Value& tags);
// A document's characters, counted as AWS counts them: without white space.
size_t document_size(std::string_view text);
Result<account::PolicyText> compile_document(std::string_view text, policy::Kind kind, size_t limit);

wire::Value tags_value(const std::vector<account::Tag>& tags);
// Adds tags over those that are there; removes by key.
void merge_tags(std::vector<account::Tag>& into, const std::vector<account::Tag>& tags);
void remove_tags(std::vector<account::Tag>& from, const wire::Value& keys);

// Marker and MaxItems. `render` makes an item's Value; the list goes under `member`.
template <typename Items, typename Render>
Result<wire::Value> page(const Call& call, const Items& items, wire::Member member, Render render) {
  const std::int64_t limit = call.in[m::MaxItems].number(100);
  if (limit < 1 || limit > 1000) {
    return error::validation(
        fmt::format("1 validation error detected: Value '{}' at 'maxItems' failed to satisfy constraint: "
                    "Member must have value {}",
                    limit, limit < 1 ? "greater than or equal to 1" : "less than or equal to 1000"));
  }
  size_t from = 0;
  if (const std::string_view marker = call.in[m::Marker].text(); !marker.empty()) {
    const auto [end, failure] = std::from_chars(marker.data(), marker.data() + marker.size(), from);
    if (failure != std::errc{} || end != marker.data() + marker.size() || from > items.size()) {
      return error::validation("Invalid Marker.");
    }
  }
  const size_t to = std::min(items.size(), from + static_cast<size_t>(limit));
  wire::Value::List list;
  for (size_t i = from; i < to; ++i) list.push_back(render(items[i]));
  wire::Value out;
  out.set(member, std::move(list)).set(m::IsTruncated, to < items.size());
  if (to < items.size()) out.set(m::Marker, std::to_string(to));
  return out;
}

// Resolvers: pin the entity, so that what is authorised is what is changed.

// A role that is there gives its ARN with the path; one that is not gives the ARN its name would have, so
// that the caller who may not know is refused before being told.
template <char const* Action>
Result<Requirements> role_needs(Iam& iam, Call& call) {
  const auto role = iam.directory.role(call.account, call.in[m::RoleName].text());
  account::Requirement r;
  r.action = Action;
  r.resource =
      role ? role->arn : fmt::format("arn:aws:iam::{}:role/{}", call.account, call.in[m::RoleName].text());
  if (role) r.resource_tags(role->tags);
  if (const auto& arn = call.in[m::PolicyArn]; arn) r.key("iam:PolicyARN", std::string(arn.text()));
  if (const auto& arn = call.in[m::PermissionsBoundary]; arn) {
    r.key("iam:PermissionsBoundary", std::string(arn.text()));
  } else if (role && !role->grants.boundary.empty()) {
    r.key("iam:PermissionsBoundary", role->grants.boundary);
  }
  if (const auto& tags = call.in[m::Tags]; tags) r.request_tags(read_tags(tags));
  if (const auto& keys = call.in[m::TagKeys]; keys) {
    std::vector<std::string> names;
    for (const wire::Value& key : keys.list()) names.emplace_back(key.text());
    r.keys_of("aws:TagKeys", std::move(names));
  }
  call.pinned = role;
  return Requirements{std::move(r)};
}

}  // namespace gatehouse::service::iam

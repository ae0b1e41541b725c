// IAM: users, groups, roles, policies, providers. The Directory keeps them; here are the operations and their
// rules. https://docs.aws.amazon.com/IAM/latest/APIReference/
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "account/directory/directory.h"
#include "account/organization/organizations.h"
#include "account/usage.h"
#include "model/iam.h"
#include "service/call.h"

namespace gatehouse::service::iam {

namespace m = model::iam;

struct Iam {
  account::Directory& directory;
  account::Usage& usage;
  const account::Organizations& organizations;
  const Clock& clock;
  Random& random;
};

Service make_service(Iam& iam);

// What a row runs, and what finds out what it needs.
using Handler = Result<wire::Value>(Iam&, Call&);
using Resolver = Result<Requirements>(Iam&, Call&);

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
// A value that the model's limits refuse.
inline std::unexpected<Error> constraint(std::string_view value, std::string_view field,
                                         std::string_view rule) {
  return validation(
      fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}", value,
                  field, rule));
}
// One value out of a list.
inline std::unexpected<Error> not_one_of(std::string_view value, std::string_view field,
                                         std::string_view set) {
  return constraint(value, field, fmt::format("Member must satisfy enum value set: [{}]", set));
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

wire::Value strings(const std::vector<std::string>& list);
wire::Value tags_value(const std::vector<account::Tag>& tags);
// Adds tags over those that are there; removes by key.
void merge_tags(std::vector<account::Tag>& into, const std::vector<account::Tag>& tags);
void remove_tags(std::vector<account::Tag>& from, const wire::Value& keys);

// The items on a page, from which the list is left to make: what follows Marker, MaxItems at most.
struct Page {
  size_t from = 0, to = 0, of = 0;
  // IsTruncated, and Marker if it is.
  void finish(wire::Value& out) const {
    out.set(m::IsTruncated, to < of);
    if (to < of) out.set(m::Marker, std::to_string(to));
  }
};
Result<Page> page_of(const Call& call, size_t items);

// The same for a plain list. `render` makes an item's Value; the list goes under `member`.
template <typename Items, typename Render>
Result<wire::Value> page(const Call& call, const Items& items, wire::Member member, Render render) {
  TRY(const Page page, page_of(call, items.size()));
  wire::Value::List list;
  for (size_t i = page.from; i < page.to; ++i) list.push_back(render(items[i]));
  wire::Value out;
  out.set(member, std::move(list));
  page.finish(out);
  return out;
}

}  // namespace gatehouse::service::iam

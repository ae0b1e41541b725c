// Groups. A user's record says which it is in; of a group that is gone the id stays behind and means nothing.
#include "service/iam/policies/grants.h"
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kGroupsPerUser = 10;

std::vector<std::shared_ptr<const account::User>> members(const Iam& iam, const account::Group& group) {
  auto users = iam.directory.list<account::User>(group.account);
  std::erase_if(users, [&](const auto& user) {
    return std::find(user->groups.begin(), user->groups.end(), group.id) == user->groups.end();
  });
  return users;
}

// The row is about the group; the user is another parameter.
Result<account::User> user_named(const Iam& iam, const Call& call) {
  const std::string_view name = call.in[m::UserName].text();
  const auto user = iam.directory.user(call.account, name);
  if (user == nullptr) return error::no_such_entity(About<account::User>::missing(name));
  return *user;
}

}  // namespace

std::vector<std::shared_ptr<const account::Group>> groups_of(const Iam& iam, const account::User& user) {
  std::vector<std::shared_ptr<const account::Group>> groups;
  for (const std::string& id : user.groups) {
    if (auto group = iam.directory.by_id<account::Group>(id)) groups.push_back(std::move(group));
  }
  return groups;
}

Result<wire::Value> create_group(Iam& iam, Call& call) {
  TRY(account::Group group, fresh<account::Group>(iam, call, m::GroupName, id_prefix::kGroup));
  group.created = call.now();
  std::string taken = taken_message<account::Group>(group.name);
  TRY(const auto made, create(iam, std::move(group), std::move(taken)));
  return wire::structure({{m::Group, group_value(*made)}});
}

Result<wire::Value> get_group(Iam& iam, Call& call) {
  TRY(const account::Group group, pinned<account::Group>(call));
  TRY(wire::Value out, page(call, members(iam, group), m::Users, [](const auto& user) {
        return wire::structure({{m::Path, user->path},
                                {m::UserName, user->name},
                                {m::UserId, user->id},
                                {m::Arn, user->arn},
                                {m::CreateDate, user->created}});
      }));
  out.set(m::Group, group_value(group));
  return out;
}

Result<wire::Value> list_groups(Iam& iam, Call& call) {
  return page(call, below_prefix<account::Group>(iam, call), m::Groups,
              [](const auto& group) { return group_value(*group); });
}

Result<wire::Value> update_group(Iam& iam, Call& call) {
  TRY(const account::Group group, pinned<account::Group>(call));
  CHECK_OK(rename(iam, call, group, m::NewGroupName));
  return wire::Value();
}

Result<wire::Value> delete_group(Iam& iam, Call& call) {
  TRY(const account::Group group, pinned<account::Group>(call));
  if (!members(iam, group).empty())
    return error::delete_conflict("Cannot delete entity, must remove users from group first.");
  CHECK_OK(check_bare(group.grants));
  CHECK_OK(or_concurrent(iam.directory.remove(group)));
  return wire::Value();
}

Result<wire::Value> add_user_to_group(Iam& iam, Call& call) {
  TRY(const account::Group group, pinned<account::Group>(call));
  TRY(account::User user, user_named(iam, call));
  std::erase_if(user.groups, [&](const std::string& id) {  // of groups that are gone
    return iam.directory.by_id<account::Group>(id) == nullptr;
  });
  if (std::find(user.groups.begin(), user.groups.end(), group.id) != user.groups.end()) return wire::Value();
  if (user.groups.size() >= kGroupsPerUser)
    return error::limit_exceeded(fmt::format("Cannot exceed quota for GroupsPerUser: {}", kGroupsPerUser));
  user.groups.push_back(group.id);
  return save(iam, std::move(user));
}

Result<wire::Value> remove_user_from_group(Iam& iam, Call& call) {
  TRY(const account::Group group, pinned<account::Group>(call));
  TRY(account::User user, user_named(iam, call));
  if (std::erase(user.groups, group.id) == 0) return wire::Value();
  return save(iam, std::move(user));
}

Result<wire::Value> list_groups_for_user(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  return page(call, groups_of(iam, user), m::Groups, [](const auto& group) { return group_value(*group); });
}

}  // namespace gatehouse::service::iam

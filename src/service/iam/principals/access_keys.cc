// Users' access keys.
#include "service/iam/principals/principals.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kKeysPerUser = 2;

Result<account::AccessKey> key_of(const Iam& iam, const account::User& user, const Call& call) {
  const std::string_view id = call.in[m::AccessKeyId].text();
  const auto key = iam.directory.access_key(id);
  if (key == nullptr || key->account != user.account || key->user != user.id)
    return error::no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
  return *key;
}

}  // namespace

std::vector<std::shared_ptr<const account::AccessKey>> keys_of(const Iam& iam, const account::User& user) {
  std::vector<std::shared_ptr<const account::AccessKey>> keys;
  for (const std::string& id : user.access_keys) {
    if (auto key = iam.directory.access_key(id)) keys.push_back(std::move(key));
  }
  return keys;
}

// The key's record first, then the user's that names it: a crash between leaves a key that its user does not
// list, whose secret nobody was told, and which delete_access_key can still remove.
Result<wire::Value> create_access_key(Iam& iam, Call& call) {
  TRY(account::User user, pinned<account::User>(call));
  // A deletion that a crash cut short leaves the id of a key that is gone.
  std::erase_if(user.access_keys, [&](const auto& id) { return iam.directory.access_key(id) == nullptr; });
  if (user.access_keys.size() >= kKeysPerUser)
    return error::limit_exceeded(fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kKeysPerUser));
  TRY(const auto key, iam.directory.put(account::AccessKey{access_key_id(iam.random, id_prefix::kAccessKey),
                                                           iam.random.secret(40), user.account, user.id, true,
                                                           call.now(), 0}));
  user.access_keys.push_back(key->id);
  const std::string name = user.name;
  if (auto saved = save(iam, std::move(user)); !saved) {
    CHECK_OK(iam.directory.remove(*key));
    return saved;
  }
  return wire::structure({{m::AccessKey, wire::structure({{m::UserName, name},
                                                          {m::AccessKeyId, key->id},
                                                          {m::Status, "Active"},
                                                          {m::SecretAccessKey, key->secret},
                                                          {m::CreateDate, key->created}})}});
}

Result<wire::Value> list_access_keys(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  return page(call, keys_of(iam, user), m::AccessKeyMetadata, [&](const auto& key) {
    return wire::structure({{m::UserName, user.name},
                            {m::AccessKeyId, key->id},
                            {m::Status, key->active ? "Active" : "Inactive"},
                            {m::CreateDate, key->created}});
  });
}

Result<wire::Value> update_access_key(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  TRY(account::AccessKey key, key_of(iam, user, call));
  const std::string_view status = call.in[m::Status].text();
  if (status != "Active" && status != "Inactive")
    return error::not_one_of(status, "status", "Active, Inactive");
  key.active = status == "Active";
  return save(iam, std::move(key));
}

Result<wire::Value> delete_access_key(Iam& iam, Call& call) {
  TRY(account::User user, pinned<account::User>(call));
  TRY(const account::AccessKey key, key_of(iam, user, call));
  CHECK_OK(or_concurrent(iam.directory.remove(key)));
  std::erase(user.access_keys, key.id);
  return save(iam, std::move(user));
}

// The key may be anyone's of the account; the row is about the user it belongs to.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
Result<Requirements> at_access_key(Iam& iam, Call& call) {
  const auto key = iam.directory.access_key(call.in[m::AccessKeyId].text());
  account::Requirement r;
  r.resource = "*";
  if (key != nullptr && key->account == call.account) {
    call.pinned = key;
    if (const auto user = iam.directory.by_id<account::User>(key->user)) r.resource = user->arn;
  }
  return Requirements{std::move(r)};
}

Result<wire::Value> get_access_key_last_used(Iam& iam, Call& call) {
  const auto key = call.pin<account::AccessKey>();
  if (key == nullptr) {
    return fail("AccessDenied",
                fmt::format("User: {} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: "
                            "access key {}",
                            call.caller.arn, call.in[m::AccessKeyId].text()),
                403);
  }
  const auto user = iam.directory.by_id<account::User>(key->user);
  wire::Value last = wire::structure({{m::ServiceName, "N/A"}, {m::Region, "N/A"}});
  if (const auto used = iam.usage.last(key->id))
    last.set(m::LastUsedDate, used->time).set(m::ServiceName, used->service).set(m::Region, used->region);
  wire::Value out;
  if (user != nullptr) out.set(m::UserName, user->name);
  out.set(m::AccessKeyLastUsed, std::move(last));
  return out;
}

}  // namespace gatehouse::service::iam

// Grants. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "account/directory/principals.h"
#include "base/json.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr size_t kMostGrants = 50'000;
constexpr size_t kIdBytes = 32;
constexpr size_t kTokenBytes = 96;

// Those that a symmetric key can do.
constexpr std::array<std::string_view, 10> kOperations = {
    "Decrypt",         "Encrypt",
    "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",   "ReEncryptTo",
    "CreateGrant",     "RetireGrant",
    "DescribeKey",     "GenerateDataKeyPair"};

Result<std::vector<std::string>> read_operations(const wire::Value& list) {
  std::vector<std::string> out;
  for (const wire::Value& one : list.list()) {
    if (std::ranges::find(kOperations, one.text()) == kOperations.end()) {
      return fail(error::validation(
          fmt::format("Grant operation {} is not one that a symmetric encryption key has.", one.text())));
    }
    out.emplace_back(one.text());
  }
  if (out.empty()) return fail(error::validation("A grant allows one operation at least."));
  return out;
}

// Kept as policies keep it: by unique id, so that whoever is made again under the name is another.
Result<std::string> read_principal(const Kms& kms, std::string_view arn) {
  const auto invalid = [&] {
    return fail("InvalidArnException", fmt::format("ARN does not refer to a valid principal: {}", arn));
  };
  if (!arn.starts_with("arn:aws:iam::") && !arn.starts_with("arn:aws:sts::")) return invalid();
  const std::string policy = json::dump(
      json::object{{"Version", "2012-10-17"},
                   {"Statement", json::object{{"Effect", "Allow"},
                                              {"Principal", json::object{{"AWS", std::string(arn)}}},
                                              {"Action", "kms:Decrypt"},
                                              {"Resource", "*"}}}});
  const auto kept = account::with_unique_ids(kms.directory(), policy);
  if (!kept || !policy::compile(*kept, policy::Kind::key)) return invalid();
  return std::string(arn);
}

wire::Value context_value(const Context& context) {
  wire::Value::Map out;
  for (const auto& [name, value] : context) out.emplace_back(name, value);
  return wire::Value(std::move(out));
}

wire::Value grant_value(const Key& key, const Grant& g) {
  wire::Value::List operations(g.operations.begin(), g.operations.end());
  wire::Value out = wire::structure({{m::KeyId, key.arn()},
                                     {m::GrantId, g.id},
                                     {m::Name, g.name},
                                     {m::CreationDate, g.created},
                                     {m::GranteePrincipal, g.grantee},
                                     {m::IssuingAccount, fmt::format("arn:aws:iam::{}:root", key.account)},
                                     {m::Operations, std::move(operations)}});
  if (!g.retiring.empty()) out.set(m::RetiringPrincipal, g.retiring);
  wire::Value constraints;
  if (!g.subset.empty()) constraints.set(m::EncryptionContextSubset, context_value(g.subset));
  if (!g.equals.empty()) constraints.set(m::EncryptionContextEquals, context_value(g.equals));
  out.set(m::Constraints, std::move(constraints));
  return out;
}

bool same(const Grant& a, const Grant& b) {
  return a.name == b.name && a.grantee == b.grantee && a.retiring == b.retiring &&
         a.operations == b.operations && a.subset == b.subset && a.equals == b.equals;
}

wire::Value made(const Grant& g) { return wire::structure({{m::GrantToken, g.token}, {m::GrantId, g.id}}); }

Result<wire::Value> remove_grant(Kms& kms, const Key& key, std::string_view id) {
  if (std::ranges::find(key.grants, id, &Grant::id) == key.grants.end())
    return fail("NotFoundException", fmt::format("Grant ID {} not found", id));
  CHECK_OK(kms.update(
      key, [&](Key& next) { std::erase_if(next.grants, [&](const Grant& g) { return g.id == id; }); }));
  return wire::Value();
}

}  // namespace

Result<wire::Value> create_grant(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  CHECK_OK(usable(key));
  Grant grant;
  grant.name = call.in[m::Name].text();
  TRY(grant.grantee, read_principal(kms, call.in[m::GranteePrincipal].text()));
  if (const auto& retiring = call.in[m::RetiringPrincipal]) {
    TRY(grant.retiring, read_principal(kms, retiring.text()));
  }
  TRY(grant.operations, read_operations(call.in[m::Operations]));
  grant.subset = read_context(call.in[m::Constraints][m::EncryptionContextSubset]);
  grant.equals = read_context(call.in[m::Constraints][m::EncryptionContextEquals]);
  if (!grant.subset.empty() && !grant.equals.empty())
    return fail(error::validation("A grant has one kind of encryption context constraint at most."));
  // The same again, by its name, is the one that is there.
  if (!grant.name.empty()) {
    const auto there = std::ranges::find_if(key.grants, [&](const Grant& g) { return same(g, grant); });
    if (there != key.grants.end()) return made(*there);
  }
  if (key.grants.size() >= kMostGrants)
    return fail("LimitExceededException", "The key has 50,000 grants, which is the most there may be.");
  grant.created = kms.clock().now();
  grant.id = hex(kms.random().bytes(kIdBytes));
  grant.token = base64(kms.random().bytes(kTokenBytes));
  CHECK_OK(kms.update(key, [&](Key& next) { next.grants.push_back(grant); }));
  return made(grant);
}

Result<wire::Value> list_grants(Kms&, Call& call) {
  const Key& key = key_of(call);
  std::vector<Grant> listed;
  for (const Grant& g : key.grants) {
    const bool other_id = call.in[m::GrantId] && g.id != call.in[m::GrantId].text();
    const bool other = call.in[m::GranteePrincipal] && g.grantee != call.in[m::GranteePrincipal].text();
    if (!other_id && !other) listed.push_back(g);
  }
  return page(call, listed, m::Grants, [&](const Grant& g) { return grant_value(key, g); });
}

Result<wire::Value> list_retirable_grants(Kms& kms, Call& call) {
  std::vector<wire::Value> listed;
  for (const KeyPtr& key : kms.keys(call.account, call.region)) {
    for (const Grant& g : key->grants) {
      if (g.retiring == call.in[m::RetiringPrincipal].text()) listed.push_back(grant_value(*key, g));
    }
  }
  return page(call, listed, m::Grants, [](const wire::Value& g) { return g; });
}

Result<wire::Value> revoke_grant(Kms& kms, Call& call) {
  return remove_grant(kms, key_of(call), call.in[m::GrantId].text());
}

Result<wire::Value> retire_grant(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  if (const auto& id = call.in[m::GrantId]) return remove_grant(kms, key, id.text());
  const auto it = std::ranges::find(key.grants, call.in[m::GrantToken].text(), &Grant::token);
  return remove_grant(kms, key, it == key.grants.end() ? "" : it->id);
}

}  // namespace gatehouse::service::kms

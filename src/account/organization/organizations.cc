#include "account/organization/organizations.h"

#include "base/log.h"

namespace gatehouse::account {
namespace {

constexpr int kTries = 16;
constexpr std::string_view kPrefix = "organization/";

// One partition an organization.
std::string partition(std::string_view id) { return std::string(kPrefix).append(id); }

std::unexpected<Error> concurrent() {
  return fail("ConcurrentModificationException",
              "The target of the operation is currently being modified by a different request. Try again "
              "later.");
}

bool is_conflict(const Error& error) { return error.code == store::kConflict; }

}  // namespace

const Placement* Standing::find(std::string_view account) const {
  const auto it = placements_.find(account);
  return it == placements_.end() ? nullptr : it->second.get();
}

Organizations::Organizations(store::Records& records, const Clock& clock)
    : records_(records), clock_(clock), members_(records, "organization-member") {
  standing_.store(std::make_shared<const Standing>());
}

Result<std::unique_ptr<Organizations>> Organizations::open(store::Records& records, const Clock& clock) {
  std::unique_ptr<Organizations> out(new Organizations(records, clock));
  CHECK_OK(out->load());
  return out;
}

Result<void> Organizations::load() {
  std::map<std::string, std::vector<store::Entry>> records;
  CHECK_OK(records_.visit(kPrefix, {},
                          [&](std::string_view key, std::string_view value, store::Revision revision) {
                            const std::string_view rest = key.substr(kPrefix.size());
                            records[std::string(rest.substr(0, rest.find('/')))].push_back(
                                {std::string(key), {std::string(value), revision}});
                            return true;
                          }));
  for (const auto& [id, entries] : records) {
    TRY(auto organization, read_organization(id, entries));
    if (!organization) continue;
    const auto kept = std::make_shared<const Organization>(std::move(*organization));
    publish(kept);
    CHECK_OK(fail_unfinished(*kept));
  }
  return {};
}

// A crash left them in the middle.
Result<void> Organizations::fail_unfinished(const Organization& organization) {
  using State = AccountRequest::State;
  std::vector<AccountRequest> unfinished;
  for (const auto& [id, request] : organization.requests) {
    if (request->state == State::in_progress) unfinished.push_back(*request);
  }
  if (unfinished.empty()) return {};
  return change(organization.id, [&](Organization& o) -> Result<void> {
    for (AccountRequest request : unfinished) {
      request.state = State::failed;
      request.failure = "INTERNAL_FAILURE";
      request.completed = clock_.now();
      o.set(std::move(request));
    }
    return {};
  });
}

std::shared_ptr<const Organization> Organizations::find(std::string_view id) const {
  const auto standing = standing_.load(std::memory_order_acquire);
  const auto it = standing->organizations_.find(id);
  return it == standing->organizations_.end() ? nullptr : it->second;
}

std::shared_ptr<const Organization> Organizations::of_account(std::string_view account) const {
  const auto now = standing();
  const Placement* placement = now ? now->find(account) : nullptr;
  return placement ? placement->organization : nullptr;
}

std::vector<std::shared_ptr<const Organization>> Organizations::all() const {
  std::vector<std::shared_ptr<const Organization>> out;
  const auto standing = standing_.load(std::memory_order_acquire);
  for (const auto& [id, organization] : standing->organizations_) out.push_back(organization);
  return out;
}

bool Organizations::is_suspended(std::string_view account) const {
  const auto now = standing();
  const Placement* placement = now ? now->find(account) : nullptr;
  return placement != nullptr && placement->node->suspended;
}

Result<void> Organizations::reserve(std::string_view account, std::string_view organization) {
  return members_.reserve(account, organization, [&](std::string_view owner) -> Result<bool> {
    TRY(const auto there, records_.get(record_prefix(owner).append("node/").append(account)));
    return there.has_value();
  });
}

Result<void> Organizations::create(Organization organization) {
  const std::string account = organization.management;
  if (of_account(account) != nullptr) return fail(std::string(store::kConflict), "", 409);
  CHECK_OK(reserve(account, organization.id));
  Organization nothing;
  TRY(organization.revision, records_.commit(partition(organization.id), difference(nothing, organization)));
  const auto kept = std::make_shared<const Organization>(std::move(organization));
  if (const auto held = members_.confirm(account, kept->id); !held) {
    CHECK_OK(remove(*kept));
    return std::unexpected(held.error());
  }
  publish(kept);
  return {};
}

Result<void> Organizations::change(std::string_view id,
                                   const std::function<Result<void>(Organization&)>& edit) {
  for (int i = 0; i < kTries; ++i) {
    const auto before = find(id);
    if (before == nullptr) {
      return fail("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
    }
    Organization after = *before;
    CHECK_OK(edit(after));
    auto revision = records_.commit(partition(id), difference(*before, after));
    if (revision) {
      after.revision = *revision;
      publish(std::make_shared<const Organization>(std::move(after)));
      return {};
    }
    if (!is_conflict(revision.error())) return std::unexpected(std::move(revision).error());
    CHECK_OK(reload(id));
  }
  return concurrent();
}

Result<void> Organizations::admit(std::string_view id, std::string_view account,
                                  const std::function<Result<void>(Organization&)>& edit) {
  if (of_account(account) != nullptr) return fail(std::string(store::kConflict), "", 409);
  CHECK_OK(reserve(account, id));
  CHECK_OK(change(id, edit));
  const auto held = members_.confirm(account, id);
  if (held) return {};
  CHECK_OK(change(id, [&](Organization& o) -> Result<void> {
    o.nodes.erase(std::string(account));
    return {};
  }));
  return held;
}

Result<void> Organizations::remove(const Organization& organization) {
  Organization nothing;
  nothing.id = organization.id;
  store::Batch batch = difference(organization, nothing);
  batch.puts.clear();
  batch.deletes.push_back(record_prefix(organization.id) + "head");
  CHECK_OK(records_.commit(partition(organization.id), std::move(batch)));
  withdraw(organization.id);
  return {};
}

// What another process, or a thread between its commit and its publish(), has made of it.
Result<void> Organizations::reload(std::string_view id) {
  std::vector<store::Entry> entries;
  CHECK_OK(records_.visit(record_prefix(id), {},
                          [&](std::string_view key, std::string_view value, store::Revision revision) {
                            entries.push_back({std::string(key), {std::string(value), revision}});
                            return true;
                          }));
  TRY(auto organization, read_organization(id, entries));
  if (organization) {
    publish(std::make_shared<const Organization>(std::move(*organization)));
  } else {
    withdraw(id);
  }
  return {};
}

void Organizations::publish(std::shared_ptr<const Organization> organization) {
  const std::lock_guard lock(publishing_);
  const auto before = standing_.load(std::memory_order_acquire);
  const auto was = before->organizations_.find(organization->id);
  const bool known = was != before->organizations_.end();
  if (withdrawn_.contains(organization->id) || (known && was->second->revision >= organization->revision))
    return;
  auto after = std::make_shared<Standing>(*before);
  if (known) {
    for (const OrganizationNode* account : was->second->accounts()) after->placements_.erase(account->id);
  }
  for (const OrganizationNode* account : organization->accounts()) {
    after->placements_[account->id] = place(organization, *account);
  }
  after->organizations_[organization->id] = std::move(organization);
  standing_.store(std::move(after), std::memory_order_release);
  any_.store(true, std::memory_order_release);
}

void Organizations::withdraw(std::string_view id) {
  const std::lock_guard lock(publishing_);
  withdrawn_.emplace(id);
  const auto before = standing_.load(std::memory_order_acquire);
  const auto was = before->organizations_.find(id);
  if (was == before->organizations_.end()) return;
  auto after = std::make_shared<Standing>(*before);
  for (const OrganizationNode* account : was->second->accounts()) after->placements_.erase(account->id);
  after->organizations_.erase(std::string(id));
  const bool any = !after->organizations_.empty();
  standing_.store(std::move(after), std::memory_order_release);
  any_.store(any, std::memory_order_release);
}

}  // namespace gatehouse::account

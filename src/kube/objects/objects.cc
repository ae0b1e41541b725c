#include "kube/objects/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "kube/objects/json_path.h"
#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

constexpr Version kBlock = 1000;   // versions reserved at once
constexpr size_t kHistory = 4096;  // changes a kind remembers for watchers

// etcd refuses larger ones; whoever writes them on a real cluster gets to know it there.
constexpr size_t kMaxText = 3 << 19;
constexpr std::string_view kDefinitions = "customresourcedefinitions.apiextensions.k8s.io";

// {"v":1,"object":{…}}: a record's form is versioned apart from the API's.
constexpr std::string_view kRecordStart = R"({"v":1,"object":)";

std::string record_of(const std::string& text) { return std::string(kRecordStart) + text + "}"; }

Version version_of(const json::object& object) {
  const auto text = text_at(object, {"metadata", "resourceVersion"});
  Version out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::shared_ptr<Stored> stored(json::object object) {
  auto out = std::make_shared<Stored>();
  out->ns = text_at(object, {"metadata", "namespace"});
  out->name = text_at(object, {"metadata", "name"});
  out->version = version_of(object);
  out->object = std::move(object);
  return out;
}

}  // namespace

std::string Objects::partition(const Kind& kind) const {
  return fmt::format("kube/{}/{}", hex_, kind.kept_as());
}

std::string Objects::key(const Kind& kind, std::string_view ns, std::string_view name) const {
  return fmt::format("kube/{}/{}/{}/{}", hex_, kind.kept_as(), ns, name);
}

Result<std::unique_ptr<Objects>> Objects::load(store::Records& records, std::string hex) {
  std::unique_ptr<Objects> out(new Objects(records, std::move(hex)));
  CHECK_OK(out->load_all());
  return out;
}

Result<void> Objects::load_all() {
  TRY(const auto reserved, records_.get(fmt::format("kube/{}/-/versions", hex_)));
  if (reserved) {
    TRY(const json::value parsed, json::parse(reserved->value));
    if (parsed.is_object())
      reserved_ = static_cast<Version>(json::int_or(parsed.get_object(), "reserved", 0));
    reserved_revision_ = reserved->revision;
  }
  next_ = reserved_ + 1;
  published_ = reserved_;
  for (const Kind* kind : kinds_->kept()) CHECK_OK(load_kind(*kind));
  learn_kinds();
  for (const Kind* kind : kinds_->custom()) CHECK_OK(load_kind(*kind));
  return {};
}

Result<void> Objects::load_kind(const Kind& kind) {
  Collection& collection = collections_[kind.kept_as()];
  collection.forgotten = published_;
  bool sound = true;
  CHECK_OK(records_.visit(
      partition(kind) + "/", "", [&](std::string_view, std::string_view value, store::Revision revision) {
        auto parsed = json::parse(value);
        const json::object* record = parsed ? parsed->if_object() : nullptr;
        const json::object* object = record != nullptr ? object_at(*record, {"object"}) : nullptr;
        sound = object != nullptr && json::int_or(*record, "v", 0) == 1;
        if (!sound) return false;
        auto item = stored(*object);
        item->revision = revision;
        item->text = json::dump(item->object);
        collection.items[{item->ns, item->name}] = std::move(item);
        return true;
      }));
  if (!sound)
    return fail("InternalError", fmt::format("a record of {} cannot be read", partition(kind)), 500);
  return {};
}

// Called with the lock held, or before anybody else has this.
void Objects::learn_kinds() {
  std::vector<const json::object*> definitions;
  for (const auto& [name, item] : collections_[std::string(kDefinitions)].items)
    definitions.push_back(&item->object);
  kinds_ = KindSet::with(definitions, *kinds_);
}

// Called with the lock held, once in a thousand writes; the commit under it is the price of versions that
// never return.
Result<void> Objects::reserve_versions() {
  const std::string name = fmt::format("kube/{}/-/versions", hex_);
  store::Batch batch;
  batch.puts.emplace_back(name, fmt::format(R"({{"v":1,"reserved":{}}})", reserved_ + kBlock));
  batch.preconditions.push_back({name, reserved_revision_});
  TRY(reserved_revision_, records_.commit(fmt::format("kube/{}/-", hex_), std::move(batch)));
  reserved_ += kBlock;
  return {};
}

StoredPtr Objects::find(const Kind& kind, std::string_view ns, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto collection = collections_.find(kind.kept_as());
  if (collection == collections_.end()) return nullptr;
  const auto it = collection->second.items.find(std::pair<std::string, std::string>(ns, name));
  return it == collection->second.items.end() ? nullptr : it->second;
}

Snapshot Objects::list(const Kind& kind, std::string_view ns) const {
  Snapshot out;
  const std::shared_lock lock(mutex_);
  out.version = published_;
  const auto collection = collections_.find(kind.kept_as());
  if (collection == collections_.end()) return out;
  const auto& items = collection->second.items;
  auto it = ns.empty() ? items.begin() : items.lower_bound(std::pair<std::string, std::string>(ns, ""));
  for (; it != items.end() && (ns.empty() || it->first.first == ns); ++it) out.items.push_back(it->second);
  return out;
}

Result<Snapshot> Objects::list_at(const Kind& kind, std::string_view ns, Version version) const {
  Snapshot out;
  out.version = version;
  std::map<std::pair<std::string, std::string>, StoredPtr> items;
  {
    const std::shared_lock lock(mutex_);
    if (version > published_) return fail(status::too_large_version(version, published_));
    const auto it = collections_.find(kind.kept_as());
    if (it == collections_.end()) return out;
    const Collection& collection = it->second;
    if (version < collection.forgotten)
      return fail(
          status::expired("The provided resource version is too old to display a consistent list result."));
    items = {collection.items.begin(), collection.items.end()};
    for (auto change = collection.history.rbegin();
         change != collection.history.rend() && change->version > version; ++change) {
      const std::pair name(change->after->ns, change->after->name);
      if (change->before == nullptr) {
        items.erase(name);
      } else {
        items[name] = change->before;
      }
    }
  }
  for (const auto& [name, item] : items)
    if (ns.empty() || name.first == ns) out.items.push_back(item);
  return out;
}

KindSetPtr Objects::kinds() const {
  const std::shared_lock lock(mutex_);
  return kinds_;
}

Version Objects::version() const {
  const std::shared_lock lock(mutex_);
  return published_;
}

Result<Version> Objects::begin(const Kind& kind, const Stored& object, const StoredPtr& before,
                               Change::Type type, std::unique_lock<std::shared_mutex>& lock) {
  const std::string name = key(kind, object.ns, object.name);
  turned_.wait(lock, [&] { return !writing_.contains(name); });
  const auto& items = collections_[kind.kept_as()].items;
  const auto it = items.find(std::pair(object.ns, object.name));
  if (type == Change::Type::added) {
    if (it != items.end()) return fail(status::already_exists(kind, object.name));
  } else if (it == items.end()) {
    return fail(status::not_found(kind, object.name));
  } else if (it->second != before) {
    return fail(status::conflict(kind, object.name));
  }
  if (next_ > reserved_) CHECK_OK(reserve_versions());
  writing_.insert(name);
  pending_.emplace(next_, Pending{kind.kept_as(), std::nullopt, false});
  return next_++;
}

Result<store::Revision> Objects::commit(const Kind& kind, Version version, Stored& after,
                                        const StoredPtr& before, Change::Type type) {
  // Whatever happens, the version that was begun must end, or everything behind it waits for ever.
  try {
    after.version = version;
    make_object(after.object, "metadata")["resourceVersion"] = std::to_string(version);
    after.text = json::dump(after.object);
    // The words and the status are etcd's, as kube-apiserver passes them on:
    // https://github.com/kubernetes/kubernetes/issues/112152
    if (after.text.size() > kMaxText && type != Change::Type::removed)
      return fail("", "etcdserver: request is too large", 500);
    const std::string name = key(kind, after.ns, after.name);
    store::Batch batch;
    if (type == Change::Type::removed) {
      batch.deletes.push_back(name);
    } else {
      batch.puts.emplace_back(name, record_of(after.text));
    }
    batch.preconditions.push_back({name, before == nullptr ? 0 : before->revision});
    return records_.commit(partition(kind), std::move(batch));
  } catch (const std::exception& e) {
    log::error("a Kubernetes object was not written", {{"cause", e.what()}});
    return internal_failure();
  }
}

Result<StoredPtr> Objects::write(const Kind& kind, std::shared_ptr<Stored> after, const StoredPtr& before,
                                 Change::Type type) {
  std::unique_lock lock(mutex_);
  TRY(const Version version, begin(kind, *after, before, type, lock));
  lock.unlock();

  const Result<store::Revision> committed = commit(kind, version, *after, before, type);
  if (committed) after->revision = *committed;

  lock.lock();
  Pending& pending = pending_.at(version);
  pending.done = true;
  if (committed) pending.change = Change{type, version, before, after};
  publish(lock);
  turned_.wait(lock, [&] { return !pending_.contains(version); });
  writing_.erase(key(kind, after->ns, after->name));
  turned_.notify_all();
  if (!committed)
    return committed.error().code == store::kConflict ? fail(status::conflict(kind, after->name))
                                                      : fail(committed.error());
  return after;
}

// Everything that is done and has nothing undone before it becomes visible, in order.
void Objects::publish(std::unique_lock<std::shared_mutex>& lock) {
  std::vector<std::function<void()>> wake;
  while (!pending_.empty() && pending_.begin()->second.done) {
    auto node = pending_.extract(pending_.begin());
    published_ = node.key();
    if (!node.mapped().change) continue;
    Collection& collection = collections_[node.mapped().collection];
    Change& change = *node.mapped().change;
    if (change.type == Change::Type::removed) {
      collection.items.erase(std::pair(change.after->ns, change.after->name));
    } else {
      collection.items[{change.after->ns, change.after->name}] = change.after;
    }
    if (node.mapped().collection == kDefinitions) learn_kinds();
    collection.history.push_back(std::move(change));
    if (collection.history.size() > kHistory) {
      collection.forgotten = collection.history.front().version;
      collection.history.pop_front();
      ++collection.first_index;
    }
    for (const auto& [id, watcher] : collection.watchers) wake.push_back(watcher);
  }
  turned_.notify_all();
  if (wake.empty()) return;
  lock.unlock();
  for (const auto& watcher : wake) watcher();
  lock.lock();
}

Result<StoredPtr> Objects::put(const Kind& kind, json::object object, const StoredPtr& before) {
  return write(kind, stored(std::move(object)), before,
               before == nullptr ? Change::Type::added : Change::Type::modified);
}

Result<StoredPtr> Objects::remove(const Kind& kind, const StoredPtr& before) {
  return write(kind, stored(before->object), before, Change::Type::removed);
}

Result<std::unique_ptr<Objects::Subscription>> Objects::subscribe(const Kind& kind, Version from,
                                                                  std::function<void()> wake) {
  const std::unique_lock lock(mutex_);
  Collection& collection = collections_[kind.kept_as()];
  if (from > published_) return fail(status::too_large_version(from, published_));
  if (from < collection.forgotten)
    return fail(
        status::expired(fmt::format("too old resource version: {} ({})", from, collection.forgotten)));
  const auto after = std::upper_bound(collection.history.begin(), collection.history.end(), from,
                                      [](Version v, const Change& change) { return v < change.version; });
  auto out = std::make_unique<Subscription>();
  out->owner_ = this;
  out->collection_ = kind.kept_as();
  out->next_ = collection.first_index + static_cast<std::uint64_t>(after - collection.history.begin());
  out->version_ = from;
  out->id_ = next_watcher_++;
  collection.watchers.emplace(out->id_, std::move(wake));
  return out;
}

Objects::Subscription::~Subscription() {
  if (owner_ == nullptr) return;
  const std::unique_lock lock(owner_->mutex_);
  owner_->collections_[collection_].watchers.erase(id_);
}

bool Objects::Subscription::take(std::vector<Change>& out, size_t limit) {
  const std::shared_lock lock(owner_->mutex_);
  const auto it = owner_->collections_.find(collection_);
  if (it == owner_->collections_.end()) return true;
  const Collection& collection = it->second;
  if (next_ < collection.first_index) return false;
  const size_t start = next_ - collection.first_index;
  const size_t end = std::min(collection.history.size(), start + limit);
  for (size_t i = start; i < end; ++i) out.push_back(collection.history[i]);
  next_ += end - start;
  // Nothing of this kind is left unseen, so it has seen all that was published.
  version_ = end == collection.history.size() ? std::max(version_, owner_->published_)
                                              : collection.history[end - 1].version;
  return true;
}

bool Objects::serves(const Kind& kind) const {
  const std::shared_lock lock(mutex_);
  return !cleared_ && kinds_->find(kind.group, kind.version, kind.plural) != nullptr;
}

Result<void> Objects::clear() {
  const KindSetPtr all = kinds();
  for (auto kind = all->kept().rbegin(); kind != all->kept().rend(); ++kind)
    for (const StoredPtr& item : list(**kind, "").items) CHECK_OK(remove(**kind, item));
  store::Batch batch;
  batch.deletes.push_back(fmt::format("kube/{}/-/versions", hex_));
  CHECK_OK(records_.commit(fmt::format("kube/{}/-", hex_), std::move(batch)));
  const std::unique_lock lock(mutex_);
  cleared_ = true;
  return {};
}

}  // namespace gatehouse::kube

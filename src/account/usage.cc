#include "account/usage.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kPrefix = "iam-usage/";
constexpr auto kBetweenWrites = std::chrono::seconds(10);
constexpr auto kResolution = std::chrono::seconds(1);  // a busy key is not noted more often

std::int64_t number_of(Time t) { return t.time_since_epoch().count(); }
Time time_at(const json::object& o, std::string_view name) {
  return Time(std::chrono::milliseconds(json::int_or(o, name, 0)));
}

std::string partition(std::string_view key) {
  return fmt::format("iam/{:02x}", as_bytes(sha256(key)).front() & 0x3f);
}

}  // namespace

std::string Usage::Used::to_record() const {
  json::object uses;
  for (const auto& [name, use] : services) {
    json::object actions;
    for (const auto& [action, time] : use.actions) actions[action] = number_of(time);
    uses[name] = json::object{{"time", number_of(use.time)},
                              {"region", use.region},
                              {"arn", use.arn},
                              {"actions", std::move(actions)}};
  }
  return json::dump(json::object{{"v", 1},
                                 {"time", number_of(last.time)},
                                 {"service", last.service},
                                 {"region", last.region},
                                 {"services", std::move(uses)}});
}

Usage::Usage(store::Records& records) : records_(records) {}

Result<std::unique_ptr<Usage>> Usage::open(store::Records& records) {
  std::unique_ptr<Usage> usage(new Usage(records));
  CHECK_OK(usage->load());
  usage->thread_ = std::thread([raw = usage.get()] { raw->run(); });
  return usage;
}

Usage::~Usage() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  flush();
}

Result<void> Usage::load() {
  return records_.visit(kPrefix, {}, [&](std::string_view key, std::string_view value, store::Revision) {
    const auto parsed = json::parse(value);
    const json::object* o = parsed ? parsed->if_object() : nullptr;
    if (o == nullptr) return true;  // what was used is not worth a server that does not start
    Used used;
    used.last = {time_at(*o, "time"), json::string_or(*o, "service", ""), json::string_or(*o, "region", "")};
    if (const json::value* services = o->if_contains("services"); services && services->is_object()) {
      for (const auto& [name, v] : services->get_object()) {
        const json::object* s = v.if_object();
        if (s == nullptr) continue;
        ServiceUse use{
            time_at(*s, "time"), json::string_or(*s, "region", ""), json::string_or(*s, "arn", ""), {}};
        if (const json::value* actions = s->if_contains("actions"); actions && actions->is_object()) {
          for (const auto& [action, _] : actions->get_object())
            use.actions[std::string(action)] = time_at(actions->get_object(), action);
        }
        used.services[std::string(name)] = std::move(use);
      }
    }
    const std::string_view id = key.substr(kPrefix.size());
    shard(id).used[std::string(id)] = std::move(used);
    return true;
  });
}

void Usage::note(const Caller& caller, std::string_view action, std::string_view region, Time now) {
  if (caller.anonymous() || caller.unique_id.empty()) return;
  if (!caller.session && !caller.access_key_id.empty())
    touch(caller.access_key_id, caller, action, region, now);
  touch(caller.unique_id, caller, action, region, now);
}

void Usage::touch(std::string_view id, const Caller& caller, std::string_view action, std::string_view region,
                  Time now) {
  const auto colon = action.find(':');
  const std::string_view service = action.substr(0, colon);
  Shard& s = shard(id);
  const std::lock_guard lock(s.mutex);
  auto it = s.used.find(id);
  if (it == s.used.end()) it = s.used.emplace(std::string(id), Used()).first;
  Used& used = it->second;
  if (used.last.service != service || now - used.last.time >= kResolution) {
    used.last = {now, std::string(service), std::string(region)};
    used.changed = true;
  }
  if (id == caller.access_key_id) return;
  auto& use = used.services.try_emplace(std::string(service)).first->second;
  const std::string_view name = colon == std::string_view::npos ? action : action.substr(colon + 1);
  const auto known = use.actions.find(name);
  if (known != use.actions.end() && now - known->second < kResolution) return;
  use.actions[std::string(name)] = use.time = now;
  use.region = region;
  use.arn = caller.arn;
  used.changed = true;
}

std::optional<LastUse> Usage::last(std::string_view id) const {
  const Shard& s = shard(id);
  const std::lock_guard lock(s.mutex);
  const auto it = s.used.find(id);
  return it == s.used.end() ? std::nullopt : std::optional(it->second.last);
}

std::map<std::string, ServiceUse> Usage::services(std::string_view unique_id) const {
  const Shard& s = shard(unique_id);
  const std::lock_guard lock(s.mutex);
  const auto it = s.used.find(unique_id);
  if (it == s.used.end()) return {};
  return {it->second.services.begin(), it->second.services.end()};
}

void Usage::flush() {
  for (Shard& s : shards_) {
    std::vector<std::pair<std::string, std::string>> changed;
    {
      const std::lock_guard lock(s.mutex);
      for (auto& [id, used] : s.used) {
        if (!used.changed) continue;
        used.changed = false;
        changed.emplace_back(fmt::format("{}{}", kPrefix, id), used.to_record());
      }
    }
    for (auto& [key, value] : changed) {
      store::Batch batch;
      batch.puts.emplace_back(key, std::move(value));
      if (auto written = records_.commit(partition(key), std::move(batch)); !written)
        log::warning("what was used could not be kept", {{"reason", written.error().message}});
    }
  }
}

void Usage::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (wake_.wait_for(lock, kBetweenWrites, [this] { return stopping_; })) return;
    lock.unlock();
    flush();
    lock.lock();
  }
}

}  // namespace gatehouse::account

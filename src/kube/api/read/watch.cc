#include "kube/api/read/watch.h"

#include <fmt/format.h>

#include "kube/objects/json_path.h"
#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kBookmarkEvery{60};
constexpr size_t kBatch = 64;  // changes a call to next() turns into text

std::string error_event(const Error& error) {
  return "{\"type\":\"ERROR\",\"object\":" + json::dump(status::render(error)) + "}\n";
}

// An object that a watch no longer selects leaves it as it was, at the version of the change.
StoredPtr departed(const Change& change) {
  auto out = std::make_shared<Stored>(*change.before);
  out->version = change.version;
  make_object(out->object, "metadata")["resourceVersion"] = std::to_string(change.version);
  out->text = json::dump(out->object);
  return out;
}

class Watch final : public wire::EventSource {
 public:
  Watch(WatchPlan plan, const Clock& clock, std::unique_ptr<Objects::Subscription> subscription,
        std::shared_ptr<Bell> bell)
      : plan_(std::move(plan)),
        clock_(clock),
        subscription_(std::move(subscription)),
        bell_(std::move(bell)),
        last_bookmark_(clock.now()) {}

  ~Watch() override { bell_->set(nullptr); }

  void on_ready(std::function<void()> wake) override { bell_->set(std::move(wake)); }

  State next(std::string& out) override {
    if (plan_.refused) {
      out += error_event(*plan_.refused);
      return State::end;
    }
    if (sent_initial_ < plan_.initial.size() || plan_.initial_end) {
      send_initial(out);
      return State::more;
    }
    const Time now = clock_.now();
    const size_t before = out.size();  // next() appends to what earlier calls gave
    std::vector<Change> changes;
    if (!subscription_->take(changes, kBatch)) {
      out += error_event(status::expired("too old resource version"));
      return State::end;
    }
    for (const Change& change : changes) send(change, now, out);
    if (now >= plan_.deadline) return State::end;
    if (plan_.bookmarks && now - last_bookmark_ >= kBookmarkEvery) bookmark(now, false, out);
    if (!changes.empty() || out.size() != before) return State::more;
    // Nothing more can come of a definition, or a cluster, that is gone.
    return subscription_->can_go_on(*plan_.kind) ? State::wait : State::end;
  }

 private:
  bool wanted(const StoredPtr& item) const {
    return item != nullptr && (plan_.ns.empty() || item->ns == plan_.ns) &&
           plan_.selector.matches(item->object);
  }

  // What a change is to this watch depends on whether the object was and is among those it selects.
  void send(const Change& change, Time now, std::string& out) {
    const bool was = change.type != Change::Type::added && wanted(change.before);
    const bool is = change.type != Change::Type::removed && wanted(change.after);
    if (!was && !is) return;
    const std::string_view type = was ? (is ? "MODIFIED" : "DELETED") : "ADDED";
    const bool leaves = was && !is && change.type == Change::Type::modified;
    out += present_event(*plan_.kind, plan_.view, type, leaves ? departed(change) : change.after, now,
                         std::exchange(first_, false));
  }

  void send_initial(std::string& out) {
    const Time now = clock_.now();
    for (size_t n = 0; n < kBatch && sent_initial_ < plan_.initial.size(); ++n, ++sent_initial_)
      out += present_event(*plan_.kind, plan_.view, "ADDED", plan_.initial[sent_initial_], now,
                           std::exchange(first_, false));
    if (sent_initial_ < plan_.initial.size()) return;
    if (std::exchange(plan_.initial_end, false)) bookmark(now, true, out);
    plan_.initial.clear();
    sent_initial_ = 0;
  }

  void bookmark(Time now, bool initial_end, std::string& out) {
    last_bookmark_ = now;
    json::object metadata{{"resourceVersion", std::to_string(subscription_->version())}};
    if (initial_end) metadata["annotations"] = json::object{{"k8s.io/initial-events-end", "true"}};
    out += json::dump(json::object{{"type", "BOOKMARK"},
                                   {"object", json::object{{"kind", plan_.kind->kind},
                                                           {"apiVersion", plan_.kind->group_version()},
                                                           {"metadata", std::move(metadata)}}}}) +
           "\n";
  }

  WatchPlan plan_;
  const Clock& clock_;
  std::unique_ptr<Objects::Subscription> subscription_;
  std::shared_ptr<Bell> bell_;
  Time last_bookmark_;
  size_t sent_initial_ = 0;
  bool first_ = true;
};

}  // namespace

void Bell::set(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void Bell::ring() {
  const std::lock_guard lock(mutex_);
  if (wake_) wake_();
}

WatchHub::WatchHub(const Clock&) : thread_([this] { run(); }) {}

WatchHub::~WatchHub() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void WatchHub::add(std::weak_ptr<Bell> bell) {
  const std::lock_guard lock(mutex_);
  bells_.push_back(std::move(bell));
}

void WatchHub::run() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kTick, [this] { return stopping_; })) {
    std::vector<std::shared_ptr<Bell>> live;
    std::erase_if(bells_, [&](const std::weak_ptr<Bell>& bell) {
      auto held = bell.lock();
      if (held == nullptr) return true;
      live.push_back(std::move(held));
      return false;
    });
    lock.unlock();
    for (const auto& bell : live) bell->ring();
    live.clear();
    lock.lock();
  }
}

std::unique_ptr<wire::EventSource> make_watch(WatchPlan plan, const Clock& clock,
                                              std::unique_ptr<Objects::Subscription> subscription,
                                              std::shared_ptr<Bell> bell) {
  return std::make_unique<Watch>(std::move(plan), clock, std::move(subscription), std::move(bell));
}

}  // namespace gatehouse::kube

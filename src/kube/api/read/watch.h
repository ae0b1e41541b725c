// Watches: changes as they happen, as lines of JSON, until the client or its timeout ends it.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "kube/clusters.h"
#include "kube/objects/present.h"
#include "kube/objects/selectors.h"
#include "wire/http.h"

namespace gatehouse::kube {

// What the watch and whoever wakes it share. The wake may outlive the watch.
class Bell {
 public:
  void set(std::function<void()> wake);
  void ring();

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
};

// Rings every watch now and then, so that it can send a bookmark or see that its time is over. One thread.
class WatchHub {
 public:
  explicit WatchHub(const Clock& clock);
  ~WatchHub();
  void add(std::weak_ptr<Bell> bell);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::vector<std::weak_ptr<Bell>> bells_;
  std::thread thread_;
};

struct WatchPlan {
  ClusterPtr cluster;
  KindSetPtr kinds{};  // holds `kind`
  const Kind* kind;
  View view;
  Selector selector;
  std::string ns;
  bool bookmarks = false;
  bool initial_end = false;  // mark the end of the initial events (sendInitialEvents)
  std::vector<StoredPtr> initial{};
  Time deadline;
  std::optional<Error> refused{};  // sent as an event, and nothing else
};

// `subscription` must have been made with a wake that rings `bell`.
std::unique_ptr<wire::EventSource> make_watch(WatchPlan plan, const Clock& clock,
                                              std::unique_ptr<Objects::Subscription> subscription,
                                              std::shared_ptr<Bell> bell);

}  // namespace gatehouse::kube

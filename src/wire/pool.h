// A bounded pool for what may block: synced commits, reads that miss the cache, large hashes, fetches of
// keys.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::wire {

class Pool {
 public:
  explicit Pool(unsigned threads);
  ~Pool();  // runs what is queued, then joins

  void post(std::function<void()> work);
  size_t waiting() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gatehouse::wire

// Group commit: writers that wait at the same time share one sync.
//
// A writer that has written (to the page cache) calls wait(), which returns when a sync that began after the
// call has ended. The first to come leads: it runs the sync on its own thread, outside the lock, while those
// who come meanwhile gather in the next round. So a lone writer pays one sync and no hand-over between
// threads, and sixty-four of them pay about two.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "base/error.h"

namespace gatehouse::store {

class GroupSync {
 public:
  explicit GroupSync(std::function<Result<void>()> sync) : sync_(std::move(sync)) {}

  // May be called from any thread. Everyone in a round gets that round's answer.
  Result<void> wait();

 private:
  struct Round {
    std::condition_variable changed;
    bool done = false;
    Result<void> answer;
  };

  std::function<Result<void>()> sync_;
  std::mutex mutex_;
  bool syncing_ = false;
  std::shared_ptr<Round> gathering_ = std::make_shared<Round>();
};

}  // namespace gatehouse::store

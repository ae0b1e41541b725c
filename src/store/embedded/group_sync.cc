#include "store/embedded/group_sync.h"

namespace gatehouse::store {

Result<void> GroupSync::wait() {
  std::unique_lock lock(mutex_);
  std::shared_ptr<Round> mine = gathering_;
  mine->changed.wait(lock, [&] { return mine->done || !syncing_; });
  if (mine->done) return mine->answer;

  // No sync runs and ours is not done, so ours is still gathering: lead it.
  syncing_ = true;
  gathering_ = std::make_shared<Round>();
  lock.unlock();
  Result<void> answer = sync_();
  lock.lock();
  syncing_ = false;
  mine->done = true;
  mine->answer = answer;
  gathering_->changed.notify_one();
  mine->changed.notify_all();
  return answer;
}

}  // namespace gatehouse::store

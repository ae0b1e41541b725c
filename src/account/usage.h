// Who used what and when: access keys, roles, and each principal's services.
//
// note() is for every call: it takes a shard's lock for a moment and touches no disk. One thread writes what
// changed every few seconds, and at the end; a crash loses that much. As in AWS the times are of attempts,
// refused ones too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "account/caller.h"
#include "base/error.h"
#include "store/store.h"

namespace gatehouse::account {

struct LastUse {
  Time time{};
  std::string service, region;  // "s3", "us-east-1"
};

// A principal's last use of one service, and of each of its actions.
struct ServiceUse {
  Time time{};
  std::string region, arn;  // of the caller: a session's, where a role was used
  std::map<std::string, Time, std::less<>> actions;
};

class Usage {
 public:
  static Result<std::unique_ptr<Usage>> open(store::Records& records);
  ~Usage();  // writes what is noted

  // `action` is "s3:GetObject".
  void note(const Caller& caller, std::string_view action, std::string_view region, Time now);

  // By access key id or by a principal's unique id.
  std::optional<LastUse> last(std::string_view id) const;
  std::map<std::string, ServiceUse> services(std::string_view unique_id) const;

  void flush();

 private:
  struct Used {
    LastUse last;
    std::map<std::string, ServiceUse, std::less<>> services;
    bool changed = false;
    std::string to_record() const;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Used, Hash, std::equal_to<>> used;
  };

  explicit Usage(store::Records& records);
  Result<void> load();
  void run();
  void touch(std::string_view id, const Caller& caller, std::string_view action, std::string_view region,
             Time now);
  Shard& shard(std::string_view id) const { return shards_[Hash{}(id) % shards_.size()]; }

  store::Records& records_;
  mutable std::array<Shard, 64> shards_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::account

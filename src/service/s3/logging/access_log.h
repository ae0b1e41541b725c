// The records of requests, from their ends until they are delivered.
//
// They wait in memory: AWS promises no record either ("best effort"), and a crash loses those of a minute.
// Safe for any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "service/s3/bucket/bucket.h"
#include "service/surroundings.h"

namespace gatehouse::service::s3 {

class AccessLog {
 public:
  enum class Due : std::uint8_t { all, by_time };
  struct Batch {
    BucketPtr source;  // as it was when the first record came
    Time first{};      // when that was
    std::string lines;
  };

  // Does nothing for a bucket without logging.
  void add(const BucketPtr& source, Time now, std::string_view line);
  // Those that have waited long enough, or are large; or all.
  std::vector<Batch> take(Due due, Time now);

 private:
  std::mutex mutex_;
  // By bucket and configuration, and by day where that is in the key.
  std::map<std::tuple<std::string, LoggingPtr, std::int64_t>, Batch> waiting_;
};

// One record of a call, by the head it was sent with, as AWS documents its fields, with the newline.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
struct Requested {
  std::string operation;  // "REST.GET.OBJECT"
  std::string key;        // empty: none
  std::string version;    // the one asked for
  std::int64_t object_size = -1;
};
std::string log_line(const Call& call, const wire::Head& sent, std::string_view owner, const Bucket& bucket,
                     const Requested& what, const Outcome& outcome);

// "REST.PUT.OBJECT" and so on, of a call's operation.
std::string logged_operation(const Call& call, const wire::Head& sent);

}  // namespace gatehouse::service::s3

// The trail: every call as a CloudTrail event, with the decisions taken for it and their reasons.
//
// record() never blocks on the disk and never loses an event while the process lives: events are queued and
// written in batches by one thread as JSON lines below DIRECTORY/trail, the oldest file dropped when the size
// bound is reached. A crash loses at most the last batch.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "account/caller.h"
#include "base/error.h"

namespace gatehouse::account {

// One decision of the gate, in words that outlive the policies.
struct DecisionRecord {
  std::string action, resource;
  policy::Outcome outcome = policy::Outcome::implicitly_denied;
  policy::Layer decided_by = policy::Layer::identity;
  std::string policy;  // name or ARN of the policy whose statement decided; empty if none
  int statement = -1;  // counted from 0
  std::string sid;
};

struct Event {
  Time time{};
  std::string event_id, request_id;
  std::string source;  // "s3.amazonaws.com"
  std::string name;    // "PutObject"
  std::string region, source_ip, user_agent;
  bool read_only = false;
  Caller caller;
  std::string kubernetes_user;  // instead of the caller, for calls of a cluster's API
  std::string error_code, error_message;
  std::vector<std::pair<std::string, std::string>>
      parameters;  // small text parameters; never secrets or bodies
  std::vector<DecisionRecord> decisions;
};

// CloudTrail's members, and "gatehouse" with the decisions.
std::string to_json_line(const Event& event);
void append_json_line(const Event& event, std::string& out);

class Trail {
 public:
  struct Options {
    std::string directory;
    std::uint64_t file_bytes = 64 << 20;
    unsigned files = 8;
  };
  static Result<std::unique_ptr<Trail>> open(Options options);
  ~Trail();  // writes what is queued

  const std::string& directory() const { return options_.directory; }
  void record(Event event);
  void flush();  // returns when everything recorded before is in the file

 private:
  explicit Trail(Options options);
  void run();
  void write(const std::vector<Event>& batch);

  Options options_;
  std::mutex mutex_;
  std::condition_variable wake_, written_;
  std::vector<Event> queue_;
  std::uint64_t recorded_ = 0, on_disk_ = 0;
  bool stopping_ = false;
  int file_ = -1;
  std::uint64_t file_size_ = 0;
  std::thread thread_;
};

// Reads the trail oldest first, and goes on where it stopped: for following it.
class TrailReader {
 public:
  explicit TrailReader(std::string directory) : directory_(std::move(directory)) {}
  // Until the end of what is written, or until `visit` returns false.
  void read(const std::function<bool(std::string_view line)>& visit);

 private:
  std::string directory_;
  std::string file_;  // the one read last, and how far
  std::uint64_t offset_ = 0;
};

// Oldest first. Stops when `visit` returns false.
Result<void> read_trail(const std::string& directory,
                        const std::function<bool(std::string_view line)>& visit);
// Newest first; one file in memory at a time.
Result<void> read_trail_backwards(const std::string& directory,
                                  const std::function<bool(std::string_view line)>& visit);

}  // namespace gatehouse::account

#include "account/trail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace gatehouse::account {
namespace {

namespace fs = std::filesystem;

// trail-00000001.jsonl, oldest first by name.
std::vector<fs::path> files_of(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("trail-") && name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

json::object identity_of(const Caller& caller) {
  json::object identity;
  switch (caller.type) {
    case policy::PrincipalType::root:
      identity["type"] = "Root";
      break;
    case policy::PrincipalType::user:
      identity["type"] = "IAMUser";
      break;
    case policy::PrincipalType::assumed_role:
      identity["type"] = "AssumedRole";
      break;
    case policy::PrincipalType::federated:
      identity["type"] = "WebIdentityUser";
      break;
    case policy::PrincipalType::service:
      identity["type"] = "AWSService";
      break;
    default:
      identity["type"] = "Unknown";
      return identity;
  }
  if (!caller.user_id.empty()) identity["principalId"] = caller.user_id;
  if (caller.type == policy::PrincipalType::federated) {
    identity["identityProvider"] = caller.arn;
    if (!caller.name.empty()) identity["userName"] = caller.name;
    return identity;
  }
  identity["arn"] = caller.arn;
  identity["accountId"] = caller.account;
  if (!caller.access_key_id.empty()) identity["accessKeyId"] = caller.access_key_id;
  if (caller.type == policy::PrincipalType::user) identity["userName"] = caller.name;
  if (caller.session) {
    const Session& s = *caller.session;
    json::object context{
        {"sessionIssuer", json::object{{"type", "Role"},
                                       {"principalId", s.role_id},
                                       {"arn", caller.role_arn},
                                       {"accountId", s.account},
                                       {"userName", s.role}}},
        {"attributes", json::object{{"creationDate", iso8601(s.issued)}, {"mfaAuthenticated", "false"}}}};
    if (!s.federated_provider.empty()) {
      context["webIdFederationData"] =
          json::object{{"federatedProvider", s.federated_provider}, {"attributes", json::object{}}};
    }
    if (!s.source_identity.empty()) context["sourceIdentity"] = s.source_identity;
    identity["sessionContext"] = std::move(context);
  }
  return identity;
}

bool write_all(int file, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(file, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

std::string to_json_line(const Event& e) {
  json::object out{{"eventVersion", "1.11"},
                   {"userIdentity", identity_of(e.caller)},
                   {"eventTime", iso8601(e.time)},
                   {"eventSource", e.source},
                   {"eventName", e.name},
                   {"awsRegion", e.region},
                   {"sourceIPAddress", e.source_ip},
                   {"userAgent", e.user_agent}};
  if (!e.kubernetes_user.empty()) {
    out["userIdentity"] = json::object{{"type", "KubernetesUser"}, {"principalId", e.kubernetes_user}};
  }
  if (!e.error_code.empty()) {
    out["errorCode"] = e.error_code;
    out["errorMessage"] = e.error_message;
  }
  json::object parameters;
  for (const auto& [name, value] : e.parameters) parameters[name] = value;
  out["requestParameters"] = std::move(parameters);
  out["requestID"] = e.request_id;
  out["eventID"] = e.event_id;
  out["readOnly"] = e.read_only;
  out["eventType"] = "AwsApiCall";
  out["recipientAccountId"] = e.caller.account;
  json::array resources;
  json::array decisions;
  for (const DecisionRecord& d : e.decisions) {
    if (d.resource != "*") resources.push_back(json::object{{"ARN", d.resource}});
    json::object decision{{"action", d.action},
                          {"resource", d.resource},
                          {"decision", policy::to_string(d.outcome)},
                          {"decidedBy", policy::to_string(d.decided_by)}};
    if (!d.policy.empty()) decision["policy"] = d.policy;
    if (d.statement >= 0) decision["statement"] = d.statement;
    if (!d.sid.empty()) decision["sid"] = d.sid;
    decisions.push_back(std::move(decision));
  }
  out["resources"] = std::move(resources);
  out["gatehouse"] = json::object{{"decisions", std::move(decisions)}};
  return json::dump(out) + "\n";
}

Trail::Trail(Options options) : options_(std::move(options)) {}

Result<std::unique_ptr<Trail>> Trail::open(Options options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error)
    return fail("InternalFailure", fmt::format("cannot make {}: {}", options.directory, error.message()),
                500);
  ::chmod(options.directory.c_str(), 0700);
  std::unique_ptr<Trail> trail(new Trail(std::move(options)));
  trail->thread_ = std::thread([t = trail.get()] { t->run(); });
  return trail;
}

Trail::~Trail() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (file_ >= 0) ::close(file_);
}

void Trail::record(Event event) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = queue_.empty();
    queue_.push_back(std::move(event));
    ++recorded_;
  }
  if (wake) wake_.notify_one();
}

void Trail::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = recorded_;
  wake_.notify_one();
  written_.wait(lock, [&] { return on_disk_ >= mine; });
}

void Trail::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    // A short wait gathers a batch: one write for many events.
    if (!stopping_) wake_.wait_for(lock, std::chrono::milliseconds(20), [&] { return stopping_; });
    std::vector<Event> batch;
    batch.swap(queue_);
    lock.unlock();
    write(batch);
    lock.lock();
    on_disk_ += batch.size();
    written_.notify_all();
  }
}

void Trail::write(const std::vector<Event>& batch) {
  std::string lines;
  for (const Event& event : batch) lines += to_json_line(event);
  if (file_ < 0 || file_size_ + lines.size() > options_.file_bytes) {
    std::vector<fs::path> files = files_of(options_.directory);
    unsigned number = 1;
    if (!files.empty()) number = static_cast<unsigned>(std::stoul(files.back().stem().string().substr(6)));
    if (file_ >= 0) {
      ::close(file_);
      ++number;
    }
    std::error_code ignored;
    while (files.size() >= options_.files) {
      fs::remove(files.front(), ignored);
      files.erase(files.begin());
    }
    const std::string path = fmt::format("{}/trail-{:08}.jsonl", options_.directory, number);
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat status{};
    file_size_ = file_ >= 0 && ::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
  if (file_ < 0 || !write_all(file_, lines)) {
    log::error("the trail cannot be written",
               {{"directory", options_.directory}, {"reason", std::strerror(errno)}});
    return;
  }
  file_size_ += lines.size();
}

Result<void> read_trail(const std::string& directory,
                        const std::function<bool(std::string_view line)>& visit) {
  for (const fs::path& path : files_of(directory)) {
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
      if (in.eof()) break;  // the last line is still being written
      if (!visit(line)) return {};
    }
  }
  return {};
}

}  // namespace gatehouse::account

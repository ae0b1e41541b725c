#include "account/trail/trail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
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

std::string_view type_of(const Caller& caller) {
  switch (caller.type) {
    case policy::PrincipalType::root:
      return "Root";
    case policy::PrincipalType::user:
      return "IAMUser";
    case policy::PrincipalType::assumed_role:
      return "AssumedRole";
    case policy::PrincipalType::federated_user:
      return "FederatedUser";
    case policy::PrincipalType::federated:
      return "WebIdentityUser";
    case policy::PrincipalType::service:
      return "AWSService";
    default:
      return "Unknown";
  }
}

// A member that is an object, made in the storage of the one it is a member of.
json::object& nested(json::object& in, std::string_view name) { return in[name].emplace_object(); }

void write_session(const Caller& caller, json::object& identity) {
  const Session& s = *caller.session;
  json::object& context = nested(identity, "sessionContext");
  if (s.kind != Session::Kind::user) {
    const bool role = s.kind == Session::Kind::role;
    json::object& issuer = nested(context, "sessionIssuer");
    issuer.emplace("type", role ? "Role" : s.user.empty() ? "Root" : "IAMUser");
    issuer.emplace("principalId", s.owner_id);
    issuer.emplace("arn", caller.role_arn);
    issuer.emplace("accountId", s.account);
    if (role || !s.user.empty()) issuer.emplace("userName", role ? s.role : s.user);
  }
  json::object& attributes = nested(context, "attributes");
  attributes.emplace("creationDate", iso8601(s.issued));
  attributes.emplace("mfaAuthenticated", s.second_factor == Time{} ? "false" : "true");
  if (!s.federated_provider.empty()) {
    json::object& federation = nested(context, "webIdFederationData");
    federation.emplace("federatedProvider", s.federated_provider);
    nested(federation, "attributes");
  }
  if (!s.source_identity.empty()) context.emplace("sourceIdentity", s.source_identity);
}

void write_identity(const Caller& caller, json::object& identity) {
  identity.emplace("type", type_of(caller));
  if (identity["type"] == "Unknown") return;
  if (!caller.user_id.empty()) identity.emplace("principalId", caller.user_id);
  if (caller.type == policy::PrincipalType::federated) {
    identity.emplace("identityProvider", caller.arn);
    if (!caller.name.empty()) identity.emplace("userName", caller.name);
    return;
  }
  identity.emplace("arn", caller.arn);
  identity.emplace("accountId", caller.account);
  if (!caller.access_key_id.empty()) identity.emplace("accessKeyId", caller.access_key_id);
  if (caller.type == policy::PrincipalType::user) identity.emplace("userName", caller.name);
  if (caller.session) write_session(caller, identity);
}

void write_decisions(const Event& e, json::object& out) {
  json::array& resources = out["resources"].emplace_array();
  for (const DecisionRecord& d : e.decisions) {
    if (d.resource != "*") resources.emplace_back(nullptr).emplace_object().emplace("ARN", d.resource);
  }
  json::array& decisions = nested(out, "gatehouse")["decisions"].emplace_array();
  for (const DecisionRecord& d : e.decisions) {
    json::object& decision = decisions.emplace_back(nullptr).emplace_object();
    decision.emplace("action", d.action);
    decision.emplace("resource", d.resource);
    decision.emplace("decision", policy::to_string(d.outcome));
    decision.emplace("decidedBy", policy::to_string(d.decided_by));
    if (!d.policy.empty()) decision.emplace("policy", d.policy);
    if (d.statement >= 0) decision.emplace("statement", d.statement);
    if (!d.sid.empty()) decision.emplace("sid", d.sid);
  }
}

void write_event(const Event& e, json::object& out) {
  out.reserve(20);
  out.emplace("eventVersion", "1.11");
  json::object& identity = nested(out, "userIdentity");
  if (e.kubernetes_user.empty()) {
    write_identity(e.caller, identity);
  } else {
    identity.emplace("type", "KubernetesUser");
    identity.emplace("principalId", e.kubernetes_user);
  }
  out.emplace("eventTime", iso8601(e.time));
  out.emplace("eventSource", e.source);
  out.emplace("eventName", e.name);
  out.emplace("awsRegion", e.region);
  out.emplace("sourceIPAddress", e.source_ip);
  out.emplace("userAgent", e.user_agent);
  if (!e.error_code.empty()) {
    out.emplace("errorCode", e.error_code);
    out.emplace("errorMessage", e.error_message);
  }
  json::object& parameters = nested(out, "requestParameters");
  for (const auto& [name, value] : e.parameters) parameters.insert_or_assign(name, value);
  out.emplace("requestID", e.request_id);
  out.emplace("eventID", e.event_id);
  out.emplace("readOnly", e.read_only);
  out.emplace("eventType", "AwsApiCall");
  out.emplace("recipientAccountId", e.caller.account);
  write_decisions(e, out);
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

// An event is written for every call, so its tree lives in one piece of memory that is let go at once.
void append_json_line(const Event& e, std::string& out) {
  std::array<unsigned char, 8192> first;
  boost::json::monotonic_resource memory(first.data(), first.size());
  json::object event(&memory);
  write_event(e, event);
  json::dump_to(event, out);
  out += '\n';
}

std::string to_json_line(const Event& e) {
  std::string out;
  append_json_line(e, out);
  return out;
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
  for (const Event& event : batch) append_json_line(event, lines);
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

void TrailReader::read(const std::function<bool(std::string_view line)>& visit) {
  for (const fs::path& path : files_of(directory_)) {
    if (path < file_) continue;
    if (path != file_) offset_ = 0;
    file_ = path;
    std::ifstream in(path);
    in.seekg(static_cast<std::streamoff>(offset_));
    std::string line;
    while (std::getline(in, line)) {
      if (in.eof()) break;  // the last line is still being written
      offset_ += line.size() + 1;
      if (!visit(line)) return;
    }
  }
}

Result<void> read_trail(const std::string& directory,
                        const std::function<bool(std::string_view line)>& visit) {
  TrailReader(directory).read(visit);
  return {};
}

Result<void> read_trail_backwards(const std::string& directory,
                                  const std::function<bool(std::string_view line)>& visit) {
  std::vector<fs::path> files = files_of(directory);
  std::reverse(files.begin(), files.end());
  for (const fs::path& path : files) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    std::string_view left = text;
    left = left.substr(0, left.rfind('\n') + 1);  // what follows is still being written
    while (!left.empty()) {
      left.remove_suffix(1);
      const size_t before = left.rfind('\n') + 1;  // npos + 1: the first line
      if (!visit(left.substr(before))) return {};
      left = left.substr(0, before);
    }
  }
  return {};
}

}  // namespace gatehouse::account

#include "service/s3/listing/walk.h"

namespace gatehouse::service::s3 {
namespace {

// One run of the records, from a key to the next common prefix, the page's end, or the bucket's.
class Run {
 public:
  Run(const Walk& how, size_t skip, Listed& out) : how_(how), skip_(skip), out_(out) {}

  enum class Outcome { ended, jump, failed };

  bool operator()(std::string_view record_key, std::string_view value, store::Revision revision) {
    const std::string_view key = record_key.substr(skip_);
    auto object = object_from_record(value, revision, With::header);
    if (!object) return stop(std::move(object).error());
    if (++scanned_ > kMostScanned) return truncate();
    if (object->marker && how_.markers == Markers::hidden) {
      hidden_ = key;
      return true;
    }
    if (out_.size() == how_.limit) return truncate();
    hidden_.clear();
    if (const auto group = rolled_up(key, how_); !group.empty()) {
      out_.common_prefixes.emplace_back(group);
      out_.last = group;
      jump_to_ = successor(group);
      return false;
    }
    out_.entries.push_back({std::string(key), std::move(*object)});
    out_.last = key;
    return true;
  }

  // Where to go on; empty: nowhere.
  std::string take_jump() { return std::exchange(jump_to_, {}); }
  Result<void> outcome() && { return std::move(outcome_); }

 private:
  bool stop(Error e) {
    outcome_ = std::unexpected(std::move(e));
    return false;
  }
  bool truncate() {
    out_.truncated = true;
    if (scanned_ > kMostScanned && !hidden_.empty()) out_.last = hidden_;
    return false;
  }

  const Walk& how_;
  size_t skip_;
  Listed& out_;
  size_t scanned_ = 0;
  std::string hidden_;  // the last key that was passed over
  std::string jump_to_;
  Result<void> outcome_;
};

}  // namespace

std::string successor(std::string_view text) {
  std::string out(text);
  while (!out.empty() && out.back() == '\xff') out.pop_back();
  if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

std::string_view rolled_up(std::string_view key, const Walk& how) {
  if (how.delimiter.empty() || !key.starts_with(how.prefix)) return {};
  const auto at = key.find(how.delimiter, how.prefix.size());
  return at == std::string_view::npos ? std::string_view() : key.substr(0, at + how.delimiter.size());
}

std::string first_key(const Walk& how) {
  if (how.after.empty()) return std::string(how.prefix);
  if (const auto group = rolled_up(how.after, how); !group.empty()) return successor(group);
  return std::string(how.after) + '\0';
}

Result<Listed> walk(const store::Records& records, const Bucket& bucket, const Walk& how) {
  Listed out;
  if (how.limit == 0) return out;
  const std::string base = bucket.prefix("object");
  const std::string prefix = base + std::string(how.prefix);
  Run run(how, base.size(), out);
  for (std::string from = first_key(how);;) {
    CHECK_OK(records.visit(prefix, base + from, std::ref(run)));
    from = run.take_jump();
    if (from.empty()) break;
  }
  CHECK_OK(std::move(run).outcome());
  return out;
}

}  // namespace gatehouse::service::s3

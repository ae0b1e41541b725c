// Carrying lifecycle rules out, beside the calls: a page of keys is read, and what is due is done to each,
// provided it is still what was read.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
#include <map>

#include "base/log.h"
#include "service/s3/bucket/names.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/listing/walk.h"
#include "service/s3/multipart/uploads.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::uint64_t kSmall = 128 * 1024;  // less than this stays in its class unless a rule says more

class Pass {
 public:
  Pass(S3& s3, const Bucket& bucket) : s3_(s3), bucket_(bucket), now_(s3.clock().now()) {}

  Result<size_t> run() {
    CHECK_OK(current_versions());
    if (bucket_.keeps_versions()) CHECK_OK(older_versions());
    CHECK_OK(uploads());
    return done_;
  }

 private:
  const std::vector<LifecycleRule>& rules() const { return bucket_.lifecycle->rules; }

  // What changed meanwhile is looked at again the next time.
  void count(const Result<bool>& outcome) {
    if (outcome && *outcome) ++done_;
    if (!outcome && outcome.error().status >= 500)
      log::warning("a lifecycle rule could not act",
                   {{"bucket", bucket_.name}, {"why", outcome.error().message}});
  }

  Result<void> current_versions() {
    Walk how;
    how.markers = Markers::shown;
    std::string after;
    while (true) {
      how.after = after;
      TRY(const auto page, walk(s3_.records(), bucket_, how));
      for (const auto& [key, object] : page.entries) {
        if (object.marker) {
          CHECK_OK(marker(key, object));
        } else {
          current(key, object);
        }
      }
      if (!page.truncated) return {};
      after = page.last;
    }
  }

  void current(const std::string& key, const Object& object) {
    const Expiry expiry = expiry_of(*bucket_.lifecycle, key, object);
    if (expiry.rule != nullptr && expiry.at <= now_) {
      count(expire_current(key, object));
      return;
    }
    for (const LifecycleRule& rule : rules()) {
      if (!rule.enabled || !rule.filter.takes(key, object)) continue;
      for (const Transition& t : rule.transitions) {
        const Time at = t.days >= 0 ? due(object.modified, t.days) : t.date;
        if (at <= now_) move(key, object, t, rule);
      }
    }
  }

  // Removes it, or hides it behind a delete marker, as DELETE without a version would.
  Result<bool> expire_current(const std::string& key, const Object& object) {
    const WriteGuard writing(bucket_);
    if (!writing) return false;
    const auto still = [&](const Object* now) -> Result<void> {
      if (now != nullptr && now->sequence == object.sequence) return {};
      return fail("Changed", "", 409);
    };
    CHECK_OK(s3_.index().remove(bucket_, key, still));
    return true;
  }

  // A marker that hides nothing goes: where a rule says so, or where it is as old as a rule expires.
  Result<void> marker(const std::string& key, const Object& object) {
    bool wanted = false;
    for (const LifecycleRule& rule : rules()) {
      if (!rule.enabled || !rule.filter.tags.empty()) continue;
      if (rule.filter.prefix && !key.starts_with(*rule.filter.prefix)) continue;
      const bool old = rule.expire_days > 0 ? due(object.modified, rule.expire_days) <= now_
                                            : rule.expire_date != Time{} && rule.expire_date <= now_;
      wanted = wanted || rule.expire_marker || old;
    }
    if (!wanted) return {};
    TRY(const auto older, s3_.records().scan(bucket_.prefix("version") + escaped(key), "", 1));
    if (older.empty()) count(remove_exactly(key, object));
    return {};
  }

  Result<bool> remove_exactly(const std::string& key, const Object& object) {
    const WriteGuard writing(bucket_);
    if (!writing) return false;
    return s3_.index().remove_exactly(bucket_, key, object);
  }

  // Older versions of a key follow each other, newest first; each stopped being current when the next newer
  // one was made.
  Result<void> older_versions() {
    const std::string prefix = bucket_.prefix("version");
    std::string key, from;
    Time since{};
    int newer = 0;
    while (true) {
      std::vector<std::pair<std::string, Object>> page;
      CHECK_OK(read_page(prefix, from, page));
      if (page.empty()) return {};
      from = page.back().first + '\0';
      for (const auto& [record, object] : page) {
        const auto name = unescaped(std::string_view(record).substr(prefix.size()));
        if (!name) continue;
        if (newer == 0 || name->key != key) {
          key = name->key;
          newer = 0;
          TRY(const auto now, s3_.index().current(bucket_, key));
          since = now ? now->modified : now_;
        }
        older(key, object, since, newer);
        since = object.modified;
        ++newer;
      }
    }
  }

  Result<void> read_page(const std::string& prefix, const std::string& from,
                         std::vector<std::pair<std::string, Object>>& page) {
    constexpr size_t kPage = 1000;
    Result<void> outcome;
    CHECK_OK(s3_.records().visit(
        prefix, from, [&](std::string_view record, std::string_view value, store::Revision revision) {
          auto object = object_from_record(value, revision, With::header);
          if (!object) {
            outcome = std::unexpected(object.error());
            return false;
          }
          page.emplace_back(record, std::move(*object));
          return page.size() < kPage;
        }));
    return outcome;
  }

  // `newer`: how many noncurrent versions are newer.
  void older(const std::string& key, const Object& object, Time since, int newer) {
    for (const LifecycleRule& rule : rules()) {
      if (!rule.enabled || !rule.filter.takes(key, object)) continue;
      const bool expired = rule.noncurrent_days > 0 && newer >= rule.noncurrent_kept &&
                           due(since, rule.noncurrent_days) <= now_;
      if (expired) {
        count(remove_exactly(key, object));
        return;
      }
      for (const Transition& t : rule.noncurrent_transitions) {
        if (!object.marker && newer >= t.kept && due(since, t.days) <= now_) move(key, object, t, rule);
      }
    }
  }

  // The class is a label. Objects only move to colder ones.
  void move(const std::string& key, const Object& object, const Transition& t, const LifecycleRule& rule) {
    static const std::map<std::string_view, int> colder = {
        {"STANDARD", 0},   {"REDUCED_REDUNDANCY", 0}, {"STANDARD_IA", 1}, {"INTELLIGENT_TIERING", 2},
        {"ONEZONE_IA", 3}, {"GLACIER_IR", 4},         {"GLACIER", 5},     {"DEEP_ARCHIVE", 6}};
    const auto from = colder.find(object.storage_class);
    if (from == colder.end() || from->second >= colder.at(t.storage_class)) return;
    const bool sized = rule.filter.larger || rule.filter.smaller;
    if (object.size < kSmall && !sized && !bucket_.lifecycle->small_objects_move) return;
    count(relabel(key, object, t.storage_class));
  }

  Result<bool> relabel(const std::string& key, const Object& object, const std::string& storage_class) {
    const WriteGuard writing(bucket_);
    if (!writing) return false;
    TRY(const auto whole, s3_.index().version(bucket_, key, object.version_or_null()));
    if (whole == nullptr || whole->sequence != object.sequence) return false;
    CHECK_OK(s3_.index().annotate(bucket_, key, *whole,
                                  [&](Object& next) { next.storage_class = storage_class; }));
    return true;
  }

  Result<void> uploads() {
    const std::string prefix = bucket_.prefix("upload");
    TRY(const auto entries, s3_.records().scan(prefix, "", SIZE_MAX));
    for (const auto& entry : entries) {
      const auto name = unescaped(std::string_view(entry.key).substr(prefix.size()));
      if (!name) continue;
      TRY(auto upload, object_from_record(entry.record.value, entry.record.revision));
      const Expiry expiry = abort_of(*bucket_.lifecycle, name->key, upload);
      if (expiry.rule == nullptr || expiry.at > now_) continue;
      const auto removed =
          abort_upload(s3_, bucket_, name->key, {std::string(name->rest), std::move(upload)});
      count(removed ? Result<bool>(true) : Result<bool>(std::unexpected(removed.error())));
    }
    return {};
  }

  S3& s3_;
  const Bucket& bucket_;
  Time now_;
  size_t done_ = 0;
};

}  // namespace

Result<size_t> apply_lifecycles(S3& s3) {
  size_t done = 0;
  for (const BucketPtr& bucket : s3.buckets().list()) {
    if (bucket->lifecycle == nullptr) continue;
    TRY(const size_t some, Pass(s3, *bucket).run());
    done += some;
  }
  if (done > 0) log::info("lifecycle rules were carried out", {{"versions", std::to_string(done)}});
  return done;
}

}  // namespace gatehouse::service::s3

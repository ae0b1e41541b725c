// A bucket's lifecycle rules: read, kept, shown, and asked what becomes of a thing when.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/caller.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "service/s3/object/object.h"
#include "wire/value.h"

namespace gatehouse::service::s3 {

struct LifecycleFilter {
  // How it was written, so that it is shown the same way.
  enum class Form : std::uint8_t { old_prefix, empty, prefix, tag, larger, smaller, all };
  Form form = Form::empty;
  std::optional<std::string> prefix;
  std::vector<account::Tag> tags;
  std::optional<std::int64_t> larger, smaller;  // than so many bytes

  bool takes(std::string_view key, const Object& object) const;
};

struct Transition {
  int days = -1;  // -1: by date
  Time date{};
  int kept = 0;  // NewerNoncurrentVersions
  std::string storage_class;
};

struct LifecycleRule {
  std::string id;
  bool enabled = false;
  LifecycleFilter filter;
  int expire_days = 0;
  Time expire_date{};  // the epoch: none
  bool expire_marker = false;
  int noncurrent_days = 0, noncurrent_kept = 0;
  int abort_days = 0;
  std::vector<Transition> transitions, noncurrent_transitions;

  bool expires() const { return expire_days > 0 || expire_date != Time{}; }
};

struct Lifecycle {
  std::vector<LifecycleRule> rules;
  bool small_objects_move = false;  // varies_by_storage_class: less than 128 KiB too
};

using LifecyclePtr = std::shared_ptr<const Lifecycle>;

// MalformedXML, InvalidArgument or InvalidRequest, in S3's words. A rule without an id gets one.
Result<Lifecycle> read_lifecycle(const wire::Value& configuration, Random& random);
wire::Value lifecycle_value(const Lifecycle& lifecycle);
json::value lifecycle_to_json(const Lifecycle& lifecycle);
Lifecycle lifecycle_from_json(const json::value& v);

// S3 counts whole days, and acts at the midnight (UTC) that follows.
Time due(Time from, int days);

// When and by which rule the current version of a key will expire; the earliest.
struct Expiry {
  Time at{};
  const LifecycleRule* rule = nullptr;
};
Expiry expiry_of(const Lifecycle& lifecycle, std::string_view key, const Object& object);
// The same for an upload under way.
Expiry abort_of(const Lifecycle& lifecycle, std::string_view key, const Object& upload);

}  // namespace gatehouse::service::s3

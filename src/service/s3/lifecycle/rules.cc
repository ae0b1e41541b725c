#include "service/s3/lifecycle/rules.h"

#include <algorithm>

namespace gatehouse::service::s3 {

bool LifecycleFilter::takes(std::string_view key, const Object& object) const {
  if (prefix && !key.starts_with(*prefix)) return false;
  const auto size = static_cast<std::int64_t>(object.size);
  if ((larger && size <= *larger) || (smaller && size >= *smaller)) return false;
  return std::ranges::all_of(tags, [&](const account::Tag& tag) {
    return std::ranges::find(object.tags, tag) != object.tags.end();
  });
}

Time due(Time from, int days) {
  using Days = std::chrono::days;
  return Time(std::chrono::floor<Days>(from + Days(days)) + Days(1));
}

Expiry expiry_of(const Lifecycle& lifecycle, std::string_view key, const Object& object) {
  Expiry first;
  for (const LifecycleRule& rule : lifecycle.rules) {
    if (!rule.enabled || !rule.expires() || !rule.filter.takes(key, object)) continue;
    const Time at = rule.expire_days > 0 ? due(object.modified, rule.expire_days) : rule.expire_date;
    if (first.rule == nullptr || at < first.at) first = {at, &rule};
  }
  return first;
}

Expiry abort_of(const Lifecycle& lifecycle, std::string_view key, const Object& upload) {
  Expiry first;
  for (const LifecycleRule& rule : lifecycle.rules) {
    if (!rule.enabled || rule.abort_days == 0) continue;
    if (rule.filter.prefix && !key.starts_with(*rule.filter.prefix)) continue;
    const Time at = due(upload.modified, rule.abort_days);
    if (first.rule == nullptr || at < first.at) first = {at, &rule};
  }
  return first;
}

}  // namespace gatehouse::service::s3

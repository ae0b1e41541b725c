// Conditional requests and ranges.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html, RFC 9110 section 13
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "service/s3/object/index.h"
#include "wire/value.h"

namespace gatehouse::service::s3 {

// The four headers of a read, or their x-amz-copy-source- forms.
struct ReadConditions {
  wire::Value if_match, if_none_match, if_modified_since, if_unmodified_since;
};
ReadConditions read_conditions(const wire::Value& in);
ReadConditions copy_conditions(const wire::Value& in);

enum class Fresh : std::uint8_t { send, not_modified };
// PreconditionFailed, or whether there is anything new to send. `now`: dates in the future do not count.
Result<Fresh> check(const ReadConditions& conditions, const Object& object, Time now);

// If-None-Match: * and If-Match of a write. Empty where neither was sent.
Result<Condition> write_condition(const wire::Value& in, std::string_view key);
// If-Match of a deletion: an entity tag, or * for whatever is there. Empty where none was sent.
Condition delete_condition(const wire::Value& sent, std::string_view key);

struct Range {
  std::uint64_t first = 0, last = 0;  // both included
  std::uint64_t size() const { return last - first + 1; }
};
// nullopt: the whole object (no header, several ranges, or a header that is no range). InvalidRange where
// nothing of it is there.
Result<std::optional<Range>> read_range(std::string_view header, std::uint64_t size);

}  // namespace gatehouse::service::s3

// arn:partition:service:region:account:resource
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

// Views into the text it was parsed from. The resource keeps any further colons.
struct Arn {
  std::string_view partition, service, region, account, resource;

  // nullopt unless there are six colon-separated parts that begin with "arn".
  static std::optional<Arn> parse(std::string_view text);
};

// Whether `text` is twelve digits.
bool is_account_id(std::string_view text);

}  // namespace gatehouse

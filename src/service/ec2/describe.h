// What all Describe operations do alike: ids, filters, pages, dry runs.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/ec2.h"
#include "service/call.h"

namespace gatehouse::service::ec2 {

namespace m = model::ec2;

// One resource: how filters see it, and how it is shown.
struct Described {
  std::string id;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  wire::Value value;
};

struct Kind {
  wire::Member list;                          // where the answer has them
  wire::Member ids;                           // where the request names them; id 0: it cannot
  std::string_view ids_name;                  // as the message calls it: "vpcIds"
  std::string_view not_found_code;            // "InvalidVpcID.NotFound"
  std::string_view not_found_noun;            // "vpc ID"
  std::span<const std::string_view> filters;  // every filter that it has, beside tag:KEY, tag-key, tag-value
};

Result<wire::Value> describe(const Call& call, const Kind& kind, std::vector<Described> all);

// "*" and "?" as in a filter's value; '\' takes their meaning away.
bool matches_filter(std::string_view pattern, std::string_view text);

// DryRunOperation where the call only asks whether it may.
Result<void> check_dry_run(const Call& call);

}  // namespace gatehouse::service::ec2

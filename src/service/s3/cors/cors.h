// Cross-origin resource sharing: which pages a browser lets at a bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
//
// It opens nothing by itself: whoever asks is authorised as ever, and the browser reads in the headers
// whether the page may see the answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "wire/http.h"

namespace gatehouse::service::s3 {

struct CorsRule {
  std::string id;
  std::vector<std::string> origins, methods, headers, exposed;
  std::optional<std::int64_t> max_age;
  std::vector<std::string> lower_headers;  // what is compared; prepare() makes it
};
using Cors = std::vector<CorsRule>;
using CorsPtr = std::shared_ptr<const Cors>;

// To be called once a rule is read: requests do not pay for it.
void prepare(CorsRule& rule);

json::array cors_to_json(const Cors& cors);
Cors cors_from_json(const json::array& rules);

// What a browser asks for: of a preflight, or of a request that says where it comes from.
struct CorsQuestion {
  std::string_view origin, method;
  std::vector<std::string> headers;  // Access-Control-Request-Headers, in lower case
};
// Nullopt: the request says no origin.
std::optional<CorsQuestion> cors_question(const wire::Head& head);

// The first rule that allows it; null where none does.
const CorsRule* find_rule(const Cors& cors, const CorsQuestion& question);

// Access-Control-Allow-Origin and the others, and Vary.
void add_cors_headers(const CorsRule& rule, const CorsQuestion& question, wire::Headers& headers);

}  // namespace gatehouse::service::s3

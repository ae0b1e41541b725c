#include "service/s3/cors/cors.h"

#include <gtest/gtest.h>

namespace gatehouse::service::s3 {
namespace {

// Of a stored configuration too: its names stay as they were put, and are compared without case.
TEST(Cors, ComparesHeadersWithoutCaseOnceLoaded) {
  CorsRule rule;
  rule.origins = {"*"};
  rule.methods = {"GET"};
  rule.headers = {"X-AMZ-*", "Content-Type"};
  const Cors loaded = cors_from_json(cors_to_json({rule}));
  EXPECT_EQ(loaded.at(0).headers, rule.headers);
  EXPECT_NE(find_rule(loaded, {"http://a", "GET", {"x-amz-acl", "content-type"}}), nullptr);
  EXPECT_EQ(find_rule(loaded, {"http://a", "GET", {"x-am", "content-type"}}), nullptr);
}

}  // namespace
}  // namespace gatehouse::service::s3

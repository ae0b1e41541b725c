#include "service/pipeline/address.h"

#include <gtest/gtest.h>

namespace gatehouse::service {
namespace {

struct Row {
  const char *host, *target, *service, *region, *path;
};

// https://docs.aws.amazon.com/general/latest/gr/rande.html and
// .../AmazonS3/latest/userguide/VirtualHosting.html
constexpr Row kRows[] = {
    {"127.0.0.1:4566", "/b/k", "", "", "/b/k"},
    {"localhost:4566", "/", "", "", "/"},
    {"sts.amazonaws.com", "/", "sts", "us-east-1", "/"},
    {"sts.eu-west-1.amazonaws.com:443", "/", "sts", "eu-west-1", "/"},
    {"iam.amazonaws.com", "/", "iam", "us-east-1", "/"},
    {"ec2.us-west-2.amazonaws.com", "/", "ec2", "us-west-2", "/"},
    {"eks.us-west-2.api.aws", "/clusters", "eks", "us-west-2", "/clusters"},
    {"s3.amazonaws.com", "/b/k", "s3", "", "/b/k"},
    {"s3.us-west-2.amazonaws.com", "/b/k", "s3", "us-west-2", "/b/k"},
    {"s3-us-west-2.amazonaws.com", "/b/k", "s3", "us-west-2", "/b/k"},
    {"b.s3.amazonaws.com", "/k%20x", "s3", "", "/b/k%20x"},
    {"my.dotted.bucket.s3.us-west-2.amazonaws.com", "/k", "s3", "us-west-2", "/my.dotted.bucket/k"},
    {"b.s3.dualstack.us-west-2.amazonaws.com", "/k", "s3", "us-west-2", "/b/k"},
    {"B.S3.us-west-2.AmazonAWS.com", "/k", "s3", "us-west-2", "/b/k"},
    {"b.s3.localhost:4566", "/k", "s3", "", "/b/k"},
    {"s3.localhost:4566", "/b/k", "s3", "", "/b/k"},
    {"123456789012.s3-control.amazonaws.com", "/v20180820/x", "s3control", "", "/v20180820/x"},
    {"123456789012.s3-control.us-west-2.amazonaws.com", "/v20180820/x", "s3control", "us-west-2",
     "/v20180820/x"},
    {"123456789012.s3-control.dualstack.us-west-2.amazonaws.com", "/v20180820/x", "s3control", "us-west-2",
     "/v20180820/x"},
    {"amazonaws.com.evil.example", "/", "", "", "/"},
};

TEST(Address, IsToldByTheHostName) {
  for (const Row& row : kRows) {
    wire::Head head;
    head.target = row.target;
    head.headers.add("host", row.host);
    const Address address = address_of(head);
    EXPECT_EQ(address.service, row.service) << row.host;
    EXPECT_EQ(address.region, row.region) << row.host;
    EXPECT_EQ(address.path, row.path) << row.host;
    EXPECT_FALSE(address.issuer) << row.host;
  }
}

// Without a name of its own S3 Control is told by a header that nobody else sends.
TEST(Address, S3ControlIsToldByItsHeader) {
  wire::Head head;
  head.target = "/v20180820/configuration/publicAccessBlock";
  head.headers.add("host", "127.0.0.1:4566");
  EXPECT_EQ(address_of(head).service, "");
  head.headers.add("x-amz-account-id", "123456789012");
  EXPECT_EQ(address_of(head).service, "s3control");
  head.target = "/bucket/v20180820/";
  EXPECT_EQ(address_of(head).service, "");
}

TEST(Address, TheProxysTargetComesBeforeTheHostHeader) {
  wire::Head head;
  head.target = "/";
  head.headers.add("host", "127.0.0.1:4566");
  head.proxied_host = "sts.us-east-2.amazonaws.com:443";
  EXPECT_EQ(address_of(head).service, "sts");
  EXPECT_EQ(address_of(head).region, "us-east-2");
}

TEST(Address, AnIssuerIsNoService) {
  wire::Head head;
  head.target = "/id/AB/keys";
  head.proxied_host = "oidc.eks.us-west-2.amazonaws.com";
  EXPECT_TRUE(address_of(head).issuer);
}

TEST(Address, TheProxyEndsOnlyAmazonsNames) {
  for (const char* host :
       {"sts.us-east-1.amazonaws.com:443", "b.s3.amazonaws.com", "eks.us-west-2.api.aws:443"}) {
    EXPECT_TRUE(is_amazon_host(host)) << host;
  }
  for (const char* host : {"example.com:443", "amazonaws.com.example.com:443", "evilamazonaws.com",
                           "127.0.0.1:22", "localhost"}) {
    EXPECT_FALSE(is_amazon_host(host)) << host;
  }
}

}  // namespace
}  // namespace gatehouse::service

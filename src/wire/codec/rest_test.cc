#include <gtest/gtest.h>

#include "model/eks.h"
#include "model/s3.h"
#include "wire/codec.h"

namespace gatehouse::wire {
namespace {

const ServiceModel& s3() { return *find_service("s3"); }
const ServiceModel& eks() { return *find_service("eks"); }

using Fields = std::vector<std::pair<std::string, std::string>>;

Head head(std::string method, std::string target, Fields headers = {}) {
  Head out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.headers.fields = std::move(headers);
  return out;
}

Result<Routed> route(const ServiceModel& service, std::string method, std::string target,
                     Fields headers = {}) {
  const Head h = head(std::move(method), std::move(target), std::move(headers));
  return route_rest(service, h, h.path());
}

std::string name(const Result<Routed>& routed) {
  return routed ? std::string(routed->operation->name) : routed.error().code;
}

Result<Value> read(const ServiceModel& service, const Head& h, std::string_view body) {
  TRY(auto routed, route_rest(service, h, h.path()));
  CHECK_OK(read_rest_body(service, h, routed, body));
  return routed.input;
}

std::string text(const Response& response) { return std::get<std::string>(response.body); }

TEST(S3Routes, TakesTheMostSpecificOperation) {
  const Fields copy = {{"x-amz-copy-source", "/a/b"}};
  EXPECT_EQ(name(route(s3(), "GET", "/")), "ListBuckets");
  EXPECT_EQ(name(route(s3(), "GET", "/b")), "ListObjects");
  EXPECT_EQ(name(route(s3(), "GET", "/b/?list-type=2&prefix=x")), "ListObjectsV2");
  EXPECT_EQ(name(route(s3(), "GET", "/b?list-type=1")), "ListObjects");
  EXPECT_EQ(name(route(s3(), "GET", "/b?uploads")), "ListMultipartUploads");
  EXPECT_EQ(name(route(s3(), "GET", "/b/?location")), "GetBucketLocation");
  EXPECT_EQ(name(route(s3(), "GET", "/b/k?x-id=GetObject")), "GetObject");
  EXPECT_EQ(name(route(s3(), "GET", "/b/k?uploadId=u")), "ListParts");
  EXPECT_EQ(name(route(s3(), "PUT", "/b")), "CreateBucket");
  EXPECT_EQ(name(route(s3(), "PUT", "/b/k/l")), "PutObject");
  EXPECT_EQ(name(route(s3(), "PUT", "/b/k", copy)), "CopyObject");
  EXPECT_EQ(name(route(s3(), "PUT", "/b/k?partNumber=1&uploadId=u")), "UploadPart");
  EXPECT_EQ(name(route(s3(), "PUT", "/b/k?partNumber=1&uploadId=u", copy)), "UploadPartCopy");
  EXPECT_EQ(name(route(s3(), "PUT", "/b/k?tagging")), "PutObjectTagging");
  EXPECT_EQ(name(route(s3(), "POST", "/b/k?uploads")), "CreateMultipartUpload");
  EXPECT_EQ(name(route(s3(), "POST", "/b/k?uploadId=u")), "CompleteMultipartUpload");
  EXPECT_EQ(name(route(s3(), "DELETE", "/b/k?uploadId=u")), "AbortMultipartUpload");
  EXPECT_EQ(name(route(s3(), "DELETE", "/b/k?versionId=v")), "DeleteObject");
  EXPECT_EQ(name(route(s3(), "POST", "/b?delete")), "DeleteObjects");
  EXPECT_EQ(name(route(s3(), "HEAD", "/b")), "HeadBucket");
  EXPECT_EQ(name(route(s3(), "HEAD", "/b/k")), "HeadObject");
  EXPECT_EQ(name(route(s3(), "GET", "/b?analytics&id=i")), "GetBucketAnalyticsConfiguration");
  EXPECT_EQ(name(route(s3(), "GET", "/b?analytics")), "ListBucketAnalyticsConfigurations");
}

// What lacks its required parameter must not become the plain operation of the same path.
TEST(S3Routes, NeverTakesASubresourceForItsBucket) {
  auto routed = route(s3(), "PUT", "/b?analytics");
  ASSERT_EQ(name(routed), "PutBucketAnalyticsConfiguration");
  EXPECT_EQ(validate(s3(), *routed->operation, routed->input).error().code, "InvalidArgument");
}

TEST(S3Routes, RefusesWhatNoOperationHas) {
  EXPECT_EQ(name(route(s3(), "POST", "/b/k")), "MethodNotAllowed");
  EXPECT_EQ(name(route(s3(), "PATCH", "/b/k")), "MethodNotAllowed");
  EXPECT_EQ(name(route(s3(), "PUT", "/")), "MethodNotAllowed");
  EXPECT_EQ(route(s3(), "PATCH", "/b").error().status, 405);
  EXPECT_EQ(name(route(s3(), "GET", "/b/%zz")), "InvalidURI");
  EXPECT_EQ(name(route(s3(), "GET", "/b/%ff%fe")), "InvalidURI");
  EXPECT_EQ(name(route(s3(), "GET", "/b?prefix=%")), "InvalidURI");
}

TEST(S3Read, TakesMembersFromPathQueryAndHeaders) {
  namespace m = model::s3;
  auto routed = route(s3(), "PUT", "/b/a%2Fb//c%20%2B+/?x-id=PutObject",
                      {{"x-amz-meta-one", "1"},
                       {"x-amz-meta-two", "2"},
                       {"x-amz-meta-one", "3"},
                       {"content-length", "12"},
                       {"expires", "soon"},
                       {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00.000Z"},
                       {"x-amz-server-side-encryption-bucket-key-enabled", "true"}});
  ASSERT_TRUE(routed);
  const Value& in = routed->input;
  EXPECT_TRUE(routed->streams);
  EXPECT_EQ(in[m::Bucket].text(), "b");
  EXPECT_EQ(in[m::Key].text(), "a/b//c ++/");
  EXPECT_EQ(in[m::Metadata].at_key("one").text(), "1,3");
  EXPECT_EQ(in[m::Metadata].at_key("two").text(), "2");
  EXPECT_EQ(in[m::ContentLength], Value(12));
  EXPECT_EQ(in[m::BucketKeyEnabled], Value(true));
  EXPECT_EQ(in[m::Expires].text(), "soon");  // S3 keeps it as it came
  EXPECT_EQ(in[m::ObjectLockRetainUntilDate].time(), Time(std::chrono::seconds(1'893'456'000)));

  auto listed = route(s3(), "GET", "/b?list-type=2&max-keys=7&prefix=a%2Fb+c");
  EXPECT_EQ(listed->input[m::MaxKeys], Value(7));
  EXPECT_EQ(listed->input[m::Prefix].text(), "a/b c");
}

TEST(S3Read, RefusesAParameterOfAnotherType) {
  auto routed = route(s3(), "GET", "/b?list-type=2&max-keys=ten");
  EXPECT_EQ(routed.error().code, "InvalidArgument");
  EXPECT_EQ(routed.error().message, "Provided max-keys not an integer or within integer range");
  // A condition that cannot be read is none.
  EXPECT_EQ(name(route(s3(), "GET", "/b/k", {{"if-modified-since", "yesterday"}})), "GetObject");
}

TEST(S3Read, ReadsXmlBodies) {
  namespace m = model::s3;
  auto in =
      read(s3(), head("POST", "/b?delete"),
           "<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
           "<Object><Key>a &amp; b</Key></Object><Quiet>true</Quiet><Object><Key> </Key></Object></Delete>");
  ASSERT_TRUE(in) << in.error().message;
  const Value& body = (*in)[m::Delete];
  EXPECT_EQ(body[m::Quiet], Value(true));
  ASSERT_EQ(body[m::Objects].list().size(), 2u);
  EXPECT_EQ(body[m::Objects].list()[0][m::Key].text(), "a & b");
  EXPECT_EQ(body[m::Objects].list()[1][m::Key].text(), " ");

  auto acl =
      read(s3(), head("PUT", "/b?acl"),
           "<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/"
           "XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>1</ID></Grantee><Permission>READ</Permission>"
           "</Grant></AccessControlList></AccessControlPolicy>");
  ASSERT_TRUE(acl);
  EXPECT_EQ((*acl)[m::AccessControlPolicy][m::Grants].list().at(0)[m::Grantee][m::Type].text(),
            "CanonicalUser");
}

TEST(S3Read, RefusesMalformedXml) {
  const auto code = [](std::string_view body) {
    auto in = read(s3(), head("PUT", "/b?tagging"), body);
    return in ? std::string("none") : in.error().code;
  };
  EXPECT_EQ(code("<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"), "none");
  EXPECT_EQ(code("<Tagging><TagSet></Tagging>"), "MalformedXML");
  EXPECT_EQ(code("Tagging"), "MalformedXML");
  EXPECT_EQ(code("<Tags/>"), "MalformedXML");
  EXPECT_EQ(code("<Tagging><Bogus/></Tagging>"), "MalformedXML");
  EXPECT_EQ(code("<Tagging/><Tagging/>"), "MalformedXML");
  EXPECT_EQ(
      code("<!DOCTYPE t [<!ENTITY e \"x\">]><Tagging><TagSet><Tag><Key>&e;</Key></Tag></TagSet></Tagging>"),
      "MalformedXML");
  EXPECT_EQ(code("<Tagging>\xff</Tagging>"), "MalformedXML");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<Tagging>";
  EXPECT_EQ(code(deep), "MalformedXML");
}

TEST(S3Read, SaysWhatIsMissing) {
  auto routed = route(s3(), "PUT", "/b?tagging");
  EXPECT_EQ(validate(s3(), *routed->operation, routed->input).error().code, "MissingRequestBodyError");
  auto in =
      read(s3(), head("PUT", "/b?tagging"), "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>");
  EXPECT_EQ(validate(s3(), *s3().find("PutBucketTagging"), *in).error().code, "MalformedXML");
}

TEST(S3Write, AnswersInHeadersAndXml) {
  namespace m = model::s3;
  const Time when(std::chrono::milliseconds(1'700'000'000'000));
  const Value listed = structure(
      {{m::Name, "b"},
       {m::IsTruncated, false},
       {m::Contents,
        Value(Value::List{structure({{m::Key, "k\x01"}, {m::LastModified, when}, {m::Size, 3}})})}});
  Response list = write_response(s3(), *s3().find("ListObjectsV2"), listed, "R1");
  EXPECT_EQ(list.headers.get("content-type"), "application/xml");
  EXPECT_EQ(list.headers.get("x-amz-request-id"), "R1");
  EXPECT_FALSE(list.headers.get("x-amz-id-2").empty());
  EXPECT_EQ(text(list),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</"
            "IsTruncated><Contents><Key>k&#x1;</Key>"
            "<LastModified>2023-11-14T22:13:20.000Z</LastModified><Size>3</Size></Contents><Name>b</Name>"
            "</ListBucketResult>");

  const Value found = structure({{m::ContentLength, 5},
                                 {m::LastModified, when},
                                 {m::ContentType, "text/plain\r\nx-evil: 1"},
                                 {m::Metadata, Value(Value::Map{{"a", "1"}})}});
  Response headed = write_response(s3(), *s3().find("HeadObject"), found, "R2");
  EXPECT_EQ(text(headed), "");
  EXPECT_EQ(headed.head_length, 5u);
  EXPECT_EQ(headed.headers.get("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(headed.headers.get("content-type"), "text/plain  x-evil: 1");
  EXPECT_EQ(headed.headers.get("x-amz-meta-a"), "1");
  EXPECT_EQ(write_response(s3(), *s3().find("DeleteObject"), {}, "R3").status, 204);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
TEST(S3Write, GivesTheLocationAsTheRootsText) {
  const Value out = structure({{model::s3::LocationConstraint, "eu-west-1"}});
  EXPECT_EQ(text(write_response(s3(), *s3().find("GetBucketLocation"), out, "R")),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>");
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses
TEST(S3Write, GivesErrorsWithoutBodyToHead) {
  const Error error{.code = "NoSuchKey",
                    .message = "The specified key does not exist.",
                    .status = 404,
                    .details = {{"Key", "k"}}};
  const std::string body = text(write_error(s3(), s3().find("GetObject"), error, "R", "/b/k"));
  EXPECT_TRUE(body.starts_with(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>"
      "<Message>The specified key does not exist.</Message><Key>k</Key><Resource>/b/k</Resource>"
      "<RequestId>R</RequestId><HostId>"))
      << body;
  Response head_answer = write_error(s3(), s3().find("HeadObject"), error, "R");
  EXPECT_EQ(head_answer.status, 404);
  EXPECT_EQ(text(head_answer), "");
}

TEST(EksCodec, RoutesEncodedSlashesInsideALabel) {
  namespace m = model::eks;
  auto routed = route(
      eks(), "GET",
      "/clusters/c1/access-entries/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fteam%2Fdev/access-policies");
  ASSERT_EQ(name(routed), "ListAssociatedAccessPolicies");
  EXPECT_EQ(routed->input[m::clusterName].text(), "c1");
  EXPECT_EQ(routed->input[m::principalArn].text(), "arn:aws:iam::111122223333:role/team/dev");
  EXPECT_EQ(name(route(eks(), "GET", "/clusters")), "ListClusters");
  EXPECT_EQ(name(route(eks(), "GET", "/clusters/a/b/c/d/e/f")), "UnknownOperationException");
  EXPECT_EQ(name(route(eks(), "DELETE", "/tags/arn%3Ax?tagKeys=a&tagKeys=b")), "UntagResource");
  EXPECT_EQ(route(eks(), "DELETE", "/tags/arn%3Ax?tagKeys=a&tagKeys=b")->input[m::tagKeys].list().size(), 2u);
}

TEST(EksCodec, ReadsAndWritesJson) {
  namespace m = model::eks;
  auto in = read(
      eks(), head("POST", "/clusters"),
      R"({"name":"c","roleArn":"r","resourcesVpcConfig":{"subnetIds":["a","b"],"endpointPublicAccess":true},
                     "tags":{"k":"v"},"version":null,"futureMember":[1]})");
  ASSERT_TRUE(in) << in.error().message;
  EXPECT_EQ((*in)[m::resourcesVpcConfig][m::subnetIds].list().size(), 2u);
  EXPECT_EQ((*in)[m::tags].at_key("k").text(), "v");
  EXPECT_TRUE(validate(eks(), *eks().find("CreateCluster"), *in));
  EXPECT_EQ(validate(eks(), *eks().find("CreateCluster"), {}).error().code, "InvalidParameterException");

  const Value out = structure(
      {{m::cluster, structure({{m::name, "c\""}, {m::createdAt, Time(std::chrono::milliseconds(1'500))}})}});
  Response response = write_response(eks(), *eks().find("DescribeCluster"), out, "R");
  EXPECT_EQ(response.headers.get("content-type"), "application/json");
  EXPECT_EQ(text(response), R"({"cluster":{"name":"c\"","createdAt":1.5E0}})");
}

TEST(EksCodec, RefusesJsonOfAnotherType) {
  const auto code = [](std::string_view body) {
    auto in = read(eks(), head("POST", "/clusters"), body);
    return in ? std::string("none") : in.error().code;
  };
  EXPECT_EQ(code("{"), "SerializationException");
  EXPECT_EQ(code("[]"), "SerializationException");
  EXPECT_EQ(code(R"({"name":1})"), "SerializationException");
  EXPECT_EQ(code(R"({"tags":["k"]})"), "SerializationException");
  EXPECT_EQ(code(R"({"resourcesVpcConfig":"x"})"), "SerializationException");
  EXPECT_EQ(code(std::string(100'000, '[')), "SerializationException");
  EXPECT_EQ(code("{}"), "none");
}

TEST(EksCodec, NamesTheErrorInAHeader) {
  const Error error{.code = "ResourceNotFoundException",
                    .message = "No cluster found for name: c.",
                    .status = 404,
                    .details = {}};
  Response response = write_error(eks(), nullptr, error, "R");
  EXPECT_EQ(response.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
  EXPECT_EQ(text(response), R"({"message":"No cluster found for name: c."})");
}

}  // namespace
}  // namespace gatehouse::wire

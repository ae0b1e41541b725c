#include <gtest/gtest.h>

#include "model/ec2.h"
#include "model/iam.h"
#include "model/sts.h"
#include "wire/codec.h"

namespace gatehouse::wire {
namespace {

const ServiceModel& iam() { return *find_service("iam"); }
const ServiceModel& ec2() { return *find_service("ec2"); }

Head post(std::string target = "/") {
  Head head;
  head.method = "POST";
  head.target = std::move(target);
  head.headers.add("content-type", "application/x-www-form-urlencoded; charset=utf-8");
  return head;
}

std::string text(const Response& response) { return std::get<std::string>(response.body); }

TEST(QueryCodec, ReadsListsOfStructures) {
  namespace m = model::iam;
  auto read = read_rpc(
      iam(), post(),
      "Action=CreateRole&Version=2010-05-08&RoleName=sdc&AssumeRolePolicyDocument=%7B%7D"
      "&Tags.member.2.Key=b&Tags.member.2.Value=2+3&Tags.member.1.Key=a&Tags.member.1.Value=&Unknown=1");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->operation->name, "CreateRole");
  EXPECT_EQ(read->input,
            structure({{m::RoleName, "sdc"},
                       {m::AssumeRolePolicyDocument, "{}"},
                       {m::Tags, Value(Value::List{structure({{m::Key, "a"}, {m::Value, ""}}),
                                                   structure({{m::Key, "b"}, {m::Value, "2 3"}})})}}));
}

TEST(QueryCodec, ReadsAGetRequestsQuery) {
  Head head;
  head.method = "GET";
  head.target =
      "/?Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=s&DurationSeconds=900";
  auto read = read_rpc(*find_service("sts"), head, "");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->input[model::sts::RoleArn].text(), "arn:aws:iam::1:role/r");
  EXPECT_EQ(read->input[model::sts::DurationSeconds], Value(900));
}

TEST(QueryCodec, RefusesWhatItCannotRead) {
  const auto code = [](const ServiceModel& service, std::string_view body) {
    auto read = read_rpc(service, post(), body);
    return read ? std::string("none") : read.error().code;
  };
  EXPECT_EQ(code(iam(), ""), "MissingAction");
  EXPECT_EQ(code(iam(), "Action=CreateRoles&Version=2010-05-08"), "InvalidAction");
  EXPECT_EQ(code(iam(), "Action=ListRoles&PathPrefix=%zz"), "MalformedQueryString");
  EXPECT_EQ(code(iam(), "Action=ListRoles&MaxItems=many"), "MalformedInput");
  EXPECT_EQ(code(iam(), "Action=ListRoles&PathPrefix=%ff"), "MalformedInput");
  EXPECT_EQ(code(ec2(), "Action=DescribeVpcs&MaxResults=many"), "InvalidParameterValue");
  EXPECT_EQ(code(ec2(), "Action=DescribeVpcs&Bogus=1"), "UnknownParameter");
  EXPECT_EQ(code(ec2(), "Action=DescribeVpcs&X-Amz-Date=1&Version=2016-11-15"), "none");
  auto unknown = read_rpc(ec2(), post(), "Action=MakeCoffee");
  EXPECT_EQ(unknown.error().message, "The action MakeCoffee is not valid for this web service.");
}

TEST(QueryCodec, BoundsTheTree) {
  std::string deep = "Action=ListRoles&a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  EXPECT_EQ(read_rpc(iam(), post(), deep).error().code, "MalformedQueryString");
  std::string wide = "Action=ListRoles";
  for (int i = 0; i < 30'000; ++i) wide += "&p" + std::to_string(i) + "=";
  EXPECT_EQ(read_rpc(iam(), post(), wide).error().code, "MalformedQueryString");
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html shows this form.
TEST(QueryCodec, WrapsAnAnswerInResponseAndResult) {
  namespace m = model::iam;
  const Value out = structure(
      {{m::Role, structure({{m::RoleName, "a<b"},
                            {m::CreateDate, Time(std::chrono::milliseconds(1'700'000'000'123))}})}});
  Response response = write_response(iam(), *iam().find("GetRole"), out, "id-1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("content-type"), "text/xml");
  EXPECT_EQ(response.headers.get("x-amzn-requestid"), "id-1");
  EXPECT_EQ(text(response),
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>"
            "<RoleName>a&lt;b</RoleName><CreateDate>2023-11-14T22:13:20Z</CreateDate></Role></GetRoleResult>"
            "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetRoleResponse>");
  EXPECT_EQ(text(write_response(iam(), *iam().find("DeleteRole"), {}, "id-2")),
            "<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
            "<ResponseMetadata><RequestId>id-2</RequestId></ResponseMetadata></DeleteRoleResponse>");
}

TEST(QueryCodec, WritesErrorsAsIamDoes) {
  const Error error{.code = "NoSuchEntity", .message = "no role & co", .status = 404, .details = {}};
  Response response = write_error(iam(), iam().find("GetRole"), error, "id");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(text(response),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
            "<Code>NoSuchEntity</Code><Message>no role &amp; co</Message></Error><RequestId>id</RequestId>"
            "</ErrorResponse>");
}

TEST(Ec2Codec, ReadsFiltersAndWritesSets) {
  namespace m = model::ec2;
  auto read = read_rpc(ec2(), post(),
                       "Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&SubnetId.1=s");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->input[m::Filters].list().at(0)[m::Values].list().at(0).text(), "vpc-1");
  EXPECT_EQ(read->input[m::SubnetIds].list().at(0).text(), "s");

  const Value out =
      structure({{m::Subnets, Value(Value::List{structure({{m::SubnetId, "s"}, {m::DefaultForAz, true}})})}});
  EXPECT_EQ(
      text(write_response(ec2(), *ec2().find("DescribeSubnets"), out, "id")),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>id</requestId>"
      "<subnetSet><item><subnetId>s</subnetId><defaultForAz>true</defaultForAz></item></subnetSet>"
      "</DescribeSubnetsResponse>");
  const Error error{.code = "InvalidVpcID.NotFound", .message = "m", .status = 400, .details = {}};
  EXPECT_EQ(text(write_error(ec2(), nullptr, error, "id")),
            "<?xml version=\"1.0\" "
            "encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>"
            "<Message>m</Message></Error></Errors><RequestID>id</RequestID></Response>");
}

TEST(Validate, NamesEveryMissingMember) {
  namespace m = model::iam;
  auto one = validate(iam(), *iam().find("GetRole"), {});
  EXPECT_EQ(one.error().code, "ValidationError");
  EXPECT_EQ(one.error().message,
            "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must not "
            "be null");
  const Value role =
      structure({{m::RoleName, "r"},
                 {m::Tags, Value(Value::List{structure({{m::Key, "k"}}), structure({{m::Value, "v"}})})}});
  auto more = validate(iam(), *iam().find("CreateRole"), role);
  EXPECT_TRUE(more.error().message.starts_with("3 validation errors detected: ")) << more.error().message;
  EXPECT_NE(more.error().message.find("'tags.1.member.value'"), std::string::npos);
  EXPECT_TRUE(validate(iam(), *iam().find("DeleteRole"), role));
}

TEST(Validate, SpeaksAsEc2) {
  auto missing = validate(ec2(), *ec2().find("DeleteVpc"), {});
  EXPECT_EQ(missing.error().code, "MissingParameter");
  EXPECT_EQ(missing.error().message, "The request must contain the parameter VpcId");
}

}  // namespace
}  // namespace gatehouse::wire

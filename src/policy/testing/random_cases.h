// Random cases of `policy eval`, drawn from few names so that requests and policies often meet.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gatehouse::policy::testing {

class RandomCases {
 public:
  explicit RandomCases(std::uint64_t seed) : random_(seed) {}

  json::object next() {
    json::object request = make_request();
    const std::string action(request.at("action").as_string()), resource(request.at("resource").as_string());
    json::object policies;
    if (chance(85)) policies["identity"] = list(kIdentity, 3);
    if (chance(25)) policies["boundary"] = list(kIdentity, 2);
    if (chance(20)) policies["session"] = list(kIdentity, 2);
    if (chance(15)) policies["scp"] = levels(kIdentity);
    if (chance(10)) policies["rcp"] = levels(kResource);
    if (chance(10)) policies["endpoint"] = list(kResource, 1);
    if (chance(55)) {
      const bool trust = action.starts_with("sts:") && resource.find(":role/") != resource.npos;
      policies["resource"] = document(trust ? kTrust : kResource);
    }
    return {{"id", 1}, {"request", std::move(request)}, {"policies", std::move(policies)}};
  }

  json::object any_statement() { return statement(kIdentity); }
  std::size_t below(std::size_t n) { return random_() % n; }

 private:
  enum Kind { kIdentity, kResource, kTrust };
  using Texts = std::vector<std::string_view>;

  bool chance(unsigned percent) { return random_() % 100 < percent; }

  json::value pick(const Texts& from) { return json::value(from[below(from.size())]); }

  // One value, or a list of up to three.
  json::value some(const Texts& from) {
    if (chance(60)) return pick(from);
    json::array a;
    for (std::size_t i = below(3) + 1; i > 0; --i) a.push_back(pick(from));
    return a;
  }

  json::object make_request() {
    static const Texts who = {kUser,
                              kUser,
                              "arn:aws:iam::111122223333:user/bob",
                              kSession,
                              kSession,
                              "arn:aws:iam::111122223333:root",
                              "arn:aws:sts::111122223333:federated-user/fed",
                              "*",
                              "cloudtrail.amazonaws.com",
                              "arn:aws:iam::111122223333:oidc-provider/issuer",
                              "arn:aws:iam::444455556666:user/alice"};
    static const Texts pairs_action = {"s3:GetObject",
                                       "s3:PutObject",
                                       "S3:getobject",
                                       "s3:ListBucket",
                                       "sqs:SendMessage",
                                       "sts:AssumeRole",
                                       "sts:AssumeRoleWithWebIdentity",
                                       "kms:Decrypt",
                                       "sts:GetCallerIdentity",
                                       "sts:GetSessionToken"};
    static const Texts objects = {"arn:aws:s3:::lake/a", "arn:aws:s3:::lake/a/b", "arn:aws:s3:::lake/alice/x",
                                  "arn:aws:s3:::lake",   "arn:aws:s3:::lake/*",   "arn:aws:s3:::other/a"};
    const json::value action = pick(pairs_action);
    const std::string_view a = action.get_string();
    json::value resource = pick(objects);
    if (a.starts_with("sqs"))
      resource = pick({"arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:eu-west-1:444455556666:q:r"});
    if (a.starts_with("sts:Assume")) resource = pick({kRole, "arn:aws:iam::444455556666:role/etl"});
    if (a.starts_with("kms"))
      resource =
          pick({"arn:aws:kms:us-east-1:111122223333:key/1", "arn:aws:kms:us-east-1:444455556666:key/1"});
    if (a.starts_with("sts:Get")) resource = "*";
    json::object r{{"principal", pick(who)}, {"action", action}, {"resource", resource}};
    if (a[0] == 's' && a[1] == '3' && chance(90))
      r["resourceAccount"] = pick({"111122223333", "111122223333", "444455556666"});
    r["context"] = context();
    return r;
  }

  json::object context() {
    json::object c;
    if (chance(60)) c["aws:username"] = pick({"alice", "a", "*", "b?", ""});
    if (chance(50)) c["aws:PrincipalTag/team"] = pick({"red", "Red", "a", "*"});
    if (chance(40))
      c["aws:SourceIp"] = pick({"10.1.2.3", "10.200.0.1", "192.168.0.1", "2001:db8::1", "nowhere"});
    if (chance(40))
      c["aws:CurrentTime"] = pick({"2026-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "1767225600", "soon"});
    if (chance(40)) c["s3:max-keys"] = pick({"5", "10", "10.5", "-1", "x", ""});
    if (chance(40)) c["aws:SecureTransport"] = pick({"true", "false"});
    if (chance(30))
      c["aws:SourceArn"] =
          pick({"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t:u", "t"});
    if (chance(30)) c["AWS:tagkeys"] = some_list({"env", "team", "Env", ""});
    if (chance(20)) c["x:bytes"] = pick({"aGk=", "aGo=", "!"});
    if (chance(20)) c["aws:PrincipalArn"] = pick({kRole, kUser, "arn:aws:iam::111122223333:role/data/etl"});
    if (chance(20)) c["aws:userid"] = pick({"AROAEXAMPLEID1234567:run", "AIDAEXAMPLEID1234567"});
    return c;
  }

  json::array some_list(const Texts& from) {
    json::array a;
    for (std::size_t i = below(3); i > 0; --i) a.push_back(pick(from));
    return a;
  }

  json::array list(Kind kind, std::size_t most) {
    json::array a;
    for (std::size_t i = below(most + 1); i > 0; --i) a.push_back(document(kind));
    return a;
  }

  json::array levels(Kind kind) {
    json::array a;
    for (std::size_t i = below(3); i > 0; --i) a.push_back(list(kind, 2));
    return a;
  }

  // Seldom long enough for every table of the index.
  json::object document(Kind kind) {
    json::array statements;
    const std::size_t count = chance(12) ? 8 + below(24) : 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) statements.push_back(statement(kind));
    json::object d{{"Statement", std::move(statements)}};
    if (chance(85)) d["Version"] = "2012-10-17";
    return d;
  }

  json::object statement(Kind kind) {
    static const Texts actions = {
        "*",          "s3:*",  "s3:Get*",         "s3:GetObject",   "S3:PUTOBJECT", "s3:?etObject",
        "s3:*Object", "sqs:*", "sqs:SendMessage", "sts:AssumeRole", "kms:*",        "kms:Decrypt",
        "sts:*",      "ec2:*"};
    static const Texts trusts = {"sts:AssumeRole", "sts:AssumeRole*", "sts:*",
                                 "sts:AssumeRoleWithWebIdentity"};
    static const Texts resources = {"*",
                                    "*",
                                    "arn:aws:s3:::lake/*",
                                    "arn:aws:s3:::lake",
                                    "arn:aws:s3:::l*",
                                    "arn:aws:s3:::lake/a?b",
                                    "arn:aws:s3:::lake/${aws:username}/*",
                                    "arn:aws:s3:::lake/${aws:PrincipalTag/team, 'a'}",
                                    "arn:aws:s3:::lake/${*}",
                                    "arn:aws:sqs:*:*:q*",
                                    "arn:aws:sqs:us-*:111122223333:q",
                                    "arn:aws:s3",
                                    "arn:aws:iam::111122223333:role/*",
                                    "arn:aws:kms:*:111122223333:key/*",
                                    "arn:aws:iam:::*"};
    json::object s{{"Effect", chance(72) ? "Allow" : "Deny"}};
    s[chance(88) ? "Action" : "NotAction"] = some(kind == kTrust ? trusts : actions);
    if (kind != kTrust) s[chance(88) ? "Resource" : "NotResource"] = some(resources);
    if (kind != kIdentity) {
      const bool positive = chance(85) || kind == kTrust;
      s[positive ? "Principal" : "NotPrincipal"] = principal();
    }
    if (chance(45)) s["Condition"] = condition();
    return s;
  }

  json::value principal() {
    static const Texts aws = {"*",
                              "111122223333",
                              "arn:aws:iam::111122223333:root",
                              kUser,
                              kSession,
                              kRole,
                              "arn:aws:iam::111122223333:role/data/etl",
                              "arn:aws:sts::111122223333:federated-user/fed",
                              "444455556666",
                              "AROAEXAMPLEID1234567",
                              "AIDAEXAMPLEID1234567",
                              "arn:aws:iam::111122223333:user/Alice"};
    if (chance(20)) return "*";
    json::object p;
    if (chance(85))
      p["AWS"] = chance(30) ? json::value(json::array{kSession, kRole, kUser, "111122223333"}) : some(aws);
    if (p.empty() || chance(15)) p["Service"] = some({"cloudtrail.amazonaws.com", "ec2.amazonaws.com"});
    if (chance(15))
      p["Federated"] = pick({"arn:aws:iam::111122223333:oidc-provider/issuer", "accounts.google.com"});
    return p;
  }

  json::object condition() {
    static const Texts strings = {
        "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
        "StringLike",   "StringNotLike"};
    static const Texts numbers = {"NumericEquals",         "NumericNotEquals",   "NumericLessThan",
                                  "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"};
    static const Texts dates = {"DateEquals",         "DateNotEquals",   "DateLessThan",
                                "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"};
    json::object c;
    for (std::size_t i = 1 + below(2); i > 0; --i) {
      json::value op, key, values;
      switch (below(9)) {
        case 0:
        case 1:
        case 2:
          op = pick(strings);
          key = pick({"aws:username", "aws:PrincipalTag/Team", "aws:TagKeys", "aws:missing"});
          values = some({"alice", "a*", "red", "env", "${aws:username}", "${aws:missing}",
                         "${aws:missing, 'red'}", "", "*", "${*}"});
          break;
        case 3:
          op = pick(numbers);
          key = "s3:max-keys";
          values = some({"5", "10", "10.5", "x", "1e1"});
          break;
        case 4:
          op = pick(dates);
          key = "aws:CurrentTime";
          values = some({"2026-01-01T00:00:00Z", "2025-06-01", "1767225600", "2026-01-01T01:00:00+01:00"});
          break;
        case 5:
          op = chance(70) ? "Bool" : "BinaryEquals";
          key = op == "Bool" ? "aws:SecureTransport" : "x:bytes";
          values = op == "Bool" ? some({"true", "false", "True"}) : some({"aGk=", "?"});
          break;
        case 6:
          op = pick({"IpAddress", "NotIpAddress"});
          key = "aws:SourceIp";
          values = some({"10.0.0.0/8", "10.1.2.3", "10.128.0.0/9", "2001:db8::/32", "::/0", "0.0.0.0/0"});
          break;
        case 7:
          op = pick({"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"});
          key = pick({"aws:SourceArn", "aws:PrincipalArn"});
          values = some({"arn:aws:sns:*:111122223333:t", "arn:aws:sns:*:*:*", "arn:aws:iam::*:role/*", "*",
                         "arn:aws:iam::*:user/${aws:username}"});
          break;
        default:
          c["Null"] = json::object{
              {std::string(pick({"aws:username", "aws:TagKeys"}).as_string()), pick({"true", "false"})}};
          continue;
      }
      std::string name(op.as_string());
      if (chance(20)) name += "IfExists";
      if (chance(20) || (key == "aws:TagKeys" && chance(70)))
        name = (chance(50) ? "ForAllValues:" : "ForAnyValue:") + name;
      c[name] = json::object{{std::string(key.as_string()), values}};
    }
    return c;
  }

  static constexpr const char* kUser = "arn:aws:iam::111122223333:user/alice";
  static constexpr const char* kRole = "arn:aws:iam::111122223333:role/etl";
  static constexpr const char* kSession = "arn:aws:sts::111122223333:assumed-role/etl/run";

  std::mt19937_64 random_;
};

}  // namespace gatehouse::policy::testing

#include "policy/testing/random_cases.h"

namespace gatehouse::policy::testing {
namespace {

constexpr const char* kUser = "arn:aws:iam::111122223333:user/alice";
constexpr const char* kRole = "arn:aws:iam::111122223333:role/etl";
constexpr const char* kRoleWithPath = "arn:aws:iam::111122223333:role/data/etl";
constexpr const char* kSession = "arn:aws:sts::111122223333:assumed-role/etl/run";
constexpr const char* kFederated = "arn:aws:sts::111122223333:federated-user/fed";
constexpr const char* kRoot = "arn:aws:iam::111122223333:root";
constexpr const char* kAccount = "111122223333";
constexpr const char* kOtherUser = "arn:aws:iam::444455556666:user/alice";
constexpr const char* kOidc = "arn:aws:iam::111122223333:oidc-provider/issuer";
constexpr const char* kSaml = "arn:aws:iam::111122223333:saml-provider/idp";
constexpr const char* kRoleId = "AROAEXAMPLEID1234567";
constexpr const char* kUserId = "AIDAEXAMPLEID1234567";
constexpr const char* kCanonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
constexpr const char* kLinkedRole = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X";

}  // namespace

json::object RandomCases::next() {
  json::object request = make_request();
  remember_names(request);
  json::object drawn = policies(request);
  return {{"id", 1}, {"request", std::move(request)}, {"policies", std::move(drawn)}};
}

void RandomCases::remember_names(const json::object& request) {
  action_ = request.at("action").as_string();
  resource_ = request.at("resource").as_string();
  names_.clear();
  const std::string who(request.at("principal").as_string());
  const auto add = [&](const char* type, std::string_view id) { names_.push_back(json::object{{type, id}}); };
  if (who == kOidc || who == kSaml || who == "accounts.google.com") return add("Federated", who);
  if (who == "cloudtrail.amazonaws.com") return add("Service", who);
  if (who == "*") return add("AWS", "*");
  if (who == kSession || who == kRole) {
    for (const char* name : {kSession, kRole, kRoleWithPath, kRoleId}) add("AWS", name);
  } else if (who == kFederated) {
    for (const char* name : {kFederated, kUser}) add("AWS", name);
  } else if (who == kUser) {
    for (const char* name : {kUser, kUserId}) add("AWS", name);
  } else if (who.find(":user/") != who.npos) {
    add("AWS", who);
  }
  for (const char* name : {kAccount, kRoot}) add("AWS", name);
  add("CanonicalUser", kCanonical);
}

json::object RandomCases::policies(const json::object& request) {
  const std::string action(request.at("action").as_string()), resource(request.at("resource").as_string());
  json::object p;
  if (chance(88)) p["identity"] = list(Kind::identity, 3);
  if (chance(25)) p["boundary"] = list(Kind::identity, 2);
  if (chance(20)) p["session"] = list(Kind::identity, 2);
  if (chance(15)) p["scp"] = levels(Kind::identity);
  if (chance(12)) p["rcp"] = levels(Kind::endpoint);
  if (chance(12)) p["endpoint"] = list(Kind::endpoint, 1);
  const bool trust = action.starts_with("sts:") && resource.find(":role/") != resource.npos;
  if (chance(trust || action.starts_with("kms") ? 90 : 65)) {
    p["resource"] = document(trust ? Kind::trust : Kind::resource);
  }
  return p;
}

json::value RandomCases::some(const Texts& from) {
  if (chance(60)) return pick(from);
  json::array a;
  for (std::size_t i = below(3) + 1; i > 0; --i) a.push_back(pick(from));
  return a;
}

json::array RandomCases::some_list(const Texts& from) {
  json::array a;
  for (std::size_t i = below(3); i > 0; --i) a.push_back(pick(from));
  return a;
}

json::object RandomCases::make_request() {
  static const Texts who = {kUser,      kUser,
                            kUser,      kSession,
                            kSession,   kSession,
                            kRole,      kRoot,
                            kAccount,   kFederated,
                            "*",        "cloudtrail.amazonaws.com",
                            kOtherUser, "arn:aws:iam::111122223333:user/bob"};
  static const Texts actions = {"s3:GetObject",
                                "s3:PutObject",
                                "S3:getobject",
                                "s3:GetObject",
                                "s3:PutObject",
                                "s3:ListBucket",
                                "sqs:SendMessage",
                                "sts:AssumeRole",
                                "kms:Decrypt",
                                "sts:AssumeRoleWithWebIdentity",
                                "sts:AssumeRoleWithSAML",
                                "sts:TagSession",
                                "sts:GetCallerIdentity",
                                "sts:GetSessionToken"};
  const json::value action = pick(actions);
  const std::string_view a = action.get_string();
  json::object r{{"principal", pick(who)}, {"action", action}, {"resource", resource_for(a)}};
  if (a.starts_with("sts:AssumeRoleWith") && chance(85))
    r["principal"] = pick({kOidc, kSaml, "accounts.google.com"});
  if ((a[0] == 's' || a[0] == 'S') && a[1] == '3' && chance(90))
    r["resourceAccount"] = pick({kAccount, kAccount, kAccount, "444455556666"});
  r["context"] = context();
  add_session(r);
  return r;
}

// Who is behind the session, and whose the account is.
void RandomCases::add_session(json::object& request) {
  const std::string principal(request.at("principal").as_string());
  const bool of_role = principal == kSession;
  if (of_role && chance(40))
    request["sessionIssuer"] = pick({kRole, kRoleWithPath, kRoleWithPath, kLinkedRole});
  if (principal == kFederated && chance(80)) request["sessionIssuer"] = kUser;
  if (chance(30)) request["canonicalId"] = kCanonical;
  json::object& c = request["context"].as_object();
  if (of_role && chance(20)) c["aws:PrincipalArn"] = pick({kRole, kRoleWithPath, kLinkedRole});
  if (of_role && chance(30)) c["aws:userid"] = std::string(kRoleId) + ":run";
  if (principal == kUser && chance(30)) c["aws:userid"] = kUserId;
}

json::value RandomCases::resource_for(std::string_view action) {
  if (action.starts_with("sqs"))
    return pick({"arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:eu-west-1:444455556666:q:r"});
  if (action.starts_with("sts:Get")) return "*";
  if (action.starts_with("sts:")) return pick({kRole, kRole, "arn:aws:iam::444455556666:role/etl"});
  if (action.starts_with("kms"))
    return pick({"arn:aws:kms:us-east-1:111122223333:key/1", "arn:aws:kms:us-east-1:444455556666:key/1"});
  return pick({"arn:aws:s3:::lake/a", "arn:aws:s3:::lake/a/b", "arn:aws:s3:::lake/alice/x",
               "arn:aws:s3:::lake", "arn:aws:s3:::lake/*", "arn:aws:s3:::other/a"});
}

json::object RandomCases::context() {
  json::object c;
  if (chance(60)) c["aws:username"] = pick({"alice", "a", "*", "b?", ""});
  if (chance(50)) c["aws:PrincipalTag/team"] = pick({"red", "Red", "a", "*"});
  if (chance(50))
    c["aws:SourceIp"] = pick({"10.1.2.3", "10.200.0.1", "192.168.0.1", "2001:db8::1", "nowhere"});
  if (chance(50))
    c["aws:CurrentTime"] = pick({"2026-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "1767225600", "soon"});
  if (chance(50)) c["s3:max-keys"] = pick({"5", "10", "10.5", "-1", "x", ""});
  if (chance(50)) c["aws:SecureTransport"] = pick({"true", "false"});
  if (chance(40))
    c["aws:SourceArn"] =
        pick({"arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t:u", "t"});
  if (chance(40)) c["AWS:tagkeys"] = some_list({"env", "team", "Env", ""});
  if (chance(30)) c["x:bytes"] = pick({"aGk=", "aGo=", "!"});
  if (chance(10)) c["aws:PrincipalArn"] = pick({kRole, kUser, kRoleWithPath});
  if (chance(10)) c["aws:userid"] = pick({"AROAEXAMPLEID1234567:run", kUserId});
  return c;
}

json::array RandomCases::list(Kind kind, std::size_t most) {
  json::array a;
  for (std::size_t i = below(most + 1); i > 0; --i) a.push_back(document(kind));
  if (most > 1 && chance(15)) a.push_back(everything(kind));
  return a;
}

json::array RandomCases::levels(Kind kind) {
  json::array a;
  for (std::size_t i = below(4); i > 0; --i) {
    a.push_back(list(kind, 2));
    if (chance(50)) a.back().as_array().push_back(everything(kind));
  }
  return a;
}

// As FullAWSAccess and RCPFullAWSAccess.
json::object RandomCases::everything(Kind kind) {
  json::object s{{"Effect", "Allow"}, {"Action", "*"}, {"Resource", "*"}};
  if (kind != Kind::identity) s["Principal"] = "*";
  return {{"Version", "2012-10-17"}, {"Statement", json::array{std::move(s)}}};
}

// Seldom long enough for every table of the index.
json::object RandomCases::document(Kind kind) {
  json::array statements;
  const std::size_t count = chance(12) ? 8 + below(24) : 1 + below(3);
  for (std::size_t i = 0; i < count; ++i) statements.push_back(statement(kind));
  json::object d{{"Statement", std::move(statements)}};
  if (chance(85)) d["Version"] = "2012-10-17";
  return d;
}

json::object RandomCases::statement(Kind kind) {
  static const Texts actions = {
      "*",          "s3:*",  "s3:Get*",         "s3:GetObject",   "S3:PUTOBJECT", "s3:?etObject",
      "s3:*Object", "sqs:*", "sqs:SendMessage", "sts:AssumeRole", "kms:*",        "kms:Decrypt",
      "sts:*",      "ec2:*"};
  static const Texts trusts = {
      "sts:AssumeRole",         "sts:AssumeRole*", "sts:*", "sts:AssumeRoleWithWebIdentity",
      "sts:AssumeRoleWithSAML", "sts:TagSession"};
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
  const bool about_it = chance(35);
  s[chance(88) ? "Action" : "NotAction"] =
      about_it ? json::value(action_) : some(kind == Kind::trust ? trusts : actions);
  if (kind != Kind::trust) {
    s[chance(88) ? "Resource" : "NotResource"] =
        about_it && chance(50) && resource_ != "*" ? json::value(resource_) : some(resources);
  }
  if (kind != Kind::identity) {
    const bool positive = chance(80) || (kind == Kind::trust && s["Effect"] == "Allow");
    s[positive ? "Principal" : "NotPrincipal"] = principal(kind);
  }
  if (chance(45)) s["Condition"] = condition();
  return s;
}

json::value RandomCases::principal(Kind kind) {
  if (chance(kind == Kind::endpoint ? 60 : 10)) return "*";
  if (chance(45)) return names_[below(names_.size())];
  if (chance(30)) return one_principal();
  json::object p;
  if (chance(85))
    p["AWS"] = chance(40) ? json::value(json::array{kSession, kRole, kUser, kAccount})
                          : some({"*", kAccount, kRoot, kUser, kSession, kRole, kRoleWithPath, kFederated,
                                  "444455556666", kRoleId, kUserId, "arn:aws:iam::111122223333:user/Alice"});
  if (p.empty() || chance(20)) p["Service"] = some({"cloudtrail.amazonaws.com", "ec2.amazonaws.com"});
  if (chance(20)) p["Federated"] = some({kOidc, kSaml, "accounts.google.com"});
  if (chance(20)) p["CanonicalUser"] = kCanonical;
  return p;
}

json::object RandomCases::one_principal() {
  switch (below(6)) {
    case 0:
      return {{"Service", pick({"cloudtrail.amazonaws.com", "ec2.amazonaws.com"})}};
    case 1:
      return {{"Federated", pick({kOidc, kSaml, "accounts.google.com"})}};
    case 2:
      return {{"CanonicalUser", kCanonical}};
    default:
      return {{"AWS", pick({"*", kAccount, kRoot, kUser, kSession, kRole, kRoleWithPath, kFederated, kRoleId,
                            kUserId, kOtherUser})}};
  }
}

RandomCases::Line RandomCases::condition_line() {
  static const Texts strings = {
      "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
      "StringLike",   "StringNotLike"};
  static const Texts orders = {"Equals",         "NotEquals",   "LessThan",
                               "LessThanEquals", "GreaterThan", "GreaterThanEquals"};
  const auto text = [&](const Texts& from) { return from[below(from.size())]; };
  switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return {std::string(text(strings)),
              text({"aws:username", "aws:PrincipalTag/Team", "aws:TagKeys", "aws:missing"}),
              some({"alice", "a*", "red", "env", "${aws:username}", "${aws:missing}", "${aws:missing, 'red'}",
                    "", "*", "${*}"})};
    case 3:
      return {"Numeric" + std::string(text(orders)), "s3:max-keys", some({"5", "10", "10.5", "7", "1e1"})};
    case 4:
      return {"Date" + std::string(text(orders)), "aws:CurrentTime",
              some({"2026-01-01T00:00:00Z", "2025-06-01", "1767225600", "2026-01-01T01:00:00+01:00"})};
    case 5:
      if (chance(50)) return {"Bool", "aws:SecureTransport", some({"true", "false", "True"})};
      return {"BinaryEquals", "x:bytes", some({"aGk=", "?"})};
    case 6:
      return {std::string(text({"IpAddress", "NotIpAddress"})), "aws:SourceIp",
              some({"10.0.0.0/8", "10.1.2.3", "10.128.0.0/9", "2001:db8::/32", "::/0", "0.0.0.0/0"})};
    default:
      return {std::string(text({"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"})),
              text({"aws:SourceArn", "aws:PrincipalArn"}),
              some({"arn:aws:sns:*:111122223333:t", "arn:aws:sns:*:*:*", "arn:aws:iam::*:role/*", "*",
                    "arn:aws:iam::*:user/${aws:username}"})};
  }
}

void RandomCases::add_null(json::object& condition) {
  const std::string key(pick({"aws:username", "aws:TagKeys"}).as_string());
  condition["Null"] = json::object{{key, some({"true", "false"})}};
}

json::object RandomCases::condition() {
  json::object c;
  for (std::size_t i = 1 + below(2); i > 0; --i) {
    if (chance(10)) {
      add_null(c);
      continue;
    }
    Line line = condition_line();
    if (chance(25)) line.op += "IfExists";
    if (chance(30) || (line.key == "aws:TagKeys" && chance(70)))
      line.op = (chance(50) ? "ForAllValues:" : "ForAnyValue:") + line.op;
    c[line.op] = json::object{{line.key, std::move(line.values)}};
  }
  return c;
}

}  // namespace gatehouse::policy::testing

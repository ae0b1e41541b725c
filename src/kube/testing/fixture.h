// A cluster in memory, with a clock that tests move.
#pragma once

#include "base/encoding.h"
#include "base/log.h"
#include "base/time.h"
#include "kube/api/api.h"
#include "kube/testing/memory_store.h"

namespace gatehouse::kube::testing {

// Verifies whatever it is told to.
class StandInVerifier final : public IamVerifier {
 public:
  Result<IamIdentity> verify(const wire::Head& presigned) const override {
    last = presigned;
    return answer;
  }
  Result<IamIdentity> answer =
      fail("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  mutable wire::Head last;
};

inline std::string presigned(std::string_view host = "https://sts.us-east-1.amazonaws.com",
                             std::string_view date = "20260131T120000Z", std::string_view more = "") {
  return std::string(host) +
         "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
         "AKIA%2Fx"
         "&X-Amz-Date=" +
         std::string(date) + "&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=ab" +
         std::string(more);
}
inline std::string iam_token(std::string_view url) { return "k8s-aws-v1." + base64url(url); }

// Making a key takes half a second, so all clusters of a test program share one, but for those that ask for
// their own.
inline identity::RsaKey shared_key() {
  static const identity::RsaKey key = identity::RsaKey::generate();
  return key;
}

struct World {
  World() { log::set_up(log::Level::off, log::Format::text); }

  ManualClock clock{*parse_iso8601("2026-01-31T12:00:00Z")};
  SystemRandom random;
  MemoryRecords records;
  std::unique_ptr<Clusters> clusters = *Clusters::open(records, clock, random, "CA", &shared_key);
  ClusterPtr cluster =
      *clusters->create({"123456789012", "us-east-1", "c1", "arn:aws:iam::123456789012:user/admin"});
  StandInVerifier verifier;
  Authenticator authenticator{clock, verifier, {{"http://127.0.0.1:4566"}, nullptr, nullptr}};
  Api api{clock, random, authenticator, {"CA", nullptr}};

  struct Reply {
    int status;
    json::object body;
    wire::Headers headers;
  };
  // `token`: "admin" for the creator's, "" for none, else as it is.
  Reply call(std::string method, std::string target, std::string body = "",
             std::string type = "application/json", std::string token = "admin", std::string accept = "") {
    wire::Head head;
    head.method = std::move(method);
    head.target = target;
    head.headers.add("content-type", type);
    if (!accept.empty()) head.headers.add("accept", accept);
    if (token == "admin") {
      verifier.answer =
          IamIdentity{"123456789012", "arn:aws:iam::123456789012:user/admin", "AIDAADMIN", "AKIA"};
      token = iam_token(presigned("https://sts.us-east-1.amazonaws.com", basic_iso8601(clock.now())));
    }
    if (!token.empty()) head.headers.add("authorization", "Bearer " + token);
    for (const auto& [name, value] : extra_headers) head.headers.add(name, value);
    wire::Response response = api.answer(cluster, head, target, body);
    Reply reply{response.status, {}, response.headers};
    if (const auto* text = std::get_if<std::string>(&response.body)) {
      auto parsed = json::parse(*text);
      if (parsed && parsed->is_object()) reply.body = std::move(parsed->get_object());
    }
    return reply;
  }

  std::vector<std::pair<std::string, std::string>> extra_headers;
};

}  // namespace gatehouse::kube::testing

#include "service/s3/around.h"

#include "base/encoding.h"
#include "service/s3/cors/operations.h"
#include "service/s3/logging/operations.h"

namespace gatehouse::service::s3 {
namespace {

// "/bucket/key", encoded.
Result<void> read_path(Call& call, std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto decoded = percent_decode(path);
  if (!decoded) return fail("InvalidURI", "Couldn't parse the specified URI.");
  const auto slash = decoded->find('/');
  call.in = wire::structure({{m::Bucket, decoded->substr(0, slash)}});
  if (slash != std::string::npos && slash + 1 < decoded->size())
    call.in.set(m::Key, decoded->substr(slash + 1));
  return {};
}

class Around final : public Surroundings {
 public:
  explicit Around(S3& s3) : s3_(s3) {}

  std::optional<Result<wire::Response>> preflight(Call& call, std::string_view path) override {
    if (auto read = read_path(call, path); !read) return fail(std::move(read).error());
    return s3::preflight(s3_.buckets().find(call.in[m::Bucket].text()).get(), call);
  }

  // Not found by the bucket: most requests say no origin.
  void dress(const Call& call, const wire::Head& sent, wire::Response& response) override {
    if (sent.method == "OPTIONS") return;
    const auto question = cors_question(sent);
    if (!question) return;
    const BucketPtr bucket = bucket_asked(s3_, call);
    if (bucket == nullptr || bucket->cors == nullptr) return;
    if (const CorsRule* rule = find_rule(*bucket->cors, *question))
      add_cors_headers(*rule, *question, response.headers);
  }

  void ended(const Call& call, const wire::Head& sent, const Outcome& outcome) override {
    record_access(s3_, call, sent, outcome);
  }

 private:
  S3& s3_;
};

}  // namespace

std::shared_ptr<Surroundings> surroundings(S3& s3) { return std::make_shared<Around>(s3); }

}  // namespace gatehouse::service::s3

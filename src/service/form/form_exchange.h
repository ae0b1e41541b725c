// A browser's upload to S3 by POST: the form becomes a PutObject, and the file its payload, as it comes.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
//
// The fields are the headers of the PutObject; what allows it is the form's policy and its signature instead
// of the request's, and then the same gate as ever.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "identity/signature/post_policy.h"
#include "service/pipeline/aws_exchange.h"
#include "wire/multipart.h"

namespace gatehouse::service {

bool is_upload_form(const wire::Head& head);

class FormExchange final : public wire::Exchange, private wire::FormReader::Sink {
 public:
  FormExchange(const Pipeline& pipeline, const wire::Head& head, std::string vpc_endpoint);

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override;
  std::optional<wire::Response> data(std::string_view piece) override;
  wire::Response finish(std::string body) override;
  wire::Response too_large() override;

 private:
  Result<void> field(std::string name, std::string value) override;
  Result<void> file_begins(std::string filename, std::string content_type) override;
  Result<void> file_data(std::string_view piece) override;

  Result<void> authenticate(const std::string& bucket);
  Result<void> make_head();
  Result<void> check_size_at_end() const;
  wire::Response answer_form(wire::Response stored) const;

  const Pipeline& pipeline_;
  const wire::Head& sent_;
  wire::Head head_;  // of the PutObject
  AwsExchange put_;
  wire::FormReader reader_;
  identity::FormFields fields_;
  std::optional<identity::PostPolicy> policy_;
  std::uint64_t size_ = 0;               // of the file
  std::optional<wire::Response> early_;  // what the PutObject answered before its end
};

}  // namespace gatehouse::service

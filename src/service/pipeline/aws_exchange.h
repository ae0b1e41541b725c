// One AWS call from its head to its answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "service/pipeline/address.h"
#include "service/pipeline/authenticator.h"
#include "service/pipeline/payload.h"
#include "service/pipeline/pipeline.h"
#include "wire/codec.h"

namespace gatehouse::service {

class AwsExchange final : public wire::Exchange {
 public:
  // `vpc_endpoint`: the id of the endpoint whose listener the request came to, or empty.
  AwsExchange(const Pipeline& pipeline, const wire::Head& head, std::string vpc_endpoint = "");
  // For a request that was made of another: a browser's form. Before start().
  // `then` makes the answer to that request of this one's, where it went well.
  void stand_for(const wire::Head& sent, std::function<wire::Response(wire::Response)> then);
  void signed_by(std::optional<Claim> claim, account::Caller caller);  // nullopt: by nobody
  bool is_upload() const { return payload_ != nullptr; }  // after start(): it takes its body piece by piece
  wire::Response refuse(Error error);                     // instead of what start() or finish() would answer
  ~AwsExchange() override;

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override;
  std::optional<wire::Response> data(std::string_view piece) override;
  std::optional<wire::Response> try_finish(std::string& body) override;
  wire::Response finish(std::string body) override;
  wire::Response too_large() override;

 private:
  Result<wire::BodyPlan> begin();
  Result<void> find_service();
  Result<void> enter(const WayIn& way);
  Result<wire::BodyPlan> begin_rest();
  Result<void> begin_upload();

  Result<wire::Response> complete(std::string body);
  Result<wire::Response> complete_without_waiting(std::string body);
  Result<void> take_body(std::string body);
  Result<void> read_rpc(std::string_view body);
  Result<wire::Response> perform();
  Result<wire::Response> perform_once();
  Result<wire::Response> run();

  Result<void> authenticate(std::string_view payload_hash);
  Result<void> find_operation();
  Result<void> authorise();
  Result<void> pass_endpoint();
  std::unexpected<Error> denied(const account::Requirement& requirement, const account::Verdict& verdict);

  wire::Response answer(Result<wire::Response> outcome);
  wire::Response render_error(const Error& error);
  void dress(wire::Response& response);
  void record(const wire::Response& response, const Error* error);
  void note_parameters(account::Event& event) const;

  const Pipeline& pipeline_;
  const Pipeline::Rooms& rooms_;
  const wire::Head& head_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();

  Address address_;
  std::string vpc_endpoint_;
  Family family_ = Family::query;
  const Service* service_ = nullptr;
  Surroundings* around_ = nullptr;  // of the service
  const wire::Head* sent_ = nullptr;
  const Operation* operation_ = nullptr;
  std::optional<Claim> claim_;
  wire::Routed routed_;
  Call call_;
  std::optional<wire::Response> known_;  // the answer, where it needs no body
  bool authenticated_ = false;
  bool claim_known_ = false;
  std::function<wire::Response(wire::Response)> then_;
  Sha256 signing_key_{};

  std::unique_ptr<Upload> upload_;
  std::unique_ptr<PayloadReader> payload_;
  bool body_taken_ = false;
  bool recorded_ = false;
};

}  // namespace gatehouse::service

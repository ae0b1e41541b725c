// What a call leaves behind: its event in the trail and its counts.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/pipeline/aws_exchange.h"

namespace gatehouse::service {
namespace {

// Never written down, whatever the service.
constexpr std::array<std::string_view, 13> kSecret = {"WebIdentityToken",
                                                      "SAMLAssertion",
                                                      "Password",
                                                      "OldPassword",
                                                      "NewPassword",
                                                      "SecretAccessKey",
                                                      "PrivateKey",
                                                      "SSECustomerKey",
                                                      "CopySourceSSECustomerKey",
                                                      "TokenCode",
                                                      "AuthenticationCode1",
                                                      "AuthenticationCode2",
                                                      "Body"};
constexpr size_t kLongestParameter = 2048;

bool reads_only(std::string_view operation) {
  for (const std::string_view verb : {"Get", "List", "Describe", "Head", "Select", "Simulate"}) {
    if (operation.starts_with(verb)) return true;
  }
  return false;
}

std::uint64_t body_size(const wire::Response& response) {
  if (response.head_length) return 0;
  if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
  const auto* source = std::get_if<std::unique_ptr<wire::BodySource>>(&response.body);
  return source != nullptr ? (*source)->size() : 0;
}

}  // namespace

void AwsExchange::note_parameters(account::Event& event) const {
  for (const auto& [member, value] : call_.in.structure()) {
    const auto* text = value.get_if<std::string>();
    const std::string_view name = wire::member_name(member);
    if (text == nullptr || text->size() > kLongestParameter) continue;
    if (std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end()) continue;
    event.parameters.emplace_back(name, *text);
  }
}

void AwsExchange::record(const wire::Response& response, const Error* error) {
  if (recorded_) return;
  recorded_ = true;
  const int status = response.status;
  const std::string_view service = call_.model != nullptr ? call_.model->id : std::string_view("unknown");
  const std::string_view operation =
      call_.operation != nullptr ? call_.operation->name : std::string_view("unknown");
  const auto took = std::chrono::steady_clock::now() - started_;
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took);
  rooms_.metrics.request(service, operation, status, microseconds);
  if (around_ != nullptr) around_->ended(call_, *sent_, {status, error, body_size(response), microseconds});

  account::Event event;
  event.time = call_.now();
  event.event_id = rooms_.random.uuid();
  event.request_id = call_.request_id;
  event.source = std::string(call_.model != nullptr ? call_.model->signing_name : service) + ".amazonaws.com";
  event.name = operation;
  event.region = call_.region;
  event.source_ip = call_.circumstances.source_ip;
  event.user_agent = call_.circumstances.user_agent;
  event.read_only = reads_only(operation);
  if (error != nullptr) {
    event.error_code = error->code;
    event.error_message = error->message;
  }
  note_parameters(event);
  if (call_.decisions.empty()) {  // an operation that anyone who has signed may use
    rooms_.usage.note(call_.caller, fmt::format("{}:{}", service, operation), call_.region, call_.now());
  }
  for (const account::DecisionRecord& decision : call_.decisions) {
    rooms_.usage.note(call_.caller, decision.action, call_.region, call_.now());
  }
  event.caller = std::move(call_.caller);
  event.decisions = std::move(call_.decisions);
  rooms_.trail.record(std::move(event));
}

}  // namespace gatehouse::service

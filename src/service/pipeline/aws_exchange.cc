#include "service/pipeline/aws_exchange.h"

#include <fmt/format.h>

#include <thread>

#include "base/encoding.h"
#include "base/log.h"
#include "service/pipeline/refusals.h"

namespace gatehouse::service {
namespace {

constexpr std::uint64_t kBodyLimit = 4 << 20;        // of calls whose body is parameters
constexpr std::chrono::milliseconds kPause{3};       // after the first; longer after each
constexpr int kRounds = 10;                          // of a call that loses races
constexpr size_t kSmallBody = 64 * 1024;             // read on an I/O thread
constexpr std::uint64_t kUploadLimit = 5ULL << 30;   // S3's single PUT, 5 GiB
constexpr std::uint64_t kUploadSlack = 64ULL << 20;  // chunk signatures around it

bool is_rest(const wire::ServiceModel& model) {
  return model.protocol == wire::Protocol::rest_xml || model.protocol == wire::Protocol::rest_json;
}

// An unsigned form post says which service it means by its version alone.
const wire::ServiceModel* service_of_version(std::string_view body) {
  constexpr std::string_view kVersion = "Version=";  // no client encodes its letters
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(pair.size() + 1, body.size()));
    if (!pair.starts_with(kVersion)) continue;
    for (const wire::ServiceModel* model : wire::services()) {
      const bool form_protocol =
          model->protocol == wire::Protocol::query || model->protocol == wire::Protocol::ec2;
      if (form_protocol && model->version == pair.substr(kVersion.size())) return model;
    }
  }
  return nullptr;
}

bool is_form(const wire::Head& head) {
  return head.headers.get("content-type").starts_with("application/x-www-form-urlencoded");
}

}  // namespace

AwsExchange::AwsExchange(const Pipeline& pipeline, const wire::Head& head, std::string vpc_endpoint)
    : pipeline_(pipeline),
      rooms_(pipeline.rooms()),
      head_(head),
      vpc_endpoint_(std::move(vpc_endpoint)),
      sent_(&head) {
  call_.head = &head;
  call_.request_id = rooms_.random.uuid();
  call_.circumstances.now = rooms_.clock.now();
  call_.circumstances.source_ip = head.peer;
  call_.circumstances.user_agent = head.headers.get("user-agent");
  call_.circumstances.referer = head.headers.get("referer");
  call_.circumstances.secure_transport = head.tls;
}

AwsExchange::~AwsExchange() = default;

void AwsExchange::stand_for(const wire::Head& sent, std::function<wire::Response(wire::Response)> then) {
  sent_ = &sent;
  then_ = std::move(then);
}

void AwsExchange::signed_by(std::optional<Claim> claim, account::Caller caller) {
  claim_ = std::move(claim);
  claim_known_ = true;
  if (!claim_) return;
  call_.caller = std::move(caller);
  call_.account = call_.caller.account;
  authenticated_ = true;
}

wire::Response AwsExchange::refuse(Error error) {
  if (service_ == nullptr && !find_service()) return answer(fail(std::move(error)));
  if (call_.in.is_null() && routed_.operation == nullptr) {
    if (auto routed = wire::route_rest(service_->model(), head_, address_.path)) routed_ = std::move(*routed);
  }
  return answer(fail(std::move(error)));
}

std::variant<wire::BodyPlan, wire::Response> AwsExchange::start(const wire::Head&) {
  try {
    auto plan = begin();
    if (!plan) return answer(fail(plan.error()));
    if (known_) return answer(std::move(*known_));
    return *plan;
  } catch (const std::exception& fault) {
    log::error("a call failed", {{"request", call_.request_id}, {"reason", fault.what()}});
    return answer(internal_failure());
  }
}

Result<wire::BodyPlan> AwsExchange::begin() {
  CHECK_OK(find_service());
  // A null service is told by the form.
  if (service_ != nullptr && is_rest(service_->model())) return begin_rest();
  return wire::BodyPlan{.limit = kBodyLimit, .blocking = true};
}

Result<void> AwsExchange::find_service() {
  address_ = address_of(head_);
  if (vpc_endpoint_.empty()) vpc_endpoint_ = address_.vpc_endpoint;
  const std::optional<WayIn> way = vpc_endpoint_.empty() ? std::nullopt : pipeline_.way_in(vpc_endpoint_);
  if (!way && !vpc_endpoint_.empty())
    return fail("UnknownEndpoint", fmt::format("There is no VPC endpoint {}.", vpc_endpoint_), 404);
  std::string id = address_.service;
  // The words of an error in the signature depend on the service, which the signature may have to tell.
  if (id.empty()) id = scope_service(head_);
  if (id.empty() && way) id = way->service;
  const wire::ServiceModel* model = wire::find_service(id);
  if (id.empty() && head_.method == "POST" && is_form(head_) && head_.path() == "/") return {};
  if (id.empty() && head_.method == "GET" && head_.path() == "/") model = service_of_version(head_.query());
  if (id.empty() && model == nullptr) model = wire::find_service("s3");
  if (model == nullptr) {
    return fail(
        "UnknownEndpoint",
        fmt::format("Gatehouse has no service called {}; `gatehouse coverage` lists those it has.", id), 404);
  }
  service_ = pipeline_.service(model->id);
  around_ = pipeline_.around(model->id);
  call_.model = model;
  family_ = family_of(*model);
  if (!claim_known_) {
    TRY(claim_, identity::parse_claim(head_, family_));
  }
  call_.region = claim_ ? claim_->region : address_.region;
  if (call_.region.empty() && way) call_.region = way->region;
  if (call_.region.empty()) call_.region = kGlobalRegion;
  call_.circumstances.region = call_.region;
  return way ? enter(*way) : Result<void>();
}

// An endpoint leads to one service of one region; what it does not lead to cannot be reached through it.
Result<void> AwsExchange::enter(const WayIn& way) {
  if (way.service != call_.model->id || way.region != call_.region) {
    return fail("UnknownEndpoint",
                fmt::format("The VPC endpoint {} leads to {} in {}, not to {} in {}.", vpc_endpoint_,
                            way.service, way.region, call_.model->id, call_.region),
                404);
  }
  call_.circumstances.endpoint = way.endpoint;
  return {};
}

Result<wire::BodyPlan> AwsExchange::begin_rest() {
  if (family_ == Family::s3) CHECK_OK(check_head_size(head_));
  if (head_.method == "OPTIONS" && around_ != nullptr) {
    if (auto asked = around_->preflight(call_, address_.path)) {
      TRY(auto answered, std::move(*asked));
      known_ = std::move(answered);
      return wire::BodyPlan{};
    }
  }
  TRY(routed_, wire::route_rest(service_->model(), head_, address_.path));
  call_.operation = routed_.operation;
  if (family_ != Family::s3) {
    CHECK_OK(find_operation());
    return wire::BodyPlan{.limit = kBodyLimit, .blocking = true};
  }
  if (routed_.streams) {
    CHECK_OK(begin_upload());
    return wire::BodyPlan{.limit = kUploadLimit + kUploadSlack, .streams = true, .blocking = true};
  }
  CHECK_OK(find_operation());
  return wire::BodyPlan{.limit = kBodyLimit, .blocking = true};
}

// An upload is refused before its body is taken: the payload hash is in the head.
Result<void> AwsExchange::begin_upload() {
  CHECK_OK(authenticate(""));
  CHECK_OK(find_operation());
  CHECK_OK(wire::validate(service_->model(), *call_.operation, routed_.input));
  call_.in = std::move(routed_.input);
  upload_ = std::make_unique<Upload>(rooms_.blobs);
  TRY(payload_, PayloadReader::open(head_, claim_, signing_key_, *upload_));
  call_.upload = upload_.get();
  return authorise();
}

std::optional<wire::Response> AwsExchange::data(std::string_view piece) {
  try {
    auto taken = payload_->take(piece);
    if (!taken) return answer(fail(taken.error()));
    return std::nullopt;
  } catch (const std::exception& fault) {
    log::error("a call failed", {{"request", call_.request_id}, {"reason", fault.what()}});
    return answer(internal_failure());
  }
}

// Most reads find what they need in memory, and cost no turn through the pool.
std::optional<wire::Response> AwsExchange::try_finish(std::string& body) {
  if (upload_ != nullptr || body.size() > kSmallBody) return std::nullopt;
  try {
    auto outcome = complete_without_waiting(std::move(body));
    if (!outcome && outcome.error().code == store::kNotInMemory) return std::nullopt;
    return answer(std::move(outcome));
  } catch (const std::exception& fault) {
    log::error("a call failed", {{"request", call_.request_id}, {"reason", fault.what()}});
    return answer(internal_failure());
  }
}

// kNotInMemory: it has to be completed where it may wait.
Result<wire::Response> AwsExchange::complete_without_waiting(std::string body) {
  CHECK_OK(take_body(std::move(body)));
  if (operation_->blocking == Blocking::yes) return fail(std::string(store::kNotInMemory), "", 503);
  call_.reach = store::Reach::memory;
  auto outcome = perform();
  call_.reach = store::Reach::disk;
  return outcome;
}

wire::Response AwsExchange::finish(std::string body) {
  try {
    return answer(complete(std::move(body)));
  } catch (const std::exception& fault) {
    log::error("a call failed", {{"request", call_.request_id}, {"reason", fault.what()}});
    return answer(internal_failure());
  }
}

Result<wire::Response> AwsExchange::complete(std::string body) {
  if (upload_ == nullptr) {
    if (!body_taken_) CHECK_OK(take_body(std::move(body)));
    return perform();
  }
  TRY(call_.trailers, payload_->close());
  return run();
}

// Parses and authenticates a call whose body, if it has one, is all there.
Result<void> AwsExchange::take_body(std::string body) {
  body_taken_ = true;
  if (service_ == nullptr) {
    const wire::ServiceModel* model = service_of_version(body);
    if (model == nullptr)
      return fail("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    service_ = pipeline_.service(model->id);
    call_.model = model;
    family_ = family_of(*model);
    TRY(claim_, identity::parse_claim(head_, family_));
  }
  const Sha256 digest = claim_ ? sha256(body) : Sha256{};
  const std::string hash = claim_ ? hex(as_bytes(digest)) : std::string();
  if (is_rest(service_->model())) {
    CHECK_OK(authenticate(hash));
    if (family_ == Family::s3 && claim_) CHECK_OK(identity::check_payload(*claim_, digest));
    CHECK_OK(wire::read_rest_body(service_->model(), head_, routed_, body));
    call_.in = std::move(routed_.input);
  } else {
    CHECK_OK(read_rpc(body));
    CHECK_OK(authenticate(hash));
  }
  CHECK_OK(wire::validate(service_->model(), *call_.operation, call_.in));
  call_.body = std::move(body);
  return {};
}

// A lost race is run again from its resolve function on: what was authorised is what is changed, and that has
// changed meanwhile. Terraform changes one user by several calls at once, and AWS lets them all through.
Result<wire::Response> AwsExchange::perform() {
  for (int round = 1;; ++round) {
    auto outcome = perform_once();
    const bool lost = !outcome && outcome.error().code == "ConcurrentModification";
    if (!lost || round == kRounds) return outcome;
    // The winner's change is seen once it is on disk.
    std::this_thread::sleep_for(kPause * round);
    call_.decisions.clear();
    call_.pinned.reset();
    call_.answer = {};
  }
}

Result<wire::Response> AwsExchange::perform_once() {
  CHECK_OK(authorise());
  return run();
}

Result<wire::Response> AwsExchange::run() {
  TRY(const wire::Value output, operation_->run(call_));
  wire::Response response =
      wire::write_response(service_->model(), *call_.operation, output, call_.request_id);
  Call::Answer& extra = call_.answer;
  if (extra.status != 0) response.status = extra.status;
  for (const auto& [name, value] : extra.headers.fields) response.headers.add(name, value);
  if (auto* text = std::get_if<std::string>(&extra.payload)) response.body = std::move(*text);
  if (auto* source = std::get_if<std::unique_ptr<wire::BodySource>>(&extra.payload))
    response.body = std::move(*source);
  if (extra.head_length) response.head_length = extra.head_length;
  return response;
}

Result<void> AwsExchange::read_rpc(std::string_view body) {
  TRY(auto read, wire::read_rpc(service_->model(), head_, body));
  call_.operation = read.operation;
  call_.in = std::move(read.input);
  return find_operation();
}

Result<void> AwsExchange::find_operation() {
  operation_ = service_->find(call_.operation->name);
  if (operation_ != nullptr) return {};
  return fail(
      "NotImplemented",
      fmt::format("{} of {} is not built in this version of Gatehouse; `gatehouse coverage` lists what is.",
                  call_.operation->name, service_->model().id),
      501);
}

Result<void> AwsExchange::authenticate(std::string_view payload_hash) {
  if (authenticated_) return {};
  if (claim_) {
    CHECK_OK(identity::check_scope(*claim_, family_, address_.region, service_->model().signing_name));
    TRY(auto signer, pipeline_.authenticator().signer_of(*claim_, head_, payload_hash, call_.now(), family_));
    call_.caller = std::move(signer.caller);
    signing_key_ = signer.signing_key;
    CHECK_OK(check_session_use(call_.caller, service_->model(), call_.operation));
    if (rooms_.gate.is_closed(call_.caller.account)) return closed_account(family_);
  } else if (family_ != Family::s3 && (operation_ == nullptr || !operation_->anonymous)) {
    return fail(identity::error_for(identity::AuthFailure::missing_credentials, family_));
  }
  call_.account = call_.caller.account;
  authenticated_ = true;
  return {};
}

Result<void> AwsExchange::authorise() {
  if (operation_->access == Access::authenticated) return pass_endpoint();
  TRY(const Requirements requirements, operation_->requirements(call_));
  for (const account::Requirement& requirement : requirements) {
    const account::Verdict verdict = rooms_.gate.check(call_.caller, call_.circumstances, requirement,
                                                       {.quote_resource = family_ == Family::s3});
    rooms_.metrics.decision(policy::to_string(verdict.decision.outcome));
    call_.decisions.push_back(verdict.record);
    if (!verdict.decision.allowed()) return denied(requirement, verdict);
  }
  return {};
}

// Of operations that need no permission: the policy of an endpoint on the way has its say.
Result<void> AwsExchange::pass_endpoint() {
  if (!call_.circumstances.endpoint) return {};
  account::Requirement requirement;
  requirement.action = fmt::format("{}:{}", service_->model().signing_name, call_.operation->name);
  const account::Verdict verdict = rooms_.gate.check(call_.caller, call_.circumstances, requirement, {});
  if (verdict.decision.allowed() || verdict.decision.decided_by != policy::Layer::endpoint) return {};
  call_.decisions.push_back(verdict.record);
  return denied(requirement, verdict);
}

std::unexpected<Error> AwsExchange::denied(const account::Requirement& requirement,
                                           const account::Verdict& verdict) {
  switch (family_) {
    case Family::s3: {
      // The reason is for those of the bucket's own account or organization.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
      return fail("AccessDenied", verdict.acquainted ? verdict.message : "Access Denied", 403);
    }
    case Family::ec2:
      return fail("UnauthorizedOperation",
                  fmt::format("You are not authorized to perform this operation. {} Encoded authorization "
                              "failure message: {}",
                              verdict.message,
                              rooms_.sessions.seal_message(
                                  decoded_message(call_.caller, requirement, verdict.record))),
                  403);
    case Family::rest_json:
      return fail("AccessDeniedException", verdict.message, 403);
    case Family::json:
      return fail("AccessDeniedException", verdict.message, 400);
    default:
      return fail("AccessDenied", verdict.message, 403);
  }
}

wire::Response AwsExchange::too_large() {
  if (family_ == Family::s3) {
    return answer(fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400));
  }
  return answer(fail("RequestEntityTooLarge", "The request's body is larger than this service takes.", 413));
}

wire::Response AwsExchange::answer(Result<wire::Response> outcome) {
  if (!outcome && family_ == Family::s3 && outcome.error().code == "InternalFailure") {
    // S3's name for it. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    outcome.error().code = "InternalError";
    outcome.error().message = "We encountered an internal error. Please try again.";
  }
  const Error* error = outcome ? nullptr : &outcome.error();
  wire::Response response = outcome ? std::move(*outcome) : render_error(*error);
  if (outcome && then_) response = then_(std::move(response));
  dress(response);
  record(response, error);
  return response;
}

void AwsExchange::dress(wire::Response& response) {
  // What was refused early has its members still where they were read.
  if (call_.in.is_null()) call_.in = std::move(routed_.input);
  if (around_ != nullptr) around_->dress(call_, *sent_, response);
}

wire::Response AwsExchange::render_error(const Error& error) {
  const wire::ServiceModel* model = call_.model != nullptr ? call_.model : wire::find_service("sts");
  wire::Response response = wire::write_error(*model, call_.operation, error, call_.request_id,
                                              family_ == Family::s3 ? address_.path : std::string_view());
  for (const auto& [name, value] : call_.answer.headers.fields) response.headers.add(name, value);
  return response;
}

}  // namespace gatehouse::service

#include "service/ec2/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "account/directory/record_fields.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "wire/model.h"

namespace gatehouse::service::ec2 {
namespace {

constexpr std::string_view kKind = "vpc-endpoint/";
constexpr std::int64_t kVersion = 1;

std::string key_of(const Endpoint& e) { return fmt::format("{}{}/{}/{}", kKind, e.account, e.region, e.id); }

struct Describe {
  template <typename E, typename F>
  void operator()(E& e, F& f) const {
    f("id", e.id)("account", e.account)("region", e.region)("vpc", e.vpc)("type", e.type);
    f("service", e.service)("suffix", e.suffix)("token", e.token)("created", e.created);
    f("policy", e.policy, policy::Kind::endpoint)("routeTables", e.route_tables)("subnets", e.subnets);
    f("groups", e.groups)("privateDns", e.private_dns)("tags", e.tags);
  }
};

std::string to_record(const Endpoint& e) {
  json::object out{{"v", kVersion}};
  account::FieldWriter<Describe> fields(out);
  Describe()(e, fields);
  return json::dump(out);
}

Result<Endpoint> from_record(std::string_view record) {
  const auto parsed = json::parse(record);
  Endpoint e;
  if (parsed && parsed->is_object() && json::int_or(parsed->get_object(), "v", 0) == kVersion) {
    account::FieldReader<Describe> fields(parsed->get_object());
    Describe()(e, fields);
    if (!fields.bad()) return e;
  }
  log::error("a VPC endpoint's record is unreadable");
  return internal_failure();
}

EndpointPtr ready(Endpoint e) {
  e.passage = std::make_shared<const account::VpcEndpoint>(
      account::VpcEndpoint{e.id, e.vpc, e.account, e.policy.compiled});
  return std::make_shared<const Endpoint>(std::move(e));
}

}  // namespace

std::string_view Endpoint::short_service() const {
  return std::string_view(service).substr(service.rfind('.') + 1);
}

std::string_view Endpoint::service_id() const {
  for (const wire::ServiceModel* model : wire::services()) {
    if (model->id == short_service() || model->endpoint_prefix == short_service()) return model->id;
  }
  return "";
}

Result<void> Endpoints::load() {
  Result<void> outcome;
  CHECK_OK(records_.visit(kKind, "", [&](std::string_view, std::string_view value, store::Revision revision) {
    auto endpoint = from_record(value);
    if (!endpoint) {
      outcome = fail(endpoint.error());
      return false;
    }
    const auto loaded = ready(std::move(*endpoint));
    table_.publish(loaded->id, loaded, revision);
    return true;
  }));
  return outcome;
}

std::vector<EndpointPtr> Endpoints::of(std::string_view account, std::string_view region) const {
  auto out = all();
  std::erase_if(out, [&](const EndpointPtr& e) { return e->account != account || e->region != region; });
  return out;
}

Result<EndpointPtr> Endpoints::put(Endpoint endpoint) {
  const auto next = ready(std::move(endpoint));
  store::Batch batch;
  batch.puts.emplace_back(key_of(*next), to_record(*next));
  TRY(const auto revision, records_.commit(key_of(*next), std::move(batch)));
  table_.publish(next->id, next, revision);
  CHECK_OK(tell());
  return next;
}

Result<void> Endpoints::remove(const Endpoint& endpoint) {
  store::Batch batch;
  batch.deletes.push_back(key_of(endpoint));
  TRY(const auto revision, records_.commit(key_of(endpoint), std::move(batch)));
  table_.publish(endpoint.id, nullptr, revision);
  return tell();
}

std::string prefix_list_id(std::string_view region) {
  const std::string digest = hex(as_bytes(sha256(fmt::format("com.amazonaws.{}.s3", region))));
  return "pl-" + digest.substr(0, 8);
}

}  // namespace gatehouse::service::ec2

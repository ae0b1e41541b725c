// The operations on VPC endpoints.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "service/ec2/ec2.h"
#include "service/regions.h"

namespace gatehouse::service::ec2 {
namespace {

using wire::structure;
using wire::Value;

constexpr std::string_view kDefaultPolicy =
    R"({"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})";
constexpr size_t kSuffix = 8;
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
constexpr std::ptrdiff_t kMostGateways = 20;    // a region
constexpr std::ptrdiff_t kMostInterfaces = 50;  // a VPC

// The services an endpoint may lead to: those that this account has. S3 alone has gateways.
struct Offer {
  std::string_view name;
  bool gateway = false;
};
constexpr std::array<Offer, 7> kOffers = {
    {{"s3", true}, {"sts"}, {"ec2"}, {"eks"}, {"eks-auth"}, {"kms"}, {"cloudtrail"}}};

constexpr auto kEndpointFilters =
    std::to_array<std::string_view>({"ip-address-type", "service-name", "service-region", "tag-key", "vpc-id",
                                     "vpc-endpoint-id", "vpc-endpoint-state", "vpc-endpoint-type"});
constexpr auto kServiceFilters = std::to_array<std::string_view>(
    {"owner", "service-name", "service-region", "service-type", "supported-ip-address-types"});
constexpr auto kPrefixFilters = std::to_array<std::string_view>({"prefix-list-id", "prefix-list-name"});

std::string arn(const Call& call, std::string_view kind, std::string_view id) {
  return fmt::format("arn:aws:ec2:{}:{}:{}/{}", call.region, call.account, kind, id);
}

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const Value& v : list.list()) out.emplace_back(v.text());
  return out;
}

Value text_list(const std::vector<std::string>& texts) {
  Value::List out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::string service_name(const Call& call, std::string_view service) {
  return fmt::format("com.amazonaws.{}.{}", call.region, service);
}

const Offer* offer_of(const Call& call, std::string_view name) {
  const auto* at =
      std::ranges::find_if(kOffers, [&](const Offer& o) { return service_name(call, o.name) == name; });
  return at == kOffers.end() ? nullptr : at;
}

std::string lower_random(Random& random, size_t size) {
  std::string out = random.base32(size);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// --- what is asked for

Result<account::PolicyText> read_policy(const Value& sent) {
  const std::string text(sent ? sent.text() : kDefaultPolicy);
  auto compiled = policy::compile(text, policy::Kind::endpoint);
  if (!compiled) return fail("InvalidPolicyDocument", compiled.error().message);
  return account::PolicyText{text, std::move(*compiled)};
}

Result<void> check_type(const Call& call, const Endpoint& e, const Offer& offer) {
  const auto refuse = [](std::string_view what) { return fail("InvalidParameter", std::string(what)); };
  const bool gateway = e.is_gateway();
  if (!gateway && e.type != kInterface)
    return fail("InvalidParameter", fmt::format("Endpoint type ({}) is not supported.", e.type));
  if (gateway && !offer.gateway)
    return refuse("Endpoint type (Gateway) does not match available service types ([Interface]).");
  if (gateway && !call.in[m::SubnetIds].list().empty())
    return refuse("Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.");
  if (gateway && !call.in[m::SecurityGroupIds].list().empty())
    return refuse("Security Group IDs are only supported for Interface type VPC Endpoint.");
  if (gateway && call.in[m::PrivateDnsEnabled].boolean())
    return refuse("Private DNS can only be enabled for Interface type VPC Endpoint.");
  if (!gateway && !call.in[m::RouteTableIds].list().empty())
    return refuse("Route table IDs are only supported for Gateway type VPC Endpoint.");
  return {};
}

// What the endpoint names is in its VPC; no route table has two gateways of one service.
Result<void> check_places(const Ec2& ec2, const Network& n, const Endpoint& e) {
  for (const auto& id : e.route_tables) {
    if (id != n.route_table)
      return fail("InvalidRouteTableId.NotFound", fmt::format("The routeTable ID '{}' does not exist", id));
    for (const auto& other : ec2.endpoints().of(e.account, e.region)) {
      if (other->id != e.id && other->service == e.service &&
          std::ranges::find(other->route_tables, id) != other->route_tables.end()) {
        return fail("RouteAlreadyExists",
                    fmt::format("route table {} already has a route with destination-prefix-list-id {}", id,
                                prefix_list_id(e.region)));
      }
    }
  }
  for (const auto& id : e.subnets) {
    if (n.subnet(id) == nullptr)
      return fail("InvalidSubnetId.NotFound", fmt::format("The subnet ID '{}' does not exist", id));
  }
  for (const auto& id : e.groups) {
    if (n.group(id) == nullptr)
      return fail("InvalidGroup.NotFound", fmt::format("The security group '{}' does not exist", id));
  }
  return {};
}

std::vector<account::Tag> tags_of(const Value& specifications) {
  std::vector<account::Tag> out;
  for (const Value& one : specifications.list()) {
    if (one[m::ResourceType].text() != "vpc-endpoint") continue;
    for (auto& tag : read_tags(one[m::Tags])) out.push_back(std::move(tag));
  }
  return out;
}

void add(std::vector<std::string>& to, const Value& ids) {
  for (auto& id : texts(ids)) {
    if (std::ranges::find(to, id) == to.end()) to.push_back(std::move(id));
  }
}

void take(std::vector<std::string>& from, const Value& ids) {
  const auto gone = texts(ids);
  std::erase_if(from, [&](const std::string& id) { return std::ranges::find(gone, id) != gone.end(); });
}

// --- how it is shown

Value dns_entry(std::string_view name) { return structure({{m::DnsName, name}}); }

Value dns_entries(const Network& n, const Endpoint& e) {
  Value::List out;
  if (e.is_gateway()) return out;
  const std::string front = fmt::format("{}{}-{}", e.short_service() == "s3" ? "*." : "", e.id, e.suffix);
  const std::string back = fmt::format(".{}.{}.vpce.amazonaws.com", e.short_service(), e.region);
  out.push_back(dns_entry(front + back));
  for (const auto& id : e.subnets) {
    if (const Subnet* subnet = n.subnet(id)) out.push_back(dns_entry(front + "-" + subnet->zone + back));
  }
  if (e.private_dns)
    out.push_back(dns_entry(fmt::format("{}.{}.amazonaws.com", e.short_service(), e.region)));
  return out;
}

Value tag_list(const std::vector<account::Tag>& tags) {
  Value::List out;
  for (const auto& [key, value] : tags) out.push_back(structure({{m::Key, key}, {m::Value, value}}));
  return out;
}

Described render(const Network& n, const Endpoint& e) {
  Value::List groups;
  for (const auto& id : e.groups)
    groups.push_back(structure({{m::GroupId, id}, {m::GroupName, n.group(id) ? n.group(id)->name : ""}}));
  Described out{e.id,
                {{"vpc-endpoint-id", {e.id}},
                 {"vpc-id", {e.vpc}},
                 {"service-name", {e.service}},
                 {"service-region", {e.region}},
                 {"vpc-endpoint-type", {e.type}},
                 {"vpc-endpoint-state", {"available"}},
                 {"ip-address-type", {"ipv4"}}},
                structure({{m::VpcEndpointId, e.id},
                           {m::VpcEndpointType, e.type},
                           {m::VpcId, e.vpc},
                           {m::ServiceName, e.service},
                           {m::State, "available"},
                           {m::PolicyDocument, e.policy.text},
                           {m::RouteTableIds, text_list(e.route_tables)},
                           {m::SubnetIds, text_list(e.subnets)},
                           {m::Groups, std::move(groups)},
                           {m::IpAddressType, "ipv4"},
                           {m::PrivateDnsEnabled, e.private_dns},
                           {m::RequesterManaged, false},
                           {m::NetworkInterfaceIds, Value::List()},
                           {m::DnsEntries, dns_entries(n, e)},
                           {m::CreationTimestamp, e.created},
                           {m::Tags, tag_list(e.tags)},
                           {m::OwnerId, e.account}})};
  std::vector<std::string> keys;
  for (const auto& [key, value] : e.tags) {
    out.attributes.push_back({"tag:" + key, {value}});
    keys.push_back(key);
  }
  out.attributes.push_back({"tag-key", std::move(keys)});
  return out;
}

Result<EndpointPtr> find_endpoint(const Ec2& ec2, const Call& call, std::string_view id) {
  auto found = ec2.endpoints().find(id);
  if (found != nullptr && found->account == call.account && found->region == call.region) return found;
  return fail("InvalidVpcEndpointId.NotFound", fmt::format("The Vpc Endpoint Id '{}' does not exist", id));
}

// --- what it needs

account::Requirement on(const Call& call, std::string_view kind, std::string_view id) {
  account::Requirement r;
  r.resource = arn(call, kind, id);
  r.resource_account = call.account;
  return r;
}

void add_all(const Call& call, std::string_view kind, const Value& ids, Requirements& to) {
  for (const Value& id : ids.list()) to.push_back(on(call, kind, id.text()));
}

void add_service_keys(std::string_view service, account::Requirement& r) {
  r.key("ec2:VpceServiceName", std::string(service));
  r.key("ec2:VpceServiceOwner", "amazon");
}

account::Requirement on_endpoint(const Ec2& ec2, const Call& call, std::string_view id) {
  auto r = on(call, "vpc-endpoint", id);
  if (const auto found = find_endpoint(ec2, call, id)) {
    add_service_keys((*found)->service, r);
    r.key("ec2:Vpc", arn(call, "vpc", (*found)->vpc));
    r.resource_tags((*found)->tags);
  }
  return r;
}

}  // namespace

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
Result<Requirements> needs_create_endpoint(Ec2&, Call& call) {
  Requirements all{on(call, "vpc", call.in[m::VpcId].text()), on(call, "vpc-endpoint", "*")};
  auto& made = all.back();
  add_service_keys(call.in[m::ServiceName].text(), made);
  const auto tags = tags_of(call.in[m::TagSpecifications]);
  made.request_tags(tags);
  add_all(call, "route-table", call.in[m::RouteTableIds], all);
  add_all(call, "subnet", call.in[m::SubnetIds], all);
  add_all(call, "security-group", call.in[m::SecurityGroupIds], all);
  if (!tags.empty()) {
    all.push_back(on(call, "vpc-endpoint", "*"));
    all.back().action = "ec2:CreateTags";
    all.back().request_tags(tags).key("ec2:CreateAction", "CreateVpcEndpoint");
  }
  return all;
}

Result<Requirements> needs_modify_endpoint(Ec2& ec2, Call& call) {
  Requirements all{on_endpoint(ec2, call, call.in[m::VpcEndpointId].text())};
  for (const auto member : {m::AddRouteTableIds, m::RemoveRouteTableIds})
    add_all(call, "route-table", call.in[member], all);
  for (const auto member : {m::AddSubnetIds, m::RemoveSubnetIds})
    add_all(call, "subnet", call.in[member], all);
  for (const auto member : {m::AddSecurityGroupIds, m::RemoveSecurityGroupIds})
    add_all(call, "security-group", call.in[member], all);
  return all;
}

Result<Requirements> needs_delete_endpoints(Ec2& ec2, Call& call) {
  Requirements all;
  for (const Value& id : call.in[m::VpcEndpointIds].list()) all.push_back(on_endpoint(ec2, call, id.text()));
  if (all.empty()) all.push_back(on(call, "vpc-endpoint", "*"));
  return all;
}

Result<Value> create_vpc_endpoint(Ec2& ec2, Call& call) {
  CHECK_OK(check_dry_run(call));
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  Endpoint e;
  e.account = call.account;
  e.region = call.region;
  e.vpc = call.in[m::VpcId].text();
  e.type = call.in[m::VpcEndpointType].text_or(kGateway);
  e.service = call.in[m::ServiceName].text();
  if (e.vpc != n->vpc)
    return fail("InvalidVpcId.NotFound", fmt::format("The Vpc Id {} does not exist", e.vpc));
  const Offer* offer = offer_of(call, e.service);
  if (offer == nullptr) {
    return fail("InvalidServiceName", fmt::format("The Vpc Endpoint Service '{}' does not exist", e.service));
  }
  CHECK_OK(check_type(call, e, *offer));
  TRY(e.policy, read_policy(call.in[m::PolicyDocument]));
  add(e.route_tables, call.in[m::RouteTableIds]);
  add(e.subnets, call.in[m::SubnetIds]);
  add(e.groups, call.in[m::SecurityGroupIds]);
  if (!e.is_gateway() && e.groups.empty()) e.groups.push_back(n->groups.front().id);
  // Interface endpoints stand for the service's own name unless that is declined; S3's do not by themselves.
  const auto& private_dns = call.in[m::PrivateDnsEnabled];
  e.private_dns = !e.is_gateway() && (private_dns ? private_dns.boolean() : e.short_service() != "s3");
  e.tags = tags_of(call.in[m::TagSpecifications]);
  e.token = call.in[m::ClientToken].text();
  e.created = call.now();

  const std::lock_guard one_at_a_time(ec2.endpoints().changing());
  if (!e.token.empty()) {
    for (const auto& there : ec2.endpoints().of(call.account, call.region)) {
      if (there->token == e.token) return structure({{m::VpcEndpoint, render(*n, *there).value}});
    }
  }
  const auto there = ec2.endpoints().of(call.account, call.region);
  const auto count = std::ranges::count(there, e.type, [](const EndpointPtr& other) { return other->type; });
  if (count >= (e.is_gateway() ? kMostGateways : kMostInterfaces)) {
    return fail("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.");
  }
  CHECK_OK(check_places(ec2, *n, e));
  e.id = ec2.networks().new_id("vpce");
  e.suffix = lower_random(ec2.random(), kSuffix);
  const Endpoint wanted = e;
  const auto stored = ec2.endpoints().put(std::move(e));
  if (!stored) {
    // It cannot be listened for: nothing of it stays.
    if (ec2.endpoints().find(wanted.id) != nullptr) CHECK_OK(ec2.endpoints().remove(wanted));
    return fail(stored.error());
  }
  const auto& made = *stored;
  return structure({{m::VpcEndpoint, render(*n, *made).value}, {m::ClientToken, call.in[m::ClientToken]}});
}

Result<Value> describe_vpc_endpoints(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  std::vector<Described> all;
  for (const auto& e : ec2.endpoints().of(call.account, call.region)) all.push_back(render(*n, *e));
  return describe(call,
                  {m::VpcEndpoints, m::VpcEndpointIds, "vpcEndpointIds", "InvalidVpcEndpointId.NotFound",
                   "Vpc Endpoint Id", kEndpointFilters},
                  std::move(all));
}

Result<Value> modify_vpc_endpoint(Ec2& ec2, Call& call) {
  CHECK_OK(check_dry_run(call));
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  const std::lock_guard one_at_a_time(ec2.endpoints().changing());
  TRY(const auto now, find_endpoint(ec2, call, call.in[m::VpcEndpointId].text()));
  Endpoint e = *now;
  if (call.in[m::ResetPolicy].boolean() && call.in[m::PolicyDocument])
    return fail("InvalidParameterCombination",
                "Only one of ResetPolicy and PolicyDocument may be specified.");
  if (call.in[m::ResetPolicy].boolean() || call.in[m::PolicyDocument]) {
    TRY(e.policy, read_policy(call.in[m::PolicyDocument]));
  }
  const bool routes = !call.in[m::AddRouteTableIds].list().empty();
  if (routes && !e.is_gateway())
    return fail("InvalidParameter", "Route table IDs are only supported for Gateway type VPC Endpoint.");
  if (e.is_gateway() && !call.in[m::AddSubnetIds].list().empty()) {
    return fail("InvalidParameter",
                "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.");
  }
  add(e.route_tables, call.in[m::AddRouteTableIds]);
  take(e.route_tables, call.in[m::RemoveRouteTableIds]);
  add(e.subnets, call.in[m::AddSubnetIds]);
  take(e.subnets, call.in[m::RemoveSubnetIds]);
  add(e.groups, call.in[m::AddSecurityGroupIds]);
  take(e.groups, call.in[m::RemoveSecurityGroupIds]);
  if (const auto& enabled = call.in[m::PrivateDnsEnabled]) e.private_dns = enabled.boolean();
  CHECK_OK(check_places(ec2, *n, e));
  CHECK_OK(ec2.endpoints().put(std::move(e)));
  return structure({{m::Return, true}});
}

Result<Value> delete_vpc_endpoints(Ec2& ec2, Call& call) {
  CHECK_OK(check_dry_run(call));
  const std::lock_guard one_at_a_time(ec2.endpoints().changing());
  Value::List failed;
  for (const Value& id : call.in[m::VpcEndpointIds].list()) {
    const auto found = find_endpoint(ec2, call, id.text());
    if (found) {
      CHECK_OK(ec2.endpoints().remove(**found));
    } else {
      failed.push_back(structure(
          {{m::ResourceId, id.text()},
           {m::Error, structure({{m::Code, found.error().code}, {m::Message, found.error().message}})}}));
    }
  }
  return structure({{m::Unsuccessful, std::move(failed)}});
}

Result<Value> describe_vpc_endpoint_services(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  std::vector<std::string> zones;
  for (const Subnet& s : n->subnets) zones.push_back(s.zone);
  std::vector<Described> all;
  for (const Offer& offer : kOffers) {
    const auto add_type = [&](std::string_view type) {
      const std::string name = service_name(call, offer.name);
      const std::string dns = fmt::format("{}.{}.{}", offer.name, call.region, "vpce.amazonaws.com");
      all.push_back({name,
                     {{"service-name", {name}},
                      {"service-type", {std::string(type)}},
                      {"service-region", {call.region}},
                      {"owner", {"amazon"}},
                      {"supported-ip-address-types", {"ipv4"}}},
                     structure({{m::ServiceName, name},
                                {m::ServiceType, Value::List{structure({{m::ServiceType, type}})}},
                                {m::ServiceRegion, call.region},
                                {m::AvailabilityZones, text_list(zones)},
                                {m::Owner, "amazon"},
                                {m::BaseEndpointDnsNames, text_list({dns})},
                                {m::VpcEndpointPolicySupported, true},
                                {m::AcceptanceRequired, false},
                                {m::ManagesVpcEndpoints, false},
                                {m::SupportedIpAddressTypes, text_list({"ipv4"})}})});
    };
    if (offer.gateway) add_type(kGateway);
    add_type(kInterface);
  }
  TRY(Value out, describe(call,
                          {m::ServiceDetails, m::ServiceNames, "serviceNames", "InvalidServiceName",
                           "Vpc Endpoint Service", kServiceFilters},
                          std::move(all)));
  Value::List names;
  for (const Value& detail : out[m::ServiceDetails].list()) {
    const std::string_view name = detail[m::ServiceName].text();
    if (names.empty() || names.back().text() != name) names.emplace_back(std::string(name));
  }
  out.set(m::ServiceNames, std::move(names));
  return out;
}

Result<Value> describe_prefix_lists(Ec2&, Call& call) {
  const std::string id = prefix_list_id(call.region);
  const std::string name = service_name(call, "s3");
  // Here S3 is on the loopback.
  std::vector<Described> all{
      {id,
       {{"prefix-list-id", {id}}, {"prefix-list-name", {name}}},
       structure(
           {{m::PrefixListId, id}, {m::PrefixListName, name}, {m::Cidrs, text_list({"127.0.0.0/8"})}})}};
  return describe(call,
                  {m::PrefixLists, m::PrefixListIds, "prefixListIds", "InvalidPrefixListId.NotFound",
                   "prefix list ID", kPrefixFilters},
                  std::move(all));
}

}  // namespace gatehouse::service::ec2

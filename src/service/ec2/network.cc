#include "service/ec2/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"
#include "service/regions.h"

namespace gatehouse::service::ec2 {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kDefaultRange = "172.31.0.0/16";
constexpr size_t kSubnetStride = 16;  // a /20 each
constexpr int kRounds = 16;

std::string key_of(std::string_view account, std::string_view region) {
  return fmt::format("network/{}/{}", account, region);
}

json::array write(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

std::string text(const json::value& v, std::string_view key) {
  return json::string_or(v.as_object(), key, "");
}

const json::array& list(const json::object& o, std::string_view key) {
  static const json::array kNone;
  const auto* v = o.if_contains(key);
  return v != nullptr && v->is_array() ? v->get_array() : kNone;
}

json::array write_subnets(const Network& n) {
  json::array out;
  for (const Subnet& s : n.subnets)
    out.push_back(json::object{{"id", s.id}, {"zone", s.zone}, {"zoneId", s.zone_id}, {"cidr", s.cidr}});
  return out;
}

json::array write_groups(const Network& n) {
  json::array out;
  for (const SecurityGroup& g : n.groups)
    out.push_back(json::object{
        {"id", g.id}, {"name", g.name}, {"description", g.description}, {"self", g.opens_to_itself}});
  return out;
}

json::array write_interfaces(const Network& n) {
  json::array out;
  for (const Interface& i : n.interfaces) {
    out.push_back(json::object{{"id", i.id},
                               {"subnet", i.subnet},
                               {"address", i.address},
                               {"mac", i.mac},
                               {"description", i.description},
                               {"requester", i.requester},
                               {"groups", write(i.groups)}});
  }
  return out;
}

Interface read_interface(const json::value& v) {
  Interface i{text(v, "id"),
              text(v, "subnet"),
              text(v, "address"),
              text(v, "mac"),
              text(v, "description"),
              text(v, "requester"),
              {}};
  for (const auto& group : list(v.as_object(), "groups")) i.groups.emplace_back(group.as_string());
  return i;
}

}  // namespace

std::string Network::record_key() const { return key_of(account, region); }

const Subnet* Network::subnet(std::string_view id) const {
  const auto it = std::ranges::find(subnets, id, &Subnet::id);
  return it == subnets.end() ? nullptr : &*it;
}

const SecurityGroup* Network::group(std::string_view id) const {
  const auto it = std::ranges::find(groups, id, &SecurityGroup::id);
  return it == groups.end() ? nullptr : &*it;
}

std::string to_record(const Network& n) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", n.account},
                                 {"region", n.region},
                                 {"vpc", n.vpc},
                                 {"cidr", n.cidr},
                                 {"dhcpOptions", n.dhcp_options},
                                 {"internetGateway", n.internet_gateway},
                                 {"routeTable", n.route_table},
                                 {"routeTableAssociation", n.route_table_association},
                                 {"subnets", write_subnets(n)},
                                 {"groups", write_groups(n)},
                                 {"interfaces", write_interfaces(n)},
                                 {"nextAddress", n.next_address}});
}

Result<Network> network_from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  if (!parsed || !parsed->is_object() || json::int_or(parsed->get_object(), "v", 0) != kVersion) {
    log::error("network record is unreadable");
    return internal_failure();
  }
  const json::object& o = parsed->get_object();
  Network n;
  n.account = text(o, "account");
  n.region = text(o, "region");
  n.vpc = text(o, "vpc");
  n.cidr = text(o, "cidr");
  n.dhcp_options = text(o, "dhcpOptions");
  n.internet_gateway = text(o, "internetGateway");
  n.route_table = text(o, "routeTable");
  n.route_table_association = text(o, "routeTableAssociation");
  for (const auto& s : list(o, "subnets"))
    n.subnets.push_back({text(s, "id"), text(s, "zone"), text(s, "zoneId"), text(s, "cidr")});
  for (const auto& g : list(o, "groups"))
    n.groups.push_back(
        {text(g, "id"), text(g, "name"), text(g, "description"), json::bool_or(g.as_object(), "self", true)});
  for (const auto& i : list(o, "interfaces")) n.interfaces.push_back(read_interface(i));
  n.next_address = static_cast<std::uint64_t>(json::int_or(o, "nextAddress", 10));
  n.revision = revision;
  return n;
}

std::string Networks::new_id(std::string_view kind) {
  std::string digits = random_.hex(16);
  std::ranges::transform(digits, digits.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return fmt::format("{}-0{}", kind, digits);
}

Result<Network> Networks::make_default(std::string_view account, std::string_view region) {
  const Region* where = find_region(region);
  if (where == nullptr)
    return fail("InvalidParameterValue", fmt::format("The region '{}' does not exist.", region));
  Network n;
  n.account = account;
  n.region = region;
  n.vpc = new_id("vpc");
  n.cidr = kDefaultRange;
  n.dhcp_options = new_id("dopt");
  n.internet_gateway = new_id("igw");
  n.route_table = new_id("rtb");
  n.route_table_association = new_id("rtbassoc");
  for (size_t i = 0; i < where->zones.size(); ++i) {
    n.subnets.push_back({new_id("subnet"), zone_name(*where, i), zone_id(*where, i),
                         fmt::format("172.31.{}.0/20", i * kSubnetStride)});
  }
  n.groups.push_back({new_id("sg"), "default", "default VPC security group", true});
  return n;
}

Result<NetworkPtr> Networks::load(const std::string& key) {
  TRY(const auto record, records_.get(key));
  if (!record) return nullptr;
  TRY(auto network, network_from_record(record->value, record->revision));
  auto published = std::make_shared<const Network>(std::move(network));
  table_.publish(key, published, published->revision);
  return published;
}

Result<NetworkPtr> Networks::store(Network network) {
  store::Batch batch;
  const std::string key = network.record_key();
  batch.preconditions.push_back({key, network.revision});
  batch.puts.emplace_back(key, to_record(network));
  TRY(network.revision, records_.commit(key, std::move(batch)));
  auto published = std::make_shared<const Network>(std::move(network));
  table_.publish(key, published, published->revision);
  return published;
}

Result<NetworkPtr> Networks::of(std::string_view account, std::string_view region) {
  const std::string key = key_of(account, region);
  if (auto known = table_.find(key)) return known;
  TRY(auto loaded, load(key));
  if (loaded) return loaded;
  TRY(auto fresh, make_default(account, region));
  auto stored = store(std::move(fresh));
  // Somebody else looked at the same time: theirs is the one.
  if (!stored && stored.error().code == store::kConflict) return load(key);
  return stored;
}

Result<NetworkPtr> Networks::update(std::string_view account, std::string_view region,
                                    const std::function<void(Network&)>& change) {
  for (int round = 0; round < kRounds; ++round) {
    TRY(const auto now, of(account, region));
    Network next = *now;
    change(next);
    auto stored = store(std::move(next));
    if (stored || stored.error().code != store::kConflict) return stored;
    CHECK_OK(load(key_of(account, region)));
  }
  return fail("RequestLimitExceeded", "Request limit exceeded.", 503);
}

}  // namespace gatehouse::service::ec2

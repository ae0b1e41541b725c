#include "kube/access/aws_auth.h"

#include <fmt/format.h>

#include "base/arn.h"
#include "kube/clusters.h"
#include "kube/objects/json_path.h"
#include "kube/schema/decode.h"
#include "kube/schema/yaml.h"

namespace gatehouse::kube {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

using Severity = AwsAuthFinding::Severity;

// The list under a key of the ConfigMap, which is YAML inside a string; complains and gives nothing where it
// is not.
json::array entries(const json::object& data, std::string_view key, std::vector<AwsAuthFinding>& complaints) {
  const auto text = text_at(data, {key});
  if (text.empty() || text == "``" || text == "''") return {};
  auto parsed = parse_yaml(text);
  if (parsed && parsed->is_null()) return {};
  if (!parsed || !parsed->is_array()) {
    const auto fault = yaml_fault(text);
    complaints.push_back(
        {"AWS_AUTH_LIST_UNREADABLE", Severity::error,
         fmt::format("{} is not a YAML list ({}): all of it is ignored, and whom it mapped is locked out",
                     key, parsed ? "it holds something else" : parsed.error().message),
         "each entry begins with a dash at the start of its line, and its members stand two columns to the "
         "right of it",
         std::string(key), fault ? fault->place.line : 1, fault ? fault->place.column : 1});
    return {};
  }
  return std::move(parsed->get_array());
}

// What EKS would not take, in words; "" for a good entry.
std::string fault_in(const json::value& value, std::string_view arn_member) {
  const json::object* entry = value.if_object();
  if (entry == nullptr) return "is no map";
  if (text_at(*entry, {arn_member}).empty()) {
    for (const auto& [name, _] : *entry) {
      std::string plain = lower(name);
      std::erase(plain, '_');
      if (plain == arn_member)
        return fmt::format("has {} where EKS reads {}", std::string_view(name), arn_member);
    }
    return fmt::format("has no {}", arn_member);
  }
  const json::value* groups = entry->if_contains("groups");
  if (groups == nullptr || groups->is_null()) return "";
  if (!groups->is_array()) return "has groups that are no list";
  for (const json::value& group : groups->get_array()) {
    if (group.is_object() && !group.get_object().empty()) {
      const auto& [key, _] = *group.get_object().begin();
      return fmt::format("has the group \"{}: …\", which YAML reads as a map: write it without the space",
                         std::string_view(key));
    }
    if (!group.is_string()) return "has a group that is no text";
  }
  return "";
}

Mapping mapping_of(const json::object& entry, std::string_view arn_member) {
  Mapping out{std::string(text_at(entry, {"username"})), {}, std::string(text_at(entry, {arn_member}))};
  const json::array* groups = array_at(entry, {"groups"});
  for (size_t i = 0; groups != nullptr && i < groups->size(); ++i)
    out.groups.emplace_back((*groups)[i].get_string());
  return out;
}

void read_mappings(const json::array& list, std::string_view key, std::string_view arn_member,
                   const std::vector<YamlPlace>& places, AwsAuth& out) {
  auto& into = arn_member == "rolearn" ? out.roles : out.users;
  for (size_t i = 0; i < list.size(); ++i) {
    const int line = i < places.size() ? places[i].line : 0;
    if (const std::string fault = fault_in(list[i], arn_member); !fault.empty()) {
      out.complaints.push_back({"AWS_AUTH_ENTRY_IGNORED", Severity::error,
                                fmt::format("{}[{}] {}: the entry is ignored", key, i, fault), "",
                                std::string(key), line});
      continue;
    }
    Mapping mapping = mapping_of(list[i].get_object(), arn_member);
    mapping.line = line;
    into[lower(mapping.arn)] = std::move(mapping);
  }
}

// AROA…:session -> both halves; a user's id has no session.
std::pair<std::string, std::string> split_user_id(std::string_view user_id) {
  const auto colon = user_id.find(':');
  if (colon == std::string_view::npos) return {std::string(user_id), ""};
  return {std::string(user_id.substr(0, colon)), std::string(user_id.substr(colon + 1))};
}

bool is_instance_id(std::string_view text) {
  if (!text.starts_with("i-")) return false;
  text.remove_prefix(2);
  return (text.size() == 8 || text.size() == 17) && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::optional<std::string> fill(std::string_view pattern, const IamIdentity& identity,
                                std::string_view region, const InstanceNames& names) {
  const std::string session = split_user_id(identity.user_id).second;
  std::string out;
  while (true) {
    const auto open = pattern.find("{{");
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = pattern.find("}}", open);
    if (close == std::string_view::npos) return std::nullopt;
    const auto name = pattern.substr(open + 2, close - open - 2);
    if (name == "AccountID") {
      out += identity.account;
    } else if (name == "SessionName") {
      std::string clean = session;
      std::replace(clean.begin(), clean.end(), '@', '-');
      out += clean;
    } else if (name == "SessionNameRaw") {
      out += session;
    } else if (name == "AccessKeyID") {
      out += identity.access_key_id;
    } else if (name == "EC2PrivateDNSName") {
      if (!is_instance_id(session) || !names) return std::nullopt;
      const auto dns = names(identity, region, session);
      if (!dns) return std::nullopt;
      out += *dns;
    } else {
      return std::nullopt;
    }
    pattern.remove_prefix(close + 2);
  }
}

}  // namespace

AwsAuth AwsAuth::parse(const json::object& data) {
  AwsAuth out;
  const auto read = [&](std::string_view key, std::string_view arn_member) {
    read_mappings(entries(data, key, out.complaints), key, arn_member, yaml_elements(text_at(data, {key})),
                  out);
  };
  read("mapRoles", "rolearn");
  read("mapUsers", "userarn");
  for (const json::value& account : entries(data, "mapAccounts", out.complaints)) {
    // YAML reads an account without quotes as a number, and one with a leading zero loses it: quoted is
    // right.
    if (account.is_string()) out.accounts.emplace_back(account.get_string());
    if (account.is_int64()) out.accounts.push_back(fmt::format("{:012}", account.get_int64()));
  }
  return out;
}

std::optional<Mapping> AwsAuth::find(std::string_view canonical, std::string_view account) const {
  const std::string key = lower(canonical);
  for (const auto* map : {&roles, &users})
    if (const auto it = map->find(key); it != map->end()) return it->second;
  if (std::find(accounts.begin(), accounts.end(), account) != accounts.end())
    return Mapping{std::string(canonical), {}};
  return std::nullopt;
}

std::optional<std::string> resource_based_name(const IamIdentity&, std::string_view region,
                                               std::string_view instance_id) {
  if (region == "us-east-1") return fmt::format("{}.ec2.internal", instance_id);
  return fmt::format("{}.{}.compute.internal", instance_id, region);
}

std::optional<User> mapped_user(const Mapping& mapping, const IamIdentity& identity, std::string_view region,
                                const InstanceNames& names) {
  const auto username = fill(mapping.username, identity, region, names);
  if (!username) return std::nullopt;
  const auto [principal, session] = split_user_id(identity.user_id);
  User user{*username, fmt::format("aws-iam-authenticator:{}:{}", identity.account, principal), {}, {}};
  for (const std::string& group : mapping.groups) {
    const auto filled = fill(group, identity, region, names);
    if (!filled) return std::nullopt;
    user.groups.push_back(*filled);
  }
  user.groups.emplace_back(kAuthenticated);
  user.extra = {{"accessKeyId", {identity.access_key_id}},
                {"arn", {identity.arn}},
                {"canonicalArn", {canonical_arn(identity.arn)}},
                {"principalId", {principal}},
                {"sessionName", {session}},
                {"sigs.k8s.io/aws-iam-authenticator/principalId", {principal}}};
  return user;
}

}  // namespace gatehouse::kube

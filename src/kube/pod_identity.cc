#include "kube/pod_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/arn.h"
#include "kube/objects/json_path.h"
#include "kube/objects/patch.h"

namespace gatehouse::kube::pod_identity {
namespace {

constexpr std::string_view kVolume = "aws-iam-token";
constexpr std::string_view kRoleArn = "AWS_ROLE_ARN";
constexpr std::string_view kTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE";
constexpr std::string_view kRegionalEndpoints = "AWS_STS_REGIONAL_ENDPOINTS";
constexpr std::int64_t kMinExpiration = 600;

std::string_view annotation(const json::object& object, const Config& config, std::string_view name) {
  return text_at(object, {"metadata", "annotations", config.annotation_prefix + "/" + std::string(name)});
}

std::optional<std::int64_t> lifetime(std::string_view text) {
  std::int64_t seconds = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || r.ec != std::errc{} || r.ptr != text.data() + text.size()) return std::nullopt;
  return std::max(seconds, kMinExpiration);
}

// Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

std::string_view trim(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

// One CSV record without quoting; a quote makes the webhook's parser fail, and then nothing is skipped.
std::vector<std::string> skipped_containers(const json::object& pod, const Config& config) {
  std::vector<std::string> out;
  std::string_view text = annotation(pod, config, "skip-containers");
  if (text.empty() || text.find_first_of("\"\n\r") != std::string_view::npos) return out;
  while (true) {
    const auto comma = text.find(',');
    out.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

bool has_env(const json::array* env, std::string_view name) {
  return env != nullptr && std::any_of(env->begin(), env->end(), [&](const json::value& e) {
           return e.is_object() && text_at(e.get_object(), {"name"}) == name;
         });
}

bool has_named(const json::array* list, std::string_view name) { return has_env(list, name); }

json::array& list_in(json::object& object, std::string_view member) {
  json::value& v = object[member];
  if (!v.is_array()) v.emplace_array();
  return v.get_array();
}

bool windows(const json::object& pod) {
  const auto selects = [&](std::string_view label) {
    return text_at(pod, {"spec", "nodeSelector", label}) == "windows";
  };
  return selects("kubernetes.io/os") || selects("beta.kubernetes.io/os");
}

std::string token_path(const json::object& pod, const Config& config) {
  if (!windows(pod)) return config.mount_path + "/token";
  std::string path = "C:" + config.mount_path + "/token";
  std::replace(path.begin(), path.end(), '/', '\\');
  return path;
}

void add_env(json::object& container, std::string_view name, std::string_view value) {
  list_in(container, "env").push_back(json::object{{"name", name}, {"value", value}});
}

// True if the container was changed.
bool change_container(json::object& container, const Identity& identity, const Config& config,
                      const std::string& path) {
  const json::array* env = array_at(container, {"env"});
  const bool has_identity = has_env(env, kRoleArn) || has_env(env, kTokenFile);
  const bool has_region = has_env(env, "AWS_REGION") || has_env(env, "AWS_DEFAULT_REGION");
  const bool has_endpoints = has_env(env, kRegionalEndpoints);
  // With everything there already the webhook leaves at once, and the token is not even mounted.
  if (has_identity && has_region && has_endpoints) return false;
  if (identity.regional_endpoint && !has_endpoints) add_env(container, kRegionalEndpoints, "regional");
  if (!config.region.empty() && !has_region) {
    add_env(container, "AWS_DEFAULT_REGION", config.region);
    add_env(container, "AWS_REGION", config.region);
  }
  if (!has_identity) {
    add_env(container, kRoleArn, identity.role_arn);
    add_env(container, kTokenFile, path);
  }
  if (!has_named(array_at(container, {"volumeMounts"}), kVolume))
    list_in(container, "volumeMounts")
        .push_back(json::object{{"name", kVolume}, {"readOnly", true}, {"mountPath", config.mount_path}});
  return true;
}

json::object volume(const Identity& identity, std::int64_t expiration) {
  json::object source{{"audience", identity.audience}, {"expirationSeconds", expiration}, {"path", "token"}};
  json::array sources{json::object{{"serviceAccountToken", std::move(source)}}};
  return {{"name", kVolume}, {"projected", json::object{{"sources", std::move(sources)}}}};
}

json::object operation(std::string_view path, json::value value) {
  return {{"op", "add"}, {"path", path}, {"value", std::move(value)}};
}

}  // namespace

std::optional<Identity> identity_of(const json::object& service_account, const Config& config) {
  const auto role = annotation(service_account, config, "role-arn");
  if (role.empty()) return std::nullopt;
  const auto audience = annotation(service_account, config, "audience");
  const auto regional = parse_bool(annotation(service_account, config, "sts-regional-endpoints"));
  return Identity{
      std::string(role), audience.empty() ? config.audience : std::string(audience),
      regional.value_or(config.regional_endpoint),
      lifetime(annotation(service_account, config, "token-expiration")).value_or(config.expiration)};
}

bool plausible_role_arn(std::string_view text) {
  const auto arn = Arn::parse(text);
  if (!arn || !arn->partition.starts_with("aws") || arn->service != "iam" || !arn->region.empty() ||
      !is_account_id(arn->account) || !arn->resource.starts_with("role/") || arn->resource.size() == 5) {
    return false;
  }
  return std::all_of(arn->resource.begin(), arn->resource.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-/.@+=,").find(c) != std::string_view::npos;
  });
}

json::array mutation(const json::object& pod, const Identity& identity, const Config& config) {
  const json::object* spec = object_at(pod, {"spec"});
  json::array patch;
  if (spec == nullptr) return patch;
  const auto skipped = skipped_containers(pod, config);
  const std::string path = token_path(pod, config);
  bool changed = false;
  std::vector<std::pair<std::string, json::array>> lists;
  for (const char* member : {"containers", "initContainers"}) {
    const json::array* list = array_at(*spec, {member});
    if (list == nullptr || list->empty()) continue;
    json::array copy = *list;
    for (json::value& container : copy) {
      if (!container.is_object()) continue;
      const auto name = text_at(container.get_object(), {"name"});
      if (std::find(skipped.begin(), skipped.end(), name) != skipped.end()) continue;
      changed = change_container(container.get_object(), identity, config, path) || changed;
    }
    lists.emplace_back(std::string("/spec/") + member, std::move(copy));
  }
  if (!changed) return patch;
  const std::int64_t expiration =
      lifetime(annotation(pod, config, "token-expiration")).value_or(identity.expiration);
  const json::array* volumes = array_at(*spec, {"volumes"});
  if (!has_named(volumes, kVolume)) {
    if (volumes != nullptr) {
      patch.push_back(operation("/spec/volumes/0", volume(identity, expiration)));
    } else {
      patch.push_back(operation("/spec/volumes", json::array{volume(identity, expiration)}));
    }
  }
  // Whole lists are replaced, as the webhook does.
  for (auto& [where, list] : lists) patch.push_back(operation(where, std::move(list)));
  return patch;
}

Result<Projection> project(const Cluster& cluster, std::string_view ns, std::string_view service_account,
                           const ProjectOptions& options, Time now, Random& random) {
  if (cluster.objects->find(kind_of("", "namespaces"), "", ns) == nullptr)
    return fail("NamespaceNotFound", fmt::format("cluster {} has no namespace {}", cluster.name, ns), 404);
  const StoredPtr account = cluster.objects->find(kind_of("", "serviceaccounts"), ns, service_account);
  if (account == nullptr)
    return fail("ServiceAccountNotFound",
                fmt::format("namespace {} of cluster {} has no service account {}", ns, cluster.name,
                            service_account),
                404);
  const auto identity = identity_of(account->object, options.config);
  if (!identity)
    return fail(
        "NoRoleAnnotation",
        fmt::format(
            "service account {}/{} has no annotation {}/role-arn, so its pods get no role; add it with: "
            "kubectl annotate serviceaccount {} -n {} {}/role-arn=ROLE_ARN",
            ns, service_account, options.config.annotation_prefix, service_account, ns,
            options.config.annotation_prefix));
  json::value pod =
      json::object{{"metadata", json::object()},
                   {"spec", json::object{{"containers", json::array{json::object{{"name", "process"}}}}}}};
  const json::array patch = mutation(pod.get_object(), *identity, options.config);
  CHECK_OK(json_patch(pod, json::value(patch)));

  Projection out;
  out.audience = identity->audience;
  out.role_arn = identity->role_arn;
  const json::object& container = pod.at("spec").at("containers").at(0).get_object();
  for (const json::value& variable : *array_at(container, {"env"})) {
    const json::object& v = variable.get_object();
    std::string value(text_at(v, {"value"}));
    if (text_at(v, {"name"}) == kTokenFile && !options.token_file.empty()) value = options.token_file;
    out.environment.emplace_back(text_at(v, {"name"}), std::move(value));
  }
  if (!plausible_role_arn(identity->role_arn))
    out.warnings.push_back(
        fmt::format("{} is no role's ARN; it is injected all the same, as EKS does", identity->role_arn));
  const auto seconds = std::chrono::seconds(
      std::clamp(identity->expiration, kMinTokenLifetime.count(), kMaxTokenLifetime.count()));
  out.expires = now + seconds;
  out.token = make_token(cluster,
                         {.ns = std::string(ns),
                          .account = std::string(service_account),
                          .account_uid = std::string(text_at(account->object, {"metadata", "uid"})),
                          .audiences = {identity->audience},
                          .lifetime = seconds,
                          .pod = options.pod,
                          .node = {},
                          .secret = {}},
                         now, random);
  return out;
}

}  // namespace gatehouse::kube::pod_identity

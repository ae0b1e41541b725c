#include "kube/access/iam_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/encoding.h"
#include "base/time.h"

namespace gatehouse::kube {
namespace {

constexpr size_t kMaxToken = 4096;
constexpr std::chrono::minutes kLifetime{15};
constexpr int kMaxExpires = 900;

std::unexpected<Error> refused(std::string why) { return fail("Unauthorized", std::move(why), 401); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

struct Url {
  std::string origin, host, path, query;
};

std::optional<Url> parse_url(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || text.find_first_of("#@ \t\r\n") != std::string_view::npos)
    return std::nullopt;
  const auto slash = std::min(text.find('/', scheme + 3), text.size());
  const auto question = text.find('?');
  if (question == std::string_view::npos || question < slash) return std::nullopt;
  return Url{lower(text.substr(0, slash)), lower(text.substr(scheme + 3, slash - scheme - 3)),
             std::string(text.substr(slash, question - slash)), std::string(text.substr(question + 1))};
}

bool is_region(std::string_view text) {
  return !text.empty() && std::count(text.begin(), text.end(), '-') >= 2 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool strip(std::string_view& text, std::string_view prefix, std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix))
    return false;
  text.remove_prefix(prefix.size());
  text.remove_suffix(suffix.size());
  return true;
}

constexpr std::string_view kParameters[] = {"action",
                                            "version",
                                            "x-amz-algorithm",
                                            "x-amz-credential",
                                            "x-amz-date",
                                            "x-amz-expires",
                                            "x-amz-security-token",
                                            "x-amz-signature",
                                            "x-amz-signedheaders"};

// Each parameter once, and none that is not known; by lower-case name.
Result<std::vector<std::pair<std::string, std::string>>> parameters_of(std::string_view query) {
  const auto parsed = parse_query(query);
  if (!parsed) return refused("the query of the presigned URL is malformed");
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : *parsed) {
    const std::string key = lower(name);
    if (std::find(std::begin(kParameters), std::end(kParameters), key) == std::end(kParameters))
      return refused(fmt::format("non-whitelisted query parameter \"{}\"", name));
    if (std::any_of(out.begin(), out.end(), [&](const auto& seen) { return seen.first == key; }))
      return refused(fmt::format("query parameter with multiple values not supported: \"{}\"", name));
    out.emplace_back(key, value);
  }
  return out;
}

}  // namespace

bool is_sts_host(std::string_view host) {
  if (host == "sts.amazonaws.com") return true;
  for (const std::string_view prefix : {"sts-fips.", "sts."}) {
    for (const std::string_view suffix :
         {".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".api.amazonwebservices.com.cn"}) {
      std::string_view region = host;
      if (!strip(region, prefix, suffix) || !is_region(region)) continue;
      return region.starts_with("cn-") == suffix.ends_with(".cn");
    }
  }
  return false;
}

Result<wire::Head> read_iam_token(std::string_view token, std::string_view cluster_name, Time now,
                                  const std::vector<std::string>& own_endpoints) {
  if (token.size() > kMaxToken) return refused("token is too large");
  if (!token.starts_with(kIamTokenPrefix)) return refused("token is missing expected \"k8s-aws-v1.\" prefix");
  const auto text = unbase64url(token.substr(kIamTokenPrefix.size()));
  if (!text) return refused("token is not base64url");
  const auto url = parse_url(*text);
  if (!url) return refused("token holds no presigned URL");
  const bool ours = std::any_of(own_endpoints.begin(), own_endpoints.end(),
                                [&](const std::string& endpoint) { return lower(endpoint) == url->origin; });
  if (!ours && !url->origin.starts_with("https://")) return refused("unexpected scheme in pre-signed URL");
  if (!ours && !is_sts_host(url->host))
    return refused(fmt::format("unexpected hostname \"{}\" in pre-signed URL", url->host));
  if (url->path != "/") return refused("unexpected path in pre-signed URL");
  TRY(const auto parameters, parameters_of(url->query));
  const auto get = [&](std::string_view name) {
    const auto it =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
    return it == parameters.end() ? std::string() : it->second;
  };
  if (get("action") != "GetCallerIdentity") return refused("unexpected action parameter in pre-signed URL");
  const std::string signed_headers = ";" + lower(get("x-amz-signedheaders")) + ";";
  if (signed_headers.find(";x-k8s-aws-id;") == std::string::npos)
    return refused("client did not sign the x-k8s-aws-id header in the pre-signed URL");
  int expires = -1;
  const std::string expires_text = get("x-amz-expires");
  const auto number =
      std::from_chars(expires_text.data(), expires_text.data() + expires_text.size(), expires);
  if (number.ec != std::errc{} || number.ptr != expires_text.data() + expires_text.size() || expires < 0 ||
      expires > kMaxExpires)
    return refused("invalid X-Amz-Expires parameter in pre-signed URL");
  const auto date = parse_basic_iso8601(get("x-amz-date"));
  if (!date) return refused("error parsing X-Amz-Date parameter in pre-signed URL");
  if (now > *date + kLifetime) return refused("X-Amz-Date parameter is expired");

  wire::Head head;
  head.method = "GET";
  head.target = "/?" + url->query;
  head.tls = url->origin.starts_with("https://");
  head.headers.add("host", url->host);
  head.headers.add("x-k8s-aws-id", cluster_name);
  return head;
}

}  // namespace gatehouse::kube

#include "identity/signature/post_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"

namespace gatehouse::identity {
namespace {

// Of the form's own workings: no condition has to name them.
constexpr std::array<std::string_view, 3> kUnconditional = {"x-amz-signature", "policy", "file"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::unexpected<Error> invalid(std::string_view why) {
  return fail("InvalidPolicyDocument", fmt::format("Invalid Policy: {}", why), 400);
}

std::unexpected<Error> denied(std::string_view why) {
  return fail("AccessDenied", fmt::format("Invalid according to Policy: {}", why), 403);
}

std::unexpected<Error> missing(std::string_view field) {
  return fail(
      Error{"InvalidArgument",
            fmt::format("Bucket POST must contain a field named '{}'.  If it is specified, please check "
                        "the order of the fields.",
                        field),
            400,
            {{"ArgumentName", std::string(field)}, {"ArgumentValue", ""}}});
}

PostPolicy::Condition condition(bool starts_with, std::string_view field, std::string_view value) {
  return {starts_with, lower(field), std::string(value),
          fmt::format(R"(["{}", "${}", "{}"])", starts_with ? "starts-with" : "eq", field, value)};
}

// {"acl": "public-read"}
Result<void> read_simple(const json::object& o, PostPolicy& policy) {
  if (o.size() != 1) {
    return invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  }
  const auto& [field, value] = *o.begin();
  if (!value.is_string()) return invalid("Invalid Simple-Condition: value must be a string.");
  policy.conditions.push_back(condition(false, field, value.get_string()));
  return {};
}

std::optional<std::uint64_t> whole(const json::value& v) {
  if (v.is_int64() && v.get_int64() >= 0) return static_cast<std::uint64_t>(v.get_int64());
  if (v.is_uint64()) return v.get_uint64();
  if (!v.is_string()) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : v.get_string()) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

// ["eq", "$key", "x"], ["content-length-range", 1, 10]
Result<void> read_operation(const json::array& a, PostPolicy& policy) {
  if (a.size() != 3 || !a[0].is_string()) return invalid("Invalid Condition: wrong number of arguments.");
  const std::string op = lower(a[0].get_string());
  if (op == "content-length-range") {
    const auto least = whole(a[1]);
    const auto most = whole(a[2]);
    if (!least || !most) return invalid("Invalid Content-Length-Range: the bounds must be numbers.");
    policy.least = std::max(policy.least, *least);
    policy.most = std::min(policy.most, *most);
    return {};
  }
  if (op != "eq" && op != "starts-with")
    return invalid(fmt::format("Invalid Condition: unknown operation '{}'.", op));
  if (!a[1].is_string() || !a[2].is_string() || !a[1].get_string().starts_with('$'))
    return invalid("Invalid Condition: the field must be written '$field'.");
  const std::string_view field = std::string_view(a[1].get_string()).substr(1);
  policy.conditions.push_back(condition(op == "starts-with", field, a[2].get_string()));
  return {};
}

// A list of content types meets a prefix where each of them does.
bool all_start(std::string_view list, std::string_view prefix) {
  while (true) {
    const auto comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (!one.starts_with(prefix)) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool holds(const PostPolicy::Condition& c, std::string_view value) {
  if (!c.starts_with) return value == c.value;
  return c.field == "content-type" ? all_start(value, c.value) : value.starts_with(c.value);
}

bool is_named(const PostPolicy& policy, std::string_view field) {
  return std::ranges::find(kUnconditional, field) != kUnconditional.end() || field.starts_with("x-ignore-") ||
         std::ranges::any_of(policy.conditions, [&](const auto& c) { return c.field == field; });
}

// "AKIA…/20260131/us-east-1/s3/aws4_request"
bool read_credential(std::string_view credential, Claim& claim) {
  std::vector<std::string> parts;
  while (true) {
    const auto slash = credential.find('/');
    parts.emplace_back(credential.substr(0, slash));
    if (slash == std::string_view::npos) break;
    credential.remove_prefix(slash + 1);
  }
  if (parts.size() != 5 || parts[3] != "s3" || parts[4] != "aws4_request" || parts[1].size() != 8)
    return false;
  claim.access_key_id = parts[0];
  claim.date = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  return true;
}

}  // namespace

std::optional<std::string_view> form_field(const FormFields& fields, std::string_view name) {
  const auto it = std::ranges::find(fields, name, &FormFields::value_type::first);
  if (it == fields.end()) return std::nullopt;
  return it->second;
}

Result<PostPolicy> parse_post_policy(std::string_view encoded) {
  const auto text = unbase64(encoded);
  if (!text) return invalid("Invalid base64 encoding.");
  const auto parsed = json::parse(*text);
  if (!parsed || !parsed->is_object()) return invalid("Invalid JSON.");
  const json::object& o = parsed->get_object();
  PostPolicy policy;
  const auto expiration = json::string_at(o, "expiration");
  if (!expiration) return invalid("Policy missing expiration.");
  const auto end = parse_iso8601(*expiration);
  if (!end) return invalid(fmt::format("Invalid 'expiration' value: '{}'", *expiration));
  policy.expiration = *end;
  const auto* conditions = o.if_contains("conditions");
  if (conditions == nullptr || !conditions->is_array()) return invalid("Policy missing conditions.");
  for (const auto& one : conditions->get_array()) {
    if (one.is_object()) {
      CHECK_OK(read_simple(one.get_object(), policy));
    } else if (one.is_array()) {
      CHECK_OK(read_operation(one.get_array(), policy));
    } else {
      return invalid("Invalid Condition: it must be an object or a list.");
    }
  }
  return policy;
}

Result<void> check_post_policy(const PostPolicy& policy, const FormFields& fields, std::string_view bucket,
                               Time now) {
  if (policy.expiration <= now) return denied("Policy expired.");
  for (const auto& c : policy.conditions) {
    const auto sent = c.field == "bucket" ? std::optional(bucket) : form_field(fields, c.field);
    // An empty prefix is met by a field that is not there.
    if (!holds(c, sent.value_or(""))) return denied(fmt::format("Policy Condition failed: {}", c.shown));
  }
  for (const auto& [name, value] : fields) {
    if (!is_named(policy, name)) return denied(fmt::format("Extra input fields: {}", name));
  }
  return {};
}

Result<std::optional<Claim>> parse_form_claim(const FormFields& fields) {
  if (form_field(fields, "awsaccesskeyid")) {
    return fail(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", 400);
  }
  const auto policy = form_field(fields, "policy");
  const auto signature = form_field(fields, "x-amz-signature");
  if (!policy && !signature) return std::nullopt;
  if (!policy) return missing("policy");
  if (!signature) return missing("X-Amz-Signature");
  const auto algorithm = form_field(fields, "x-amz-algorithm");
  const auto credential = form_field(fields, "x-amz-credential");
  const auto date = form_field(fields, "x-amz-date");
  if (!algorithm) return missing("X-Amz-Algorithm");
  if (!credential) return missing("X-Amz-Credential");
  if (!date) return missing("X-Amz-Date");
  const auto bad = [](std::string_view name, std::string_view value) {
    return fail(Error{"InvalidArgument",
                      fmt::format("{} is not valid.", name),
                      400,
                      {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}});
  };
  if (*algorithm != "AWS4-HMAC-SHA256") return bad("X-Amz-Algorithm", *algorithm);
  Claim claim;
  if (!read_credential(*credential, claim)) return bad("X-Amz-Credential", *credential);
  const auto signed_at = parse_basic_iso8601(*date);
  if (!signed_at || !date->starts_with(claim.date)) return bad("X-Amz-Date", *date);
  claim.amz_date = *date;
  claim.signed_at = *signed_at;
  claim.signature = *signature;
  claim.session_token = form_field(fields, "x-amz-security-token").value_or("");
  claim.payload_mode = PayloadMode::unsigned_payload;
  return claim;
}

bool is_signed_by(const Claim& claim, std::string_view encoded_policy, const Sha256& signing_key) {
  const std::string expected = hex(as_bytes(hmac_sha256(as_bytes(signing_key), encoded_policy)));
  return equal_constant_time(expected, claim.signature);
}

}  // namespace gatehouse::identity

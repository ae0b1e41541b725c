// Reading a signature's claim: the Authorization header, or the query of a presigned URL.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/signature/sigv4.h"

namespace gatehouse::identity {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t kMaxExpires = 604800;  // a week

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  const size_t end = text.find_last_not_of(" \t");
  return text.substr(0, end == text.npos ? 0 : end + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0;;) {
    const size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end == text.npos ? end : end - at));
    if (end == text.npos) return parts;
    at = end + 1;
  }
}

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Signature Version 2, which no region that opened since 2014 takes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingAWSSDK.html#specify-signature-version
Error version_2_refused() {
  return {"InvalidRequest",
          "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
          400,
          {}};
}

bool is_version_2(std::string_view query) {
  const auto names = [&](std::string_view name) {
    return query.starts_with(name) || query.find("&" + std::string(name)) != std::string_view::npos;
  };
  return names("AWSAccessKeyId=") && names("Signature=");
}

// What both forms of a signature give, still as text.
struct Parts {
  std::string_view credential, signed_headers, signature;
  bool presigned = false;
};

// "AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request". Access keys have no '/', but be lenient as AWS is: the
// last four parts are the scope.
Result<void> read_credential(Claim& claim, const Parts& parts, Family family) {
  const auto pieces = split(parts.credential, '/');
  if (pieces.size() != 5 || pieces[4] != "aws4_request" || pieces[0].empty()) {
    if (family == Family::s3)
      return fail(s3_malformed(
          parts.presigned,
          parts.presigned
              ? "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
              : "the Credential is mal-formed; expecting "
                "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."));
    if (pieces.size() != 5)
      return fail(incomplete_signature(
          family, fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                              "keyid/date/region/service/term, got '{}'",
                              parts.credential)));
    return fail(invalid_signature(
        family, fmt::format("Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
                            pieces[4])));
  }
  claim.access_key_id = pieces[0];
  claim.date = pieces[1];
  claim.region = pieces[2];
  claim.service = pieces[3];
  return {};
}

Result<void> read_signed_headers(Claim& claim, const Parts& parts, Family family) {
  for (const std::string_view name : split(parts.signed_headers, ';'))
    claim.signed_headers.emplace_back(name);
  // Sorted and each once, as SigV4 demands; this also keeps the canonical request no larger than the head.
  const bool sorted = std::ranges::adjacent_find(claim.signed_headers, std::ranges::greater_equal()) ==
                      claim.signed_headers.end();
  const bool named = std::ranges::none_of(claim.signed_headers, [](const std::string& name) {
    return name.empty() ||
           std::ranges::any_of(name, [](char c) { return c <= ' ' || (c >= 'A' && c <= 'Z'); });
  });
  if (sorted && named && claim.signed_headers.size() <= 256) return {};
  if (family == Family::s3)
    return fail(s3_malformed(parts.presigned,
                             "SignedHeaders must be lower case, sorted and separated by semicolons."));
  return fail(
      invalid_signature(family, "SignedHeaders must be lower case, sorted and separated by semicolons."));
}

Result<void> read_date(Claim& claim, std::string_view date, const Parts& parts, Family family) {
  std::optional<Time> at = parse_basic_iso8601(date);
  if (!at && !parts.presigned) at = parse_http_date(date);  // a Date header
  if (!at) {
    if (family != Family::s3)
      return fail(
          incomplete_signature(family, fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                                                   "http://en.wikipedia.org/wiki/ISO_8601",
                                                   date)));
    if (parts.presigned)
      return fail(
          s3_malformed(true, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""));
    return fail("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403);
  }
  claim.signed_at = *at;
  claim.amz_date = basic_iso8601(*at);
  const std::string day = claim.amz_date.substr(0, 8);
  if (claim.date == day) return {};
  if (family == Family::s3)
    return fail(s3_malformed(parts.presigned,
                             fmt::format("Invalid credential date \"{}\". This date is not the same as "
                                         "X-Amz-Date: \"{}\".",
                                         claim.date, day)));
  return fail(
      invalid_signature(family, fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                            "version of date from HTTP: '{}' != '{}', from '{}'.",
                                            claim.date, day, claim.amz_date)));
}

Result<void> read_payload_mode(Claim& claim, std::string_view declared, Family family) {
  if (family != Family::s3) return {};
  if (declared.empty()) {
    if (!claim.presigned)
      return fail("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400);
    declared = "UNSIGNED-PAYLOAD";
  }
  claim.payload_hash = declared;
  if (declared == "UNSIGNED-PAYLOAD") {
    claim.payload_mode = PayloadMode::unsigned_payload;
  } else if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    claim.payload_mode = PayloadMode::signed_chunks;
  } else if (declared == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    claim.payload_mode = PayloadMode::signed_chunks_trailer;
  } else if (declared == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    claim.payload_mode = PayloadMode::unsigned_trailer;
  } else if (!is_hex_digest(declared)) {
    return std::unexpected(
        Error{"InvalidArgument",
              "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
              "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a "
              "valid sha256 value.",
              400,
              {{"ArgumentName", "x-amz-content-sha256"}, {"ArgumentValue", std::string(declared)}}});
  }
  return {};
}

Result<Parts> split_authorization(std::string_view header, const wire::Head& head, Family family) {
  Parts parts;
  const std::string_view rest = header.substr(std::min(kAlgorithm.size(), header.size()));
  if (header.starts_with(kAlgorithm) && (rest.starts_with(' ') || rest.empty())) {
    for (const std::string_view field : split(rest, ',')) {
      const std::string_view pair = trimmed(field);
      if (pair.empty()) continue;
      const size_t equals = pair.find('=');
      if (equals == pair.npos && family != Family::s3)
        return fail(incomplete_signature(
            family, fmt::format("'{}' not a valid key=value pair (missing equal-sign) in "
                                "Authorization header: '{}'.",
                                pair, header)));
      const std::string_view name = pair.substr(0, equals);
      const std::string_view value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
      if (name == "Credential") parts.credential = value;
      if (name == "SignedHeaders") parts.signed_headers = value;
      if (name == "Signature") parts.signature = value;
    }
  } else if (family == Family::s3) {
    if (header.starts_with("AWS ")) return fail(version_2_refused());
    return std::unexpected(
        Error{"InvalidArgument",
              "Unsupported Authorization Type",
              400,
              {{"ArgumentName", "Authorization"}, {"ArgumentValue", std::string(header)}}});
  }
  if (family == Family::s3) {
    if (parts.credential.empty() || parts.signed_headers.empty() || parts.signature.empty())
      return fail(
          s3_malformed(false,
                       "the authorization header requires three components: Credential, SignedHeaders, "
                       "and Signature."));
    return parts;
  }
  std::string missing;
  if (parts.credential.empty()) missing += "Authorization header requires 'Credential' parameter. ";
  if (parts.signature.empty()) missing += "Authorization header requires 'Signature' parameter. ";
  if (parts.signed_headers.empty()) missing += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!head.headers.find("x-amz-date") && !head.headers.find("date"))
    missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  if (missing.empty()) return parts;
  const std::string_view scheme = header.substr(0, header.find(' '));  // never the secret part back
  return fail(incomplete_signature(family, fmt::format("{}Authorization={}", missing, scheme)));
}

Result<void> check_signature_text(const Claim& claim, Family family) {
  if (is_hex_digest(claim.signature)) return {};
  return fail(error_for(AuthFailure::wrong_signature, family, claim.access_key_id));
}

Result<Claim> from_header(std::string_view header, const wire::Head& head, Family family) {
  TRY(const Parts parts, split_authorization(header, head, family));
  Claim claim;
  CHECK_OK(read_credential(claim, parts, family));
  CHECK_OK(read_signed_headers(claim, parts, family));
  const std::string* date = head.headers.find("x-amz-date");
  CHECK_OK(read_date(claim, date ? std::string_view(*date) : head.headers.get("date"), parts, family));
  claim.signature = parts.signature;
  claim.session_token = head.headers.get("x-amz-security-token");
  CHECK_OK(read_payload_mode(claim, head.headers.get("x-amz-content-sha256"), family));
  CHECK_OK(check_signature_text(claim, family));
  return claim;
}

struct Presigned {
  std::string algorithm, credential, date, expires, signed_headers, signature, token, content_sha256;
};

// Each may stand once: of two, we and another reader could take different ones.
Result<Presigned> read_presigned(const QueryParameters& query, Family family) {
  Presigned out;
  const std::pair<std::string_view, std::string*> wanted[] = {{"X-Amz-Algorithm", &out.algorithm},
                                                              {"X-Amz-Credential", &out.credential},
                                                              {"X-Amz-Date", &out.date},
                                                              {"X-Amz-Expires", &out.expires},
                                                              {"X-Amz-SignedHeaders", &out.signed_headers},
                                                              {"X-Amz-Signature", &out.signature},
                                                              {"X-Amz-Security-Token", &out.token},
                                                              {"X-Amz-Content-Sha256", &out.content_sha256}};
  for (const auto& [name, value] : query) {
    for (const auto& [key, slot] : wanted) {
      if (name != key) continue;
      if (!slot->empty()) {
        const std::string text = fmt::format("{} is given more than once.", key);
        return fail(family == Family::s3 ? s3_malformed(true, text) : incomplete_signature(family, text));
      }
      *slot = value;
    }
  }
  const bool complete = !out.algorithm.empty() && !out.credential.empty() && !out.date.empty() &&
                        !out.signed_headers.empty() && !out.signature.empty();
  if (family == Family::s3) {
    if (!complete || out.expires.empty())
      return fail(s3_malformed(true,
                               "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                               "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                               "X-Amz-Expires parameters."));
    if (out.algorithm != kAlgorithm)
      return fail(s3_malformed(
          true, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""));
    return out;
  }
  if (!complete || out.algorithm != kAlgorithm) {
    std::string missing;
    if (out.algorithm != kAlgorithm)
      missing += "AWS query-string parameters must include 'X-Amz-Algorithm'. ";
    if (out.credential.empty()) missing += "AWS query-string parameters must include 'X-Amz-Credential'. ";
    if (out.signature.empty()) missing += "AWS query-string parameters must include 'X-Amz-Signature'. ";
    if (out.signed_headers.empty())
      missing += "AWS query-string parameters must include 'X-Amz-SignedHeaders'. ";
    if (out.date.empty()) missing += "AWS query-string parameters must include 'X-Amz-Date'. ";
    return fail(incomplete_signature(family, missing + "Re-examine the query-string parameters."));
  }
  return out;
}

Result<std::int64_t> read_expires(const std::string& text, Family family) {
  if (text.empty()) return kMaxSkew / std::chrono::seconds(1);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = error == std::errc() && end == text.data() + text.size();
  std::string_view wrong;
  if (!number)
    wrong = "X-Amz-Expires should be a number";
  else if (seconds < 0)
    wrong = "X-Amz-Expires must be non-negative";
  else if (seconds > kMaxExpires)
    wrong = "X-Amz-Expires must be less than a week (in seconds) that is 604800";
  if (wrong.empty()) return seconds;
  if (family == Family::s3) return fail(s3_malformed(true, wrong));
  return fail(incomplete_signature(family, std::string(wrong)));
}

Result<Claim> from_query(const QueryParameters& query, const wire::Head& head, Family family) {
  TRY(const Presigned presigned, read_presigned(query, family));
  const Parts parts{presigned.credential, presigned.signed_headers, presigned.signature, true};
  Claim claim;
  claim.presigned = true;
  CHECK_OK(read_credential(claim, parts, family));
  CHECK_OK(read_signed_headers(claim, parts, family));
  CHECK_OK(read_date(claim, presigned.date, parts, family));
  TRY(claim.expires, read_expires(presigned.expires, family));
  claim.signature = presigned.signature;
  claim.session_token = presigned.token;
  const std::string_view header = head.headers.get("x-amz-content-sha256");
  CHECK_OK(
      read_payload_mode(claim, header.empty() ? std::string_view(presigned.content_sha256) : header, family));
  CHECK_OK(check_signature_text(claim, family));
  return claim;
}

}  // namespace

Result<std::optional<Claim>> parse_claim(const wire::Head& head, Family family) {
  const std::string* authorization = head.headers.find("authorization");
  const bool in_query = head.query().find("X-Amz-") != std::string_view::npos;
  QueryParameters query;
  bool presigned = false;
  if (in_query) {
    auto parsed = parse_query(head.query());
    if (!parsed && family == Family::s3) return fail("InvalidURI", "Couldn't parse the specified URI.", 400);
    if (!parsed) return fail(incomplete_signature(family, "The query string is not well-formed."));
    query = std::move(*parsed);
    presigned = std::ranges::any_of(query, [](const auto& parameter) {
      return parameter.first == "X-Amz-Signature" || parameter.first == "X-Amz-Credential" ||
             parameter.first == "X-Amz-Algorithm";
    });
  }
  if (authorization && presigned && family == Family::s3)
    return std::unexpected(
        Error{"InvalidArgument",
              "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
              "query string parameter or the Authorization header should be specified",
              400,
              {{"ArgumentName", "Authorization"}}});
  if (family == Family::s3 && !authorization && !presigned && is_version_2(head.query()))
    return fail(version_2_refused());
  if (authorization) {
    TRY(Claim claim, from_header(*authorization, head, family));
    return claim;
  }
  if (presigned) {
    TRY(Claim claim, from_query(query, head, family));
    return claim;
  }
  return std::nullopt;
}

}  // namespace gatehouse::identity

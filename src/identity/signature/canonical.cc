#include "identity/signature/canonical.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"

namespace gatehouse::identity {
namespace {

// RFC 3986 section 5.2.4, and no empty segments.
std::string normal_path(std::string_view path) {
  std::vector<std::string_view> kept;
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    out += segment;
  }
  const bool ends_in_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (out.empty() || ends_in_slash) out += '/';
  return out;
}

std::string canonical_path(std::string_view path, bool s3) {
  if (path.empty() || path == "/") return "/";
  if (!s3) return percent_encode(normal_path(path), true);
  return percent_encode(percent_decode(path).value_or(std::string(path)), true);
}

// Whatever way the client encoded it. What cannot be decoded stands for itself; its signature will not match.
std::string recode(std::string_view text) {
  return percent_encode(percent_decode(text).value_or(std::string(text)));
}

std::string canonical_query(std::string_view query, bool presigned) {
  std::vector<std::pair<std::string, std::string>> parameters;
  size_t at = 0;
  while (at < query.size()) {
    const size_t end = std::min(query.find('&', at), query.size());
    const std::string_view parameter = query.substr(at, end - at);
    at = end + 1;
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    std::string name = recode(parameter.substr(0, equals));
    if (presigned && name == "X-Amz-Signature") continue;
    parameters.emplace_back(std::move(name),
                            equals < parameter.size() ? recode(parameter.substr(equals + 1)) : std::string());
  }
  std::ranges::sort(parameters);
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

// Trimmed, and runs of blanks become one.
void append_header_value(std::string& out, std::string_view value) {
  bool blank = true;  // swallows those in front
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank)
      out += c;
    else if (!blank)
      out += ' ';
    blank = is_blank;
  }
  if (blank && !out.empty() && out.back() == ' ') out.pop_back();
}

void append_header(std::string& out, const wire::Headers& headers, const std::string& name) {
  out.append(name).append(":");
  bool first = true;
  for (const auto& [key, value] : headers.fields) {
    if (key != name) continue;
    if (!first) out += ',';
    append_header_value(out, value);
    first = false;
  }
  out += '\n';
}

}  // namespace

std::string canonical_request(const CanonicalInput& input) {
  std::string out;
  out.reserve(1024);
  out.append(input.head.method).append("\n");
  out.append(canonical_path(input.head.path(), input.s3)).append("\n");
  if (!input.head.query().empty()) out += canonical_query(input.head.query(), input.presigned);
  out += '\n';
  for (const std::string& name : input.signed_headers) append_header(out, input.head.headers, name);
  out += '\n';
  for (size_t i = 0; i < input.signed_headers.size(); ++i) {
    if (i > 0) out += ';';
    out += input.signed_headers[i];
  }
  out.append("\n").append(input.payload_hash);
  return out;
}

std::string string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical) {
  std::string out = "AWS4-HMAC-SHA256\n";
  out.reserve(160);
  out.append(amz_date).append("\n").append(scope).append("\n");
  out.append(hex(as_bytes(sha256(canonical))));
  return out;
}

}  // namespace gatehouse::identity

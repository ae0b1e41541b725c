// Bytes as text: hex, Base64 and its URL form, percent-encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> unhex(std::string_view text);

std::string base64(std::string_view bytes);
std::optional<std::string> unbase64(std::string_view text);  // RFC 4648 section 4, padding required

std::string base64url(std::string_view bytes);                  // no padding
std::optional<std::string> unbase64url(std::string_view text);  // padding refused, as RFC 7515 wants

// RFC 3986 as SigV4 wants it: everything but A-Z a-z 0-9 - . _ ~ becomes %XX; '/' too unless `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// nullopt for a '%' without two hex digits. '+' is left alone unless `plus_is_space` (form bodies).
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// "a=1&b&c=%20" -> {a,1} {b,""} {c," "}, in order; nullopt where the encoding is broken.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
std::optional<QueryParameters> parse_query(std::string_view query, bool plus_is_space = false);

bool is_valid_utf8(std::string_view text);

}  // namespace gatehouse

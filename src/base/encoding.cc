#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gatehouse {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kHexUpper = "0123456789ABCDEF";
constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

unsigned byte(char c) { return static_cast<unsigned char>(c); }

std::string encode64(std::string_view in, std::string_view alphabet, bool pad) {
  const size_t whole = in.size() / 3, left = in.size() % 3;
  std::string out(whole * 4 + (left == 0 ? 0 : left + 1), '\0');
  char* to = out.data();
  const auto put = [&](unsigned group, size_t letters) {
    for (size_t i = 0; i < letters; ++i) *to++ = alphabet[group >> (18 - 6 * i) & 63];
  };
  const char* from = in.data();
  for (size_t i = 0; i < whole; ++i, from += 3)
    put(byte(from[0]) << 16 | byte(from[1]) << 8 | byte(from[2]), 4);
  if (left > 0) put(byte(from[0]) << 16 | (left > 1 ? byte(from[1]) << 8 : 0), left + 1);
  if (pad && left > 0) out.append(3 - left, '=');
  return out;
}

constexpr std::array<std::int8_t, 256> inverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

// `in` without padding. Refuses left-over bits that are set, so that one value has one spelling.
std::optional<std::string> decode64(std::string_view in, const std::array<std::int8_t, 256>& table) {
  if (in.size() % 4 == 1) return std::nullopt;
  std::string out(in.size() * 3 / 4, '\0');
  char* to = out.data();
  unsigned bits = 0;
  int count = 0, wrong = 0;
  for (const char c : in) {
    const int value = table[byte(c)];
    wrong |= value;
    bits = bits << 6 | static_cast<unsigned>(value & 63);
    count += 6;
    if (count >= 8) {
      count -= 8;
      *to++ = static_cast<char>(bits >> count & 0xff);
    }
  }
  if (wrong < 0 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

constexpr bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kHex[byte(c) >> 4];
    out += kHex[byte(c) & 15];
  }
  return out;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string base64(std::string_view bytes) { return encode64(bytes, kStandard, true); }

std::optional<std::string> unbase64(std::string_view text) {
  static constexpr auto kTable = inverse(kStandard);
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode64(text, kTable);
}

std::string base64url(std::string_view bytes) { return encode64(bytes, kUrl, false); }

std::optional<std::string> unbase64url(std::string_view text) {
  static constexpr auto kTable = inverse(kUrl);
  return decode64(text, kTable);
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    if (unreserved(c) || (c == '/' && keep_slash)) {
      out += c;
    } else {
      out += '%';
      out += kHexUpper[byte(c) >> 4];
      out += kHexUpper[byte(c) & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    const auto coded = std::find_if(text.begin(), text.end(),
                                    [=](char c) { return c == '%' || (c == '+' && plus_is_space); });
    out.append(text.begin(), coded);
    if (coded == text.end()) return out;
    text.remove_prefix(static_cast<size_t>(coded - text.begin()));
    if (text.front() == '+') {
      out += ' ';
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    text.remove_prefix(3);
  }
}

std::optional<QueryParameters> parse_query(std::string_view query, bool plus_is_space) {
  QueryParameters out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), plus_is_space);
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : percent_decode(pair.substr(equals + 1), plus_is_space);
    if (!name || !value) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

bool is_valid_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const unsigned lead = byte(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    size_t length = 0;
    unsigned point = 0;
    if (lead >= 0xc2 && lead < 0xe0) {
      length = 2;
      point = lead & 0x1f;
    } else if (lead >= 0xe0 && lead < 0xf0) {
      length = 3;
      point = lead & 0x0f;
    } else if (lead >= 0xf0 && lead < 0xf5) {
      length = 4;
      point = lead & 0x07;
    } else {
      return false;
    }
    if (i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((byte(text[i + k]) & 0xc0) != 0x80) return false;
      point = point << 6 | (byte(text[i + k]) & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    i += length;
  }
  return true;
}

}  // namespace gatehouse

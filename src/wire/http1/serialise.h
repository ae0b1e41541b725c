// An answer's head as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http.h"

namespace gatehouse::wire::http1 {

struct Framing {
  std::optional<std::uint64_t> content_length;  // nullopt: chunked, or until the connection closes
  bool chunked = false;
  bool close = false;
  bool http11 = true;
  std::string_view date;
};

// Appends status line, headers and the empty line. Line breaks in header values become blanks, so that no
// value can begin a header of its own.
void write_head(std::string& out, int status, const Headers& headers, const Framing& framing);

// 1xx, 204 and 304 have no body whatever the answer says (RFC 9110 section 6.4.1).
inline bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace gatehouse::wire::http1

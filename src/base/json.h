// JSON by Boost.JSON, behind this header so that it can be changed in one place.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gatehouse::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Strict RFC 8259, at most 64 levels deep; the error (SerializationException, 400) says where it stopped.
Result<value> parse(std::string_view text);
std::string dump(const value& v);
void dump_to(const object& o, std::string& out);
std::string dump_pretty(const value& v);  // two spaces, a final newline

// A string member of an object, or nullopt where it is absent or something else.
std::optional<std::string_view> string_at(const object& o, std::string_view key);
std::string string_or(const object& o, std::string_view key, std::string_view otherwise);
std::int64_t int_or(const object& o, std::string_view key, std::int64_t otherwise);
bool bool_or(const object& o, std::string_view key, bool otherwise);

}  // namespace gatehouse::json

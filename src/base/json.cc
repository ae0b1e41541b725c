#include "base/json.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/stream_parser.hpp>

namespace gatehouse::json {
namespace {

void pretty(const value& v, std::string& out, size_t indent) {
  const auto line = [&out](size_t depth) { out.append("\n").append(depth * 2, ' '); };
  if (const object* o = v.if_object(); o != nullptr && !o->empty()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : *o) {
      if (!first) out += ',';
      first = false;
      line(indent + 1);
      out += boost::json::serialize(boost::json::string_view(key));
      out += ": ";
      pretty(member, out, indent + 1);
    }
    line(indent);
    out += '}';
  } else if (const array* a = v.if_array(); a != nullptr && !a->empty()) {
    out += '[';
    bool first = true;
    for (const value& element : *a) {
      if (!first) out += ',';
      first = false;
      line(indent + 1);
      pretty(element, out, indent + 1);
    }
    line(indent);
    out += ']';
  } else {
    out += boost::json::serialize(v);
  }
}

}  // namespace

Result<value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::json::stream_parser parser({}, options);
  boost::system::error_code error;
  const size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && used != text.size()) error = make_error_code(boost::json::error::extra_data);
  if (!error) parser.finish(error);
  if (error)
    return fail("SerializationException", fmt::format("not JSON at byte {}: {}", used, error.message()));
  return parser.release();
}

std::string dump(const value& v) { return boost::json::serialize(v); }

void dump_to(const object& o, std::string& out) {
  constexpr size_t kRoom = 1024;
  boost::json::serializer serializer;
  serializer.reset(&o);
  while (!serializer.done()) {
    const size_t had = out.size();
    out.resize(had + kRoom);
    const auto written = serializer.read(out.data() + had, out.size() - had);
    out.resize(had + written.size());
  }
}

std::string dump_pretty(const value& v) {
  std::string out;
  pretty(v, out, 0);
  out += '\n';
  return out;
}

std::optional<std::string_view> string_at(const object& o, std::string_view key) {
  const value* v = o.if_contains(key);
  if (v == nullptr || !v->is_string()) return std::nullopt;
  return std::string_view(v->get_string());
}

std::string string_or(const object& o, std::string_view key, std::string_view otherwise) {
  return std::string(string_at(o, key).value_or(otherwise));
}

std::int64_t int_or(const object& o, std::string_view key, std::int64_t otherwise) {
  const value* v = o.if_contains(key);
  if (v == nullptr) return otherwise;
  if (v->is_int64()) return v->get_int64();
  if (v->is_uint64() && v->get_uint64() <= INT64_MAX) return static_cast<std::int64_t>(v->get_uint64());
  return otherwise;
}

bool bool_or(const object& o, std::string_view key, bool otherwise) {
  const value* v = o.if_contains(key);
  return v != nullptr && v->is_bool() ? v->get_bool() : otherwise;
}

}  // namespace gatehouse::json

// Duplicate members of a JSON text, which a parser that builds a tree no longer sees.
#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <set>

#include "kube/schema/decode.h"

namespace gatehouse::kube {
namespace {

// Boost.JSON's handler concept:
// https://www.boost.org/doc/libs/1_81_0/libs/json/doc/html/json/ref/boost__json__basic_parser.html
struct Watcher {
  using error_code = boost::system::error_code;
  using view = boost::json::string_view;
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  struct Level {
    bool object = false;
    std::set<std::string, std::less<>> seen;
    std::string key;
    size_t index = 0;
  };
  std::vector<Level> levels;
  std::string partial;
  std::vector<std::string> found;

  std::string path() const {
    std::string out;
    for (const Level& level : levels) {
      if (level.object) {
        out.append(out.empty() ? "" : ".").append(level.key);
      } else {
        out += fmt::format("[{}]", level.index);
      }
    }
    return out;
  }
  bool value() {
    if (!levels.empty() && !levels.back().object) ++levels.back().index;
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    levels.push_back({true, {}, {}, 0});
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    levels.pop_back();
    return value();
  }
  bool on_array_begin(error_code&) {
    levels.push_back({});
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    levels.pop_back();
    return value();
  }
  bool on_key_part(view part, std::size_t, error_code&) {
    partial.append(part);
    return true;
  }
  bool on_key(view part, std::size_t, error_code&) {
    partial.append(part);
    Level& level = levels.back();
    level.key = std::exchange(partial, {});
    if (!level.seen.insert(level.key).second && found.size() < 16) found.push_back(path());
    return true;
  }
  bool on_string_part(view, std::size_t, error_code&) { return true; }
  bool on_string(view, std::size_t, error_code&) { return value(); }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t, view, error_code&) { return value(); }
  bool on_uint64(std::uint64_t, view, error_code&) { return value(); }
  bool on_double(double, view, error_code&) { return value(); }
  bool on_bool(bool, error_code&) { return value(); }
  bool on_null(error_code&) { return value(); }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }
};

}  // namespace

std::vector<std::string> duplicate_fields(std::string_view json_text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::json::basic_parser<Watcher> parser(options);
  boost::system::error_code error;
  parser.write_some(false, json_text.data(), json_text.size(), error);
  return parser.handler().found;
}

}  // namespace gatehouse::kube

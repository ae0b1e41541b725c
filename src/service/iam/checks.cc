#include <charconv>
#include <set>

#include "base/encoding.h"
#include "service/iam/iam.h"

namespace gatehouse::service::iam {
namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

using error::constraint;

}  // namespace

Result<void> check_name(std::string_view field, std::string_view name, size_t limit) {
  if (name.empty()) return constraint(name, field, "Member must have length greater than or equal to 1");
  if (name.size() > limit) {
    return constraint(name, field, fmt::format("Member must have length less than or equal to {}", limit));
  }
  if (!std::all_of(name.begin(), name.end(), name_character)) {
    return error::validation(
        fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters "
                    "and/or the following: +=,.@_-",
                    field));
  }
  return {};
}

Result<void> check_path(std::string_view path) {
  const bool printable = std::all_of(path.begin(), path.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (path.empty() || path.size() > 512 || path.front() != '/' || path.back() != '/' || !printable) {
    return error::validation(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
        "characters "
        "and/or / characters.");
  }
  return {};
}

Result<std::vector<account::Tag>> check_tags(const wire::Value& tags) {
  std::vector<account::Tag> out = read_tags(tags);
  if (out.size() > 50) {
    return error::limit_exceeded("The number of tags has reached the maximum limit.");
  }
  std::set<std::string> seen;
  for (const auto& [key, value] : out) {
    if (key.empty() || key.size() > 128)
      return constraint(key, "tags.key", "Member must have length less than or equal to 128");
    if (value.size() > 256)
      return constraint(value, "tags.value", "Member must have length less than or equal to 256");
    if (key.starts_with("aws:"))
      return error::invalid_input("System tags cannot be added/updated/removed by requester");
    std::string folded = key;
    std::transform(folded.begin(), folded.end(), folded.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!seen.insert(folded).second) {
      return error::invalid_input(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
  }
  return out;
}

size_t document_size(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return c != ' ' && c != '\t' && c != '\n' && c != '\r'; }));
}

Result<account::PolicyText> compile_document(std::string_view text, policy::Kind kind, size_t limit) {
  if (document_size(text) > limit) {
    if (kind == policy::Kind::trust) {
      return error::limit_exceeded(fmt::format("Cannot exceed quota for ACLSizePerRole: {}", limit));
    }
    return error::limit_exceeded(fmt::format("Cannot exceed quota for PolicySize: {}", limit));
  }
  TRY(auto compiled, policy::compile(text, kind));
  return account::PolicyText{std::string(text), std::move(compiled)};
}

Result<Page> page_of(const Call& call, size_t items) {
  const std::int64_t limit = call.in[m::MaxItems].number(100);
  if (limit < 1 || limit > 1000) {
    return constraint(std::to_string(limit), "maxItems",
                      limit < 1 ? "Member must have value greater than or equal to 1"
                                : "Member must have value less than or equal to 1000");
  }
  size_t from = 0;
  if (const std::string_view marker = call.in[m::Marker].text(); !marker.empty()) {
    const auto [end, failure] = std::from_chars(marker.data(), marker.data() + marker.size(), from);
    if (failure != std::errc{} || end != marker.data() + marker.size()) {
      return error::validation("Invalid Marker.");
    }
  }
  from = std::min(from, items);
  return Page{from, std::min(items, from + static_cast<size_t>(limit)), items};
}

wire::Value strings(const std::vector<std::string>& list) {
  wire::Value::List out;
  for (const std::string& s : list) out.emplace_back(s);
  return out;
}

wire::Value tags_value(const std::vector<account::Tag>& tags) {
  wire::Value::List list;
  for (const auto& [key, value] : tags) list.push_back(wire::structure({{m::Key, key}, {m::Value, value}}));
  return list;
}

void merge_tags(std::vector<account::Tag>& into, const std::vector<account::Tag>& tags) {
  for (const account::Tag& tag : tags) {
    const auto it =
        std::find_if(into.begin(), into.end(), [&](const account::Tag& t) { return t.first == tag.first; });
    if (it == into.end()) {
      into.push_back(tag);
    } else {
      it->second = tag.second;
    }
  }
}

void remove_tags(std::vector<account::Tag>& from, const wire::Value& keys) {
  for (const wire::Value& key : keys.list()) {
    std::erase_if(from, [&](const account::Tag& t) { return t.first == key.text(); });
  }
}

}  // namespace gatehouse::service::iam

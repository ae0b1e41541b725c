#include "service/ec2/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace gatehouse::service::ec2 {
namespace {

constexpr std::int64_t kSmallestPage = 5;
constexpr std::int64_t kLargestPage = 1000;
constexpr std::string_view kTokenMark = "page:";

const std::vector<std::string>& attribute(const Described& d, std::string_view name) {
  static const std::vector<std::string> kNone;
  const auto it = std::ranges::find(d.attributes, name, [](const auto& a) { return a.first; });
  return it == d.attributes.end() ? kNone : it->second;
}

bool is_tag_filter(std::string_view name) {
  return name.starts_with("tag:") || name == "tag-key" || name == "tag-value";
}

bool passes(const Described& d, const wire::Value& filter) {
  const auto& own = attribute(d, filter[m::Name].text());
  return std::ranges::any_of(filter[m::Values].list(), [&](const wire::Value& wanted) {
    return std::ranges::any_of(own, [&](const std::string& v) { return matches_filter(wanted.text(), v); });
  });
}

Result<void> apply_filters(const Call& call, const Kind& kind, std::vector<Described>& all) {
  for (const wire::Value& filter : call.in[m::Filters].list()) {
    const std::string_view name = filter[m::Name].text();
    if (!is_tag_filter(name) && std::ranges::find(kind.filters, name) == kind.filters.end())
      return fail("InvalidParameterValue", fmt::format("The filter '{}' is invalid", name));
    if (filter[m::Values].list().empty())
      return fail("InvalidParameterValue", fmt::format("The filter '{}' must have at least one value", name));
    std::erase_if(all, [&](const Described& d) { return !passes(d, filter); });
  }
  return {};
}

Result<void> apply_ids(const Call& call, const Kind& kind, std::vector<Described>& all) {
  if (kind.ids.id == 0) return {};
  const auto& ids = call.in[kind.ids].list();
  if (ids.empty()) return {};
  for (const wire::Value& id : ids) {
    if (std::ranges::find(all, id.text(), &Described::id) == all.end()) {
      return fail(std::string(kind.not_found_code),
                  fmt::format("The {} '{}' does not exist", kind.not_found_noun, id.text()));
    }
  }
  std::erase_if(all, [&](const Described& d) {
    return std::ranges::none_of(ids, [&](const wire::Value& id) { return id.text() == d.id; });
  });
  return {};
}

Result<size_t> read_token(const wire::Value& token, size_t most) {
  if (!token) return 0;
  const auto text = unbase64url(token.text());
  size_t from = 0;
  if (text && text->starts_with(kTokenMark)) {
    const char* end = text->data() + text->size();
    const auto read = std::from_chars(text->data() + kTokenMark.size(), end, from);
    if (read.ec == std::errc() && read.ptr == end && from <= most) return from;
  }
  return fail("InvalidNextToken", "The specified NextToken is not valid.");
}

Result<wire::Value> page(const Call& call, const Kind& kind, std::vector<Described> all) {
  const auto& most = call.in[m::MaxResults];
  if (most && kind.ids.id != 0 && !call.in[kind.ids].list().empty()) {
    return fail("InvalidParameterCombination",
                fmt::format("The parameter {} cannot be used with the parameter maxResults", kind.ids_name));
  }
  const std::int64_t limit = most.number(kLargestPage);
  if (limit < kSmallestPage || limit > kLargestPage) {
    return fail(
        "InvalidParameterValue",
        fmt::format("Value ( {} ) for parameter maxResults is invalid. Expecting a value between {} and {}.",
                    limit, kSmallestPage, kLargestPage));
  }
  TRY(const size_t from, read_token(call.in[m::NextToken], all.size()));
  const size_t to = std::min(all.size(), from + static_cast<size_t>(limit));
  wire::Value::List list;
  for (size_t i = from; i < to; ++i) list.push_back(std::move(all[i].value));
  wire::Value out;
  out.set(kind.list, std::move(list));
  if (to < all.size()) out.set(m::NextToken, base64url(fmt::format("{}{}", kTokenMark, to)));
  return out;
}

}  // namespace

// Linear but for stars; each star is retried from where it stood, so the cost is the product of the lengths.
bool matches_filter(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    const size_t at = p + (escaped ? 1 : 0);
    if (!escaped && p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (at < pattern.size() && ((!escaped && pattern[at] == '?') || pattern[at] == text[t])) {
      p = at + 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<void> check_dry_run(const Call& call) {
  if (!call.in[m::DryRun].boolean()) return {};
  return fail("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

Result<wire::Value> describe(const Call& call, const Kind& kind, std::vector<Described> all) {
  CHECK_OK(check_dry_run(call));
  CHECK_OK(apply_ids(call, kind, all));
  CHECK_OK(apply_filters(call, kind, all));
  return page(call, kind, std::move(all));
}

}  // namespace gatehouse::service::ec2

#include "kube/api/read/listing.h"

#include <fmt/format.h>

#include <charconv>

#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"

namespace gatehouse::kube {
namespace {

// Where the next page begins: behind `after`, in the collection as it was at `version`; 0: as it is.
struct Continue {
  Version version = 0;
  std::string ns, name;

  std::string token() const {
    return base64url(json::dump(json::object{{"v", "meta.k8s.io/v1"},
                                             {"rv", version == 0 ? -1 : static_cast<std::int64_t>(version)},
                                             {"start", fmt::format("{}/{}", ns, name)}}));
  }
  static Result<Continue> read(std::string_view token) {
    const auto refused = [](std::string_view why) {
      return fail(status::bad_request(fmt::format("continue key is not valid: {}", why)));
    };
    const auto text = unbase64url(token);
    const auto parsed = text ? json::parse(*text) : Result<json::value>(fail("", ""));
    const json::object* o = parsed ? parsed->if_object() : nullptr;
    if (o == nullptr) return refused("it is not one that this server gave");
    const auto start = text_at(*o, {"start"});
    const auto version = json::int_or(*o, "rv", 0);
    const auto slash = start.find('/');
    if (text_at(*o, {"v"}) != "meta.k8s.io/v1" || slash == std::string_view::npos || version == 0)
      return refused("it is not one that this server gave");
    return Continue{version < 0 ? 0 : static_cast<Version>(version), std::string(start.substr(0, slash)),
                    std::string(start.substr(slash + 1))};
  }
};

Error too_old_to_continue(Continue from) {
  from.version = 0;
  Error error = status::expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new "
      "list without the continue parameter, or use the continue token in this response to retrieve the "
      "remainder of the results. Continuing with the provided token results in an inconsistent list - "
      "objects "
      "that were created, modified, or deleted between the time the first chunk was returned and now may "
      "show "
      "up in the list.");
  error.details.emplace_back("continue", from.token());
  return error;
}

Result<Snapshot> collection(Context& context, const std::optional<Continue>& from) {
  const Request& r = context.request;
  const Objects& objects = context.objects;
  if (from) {
    if (from->version == 0) return objects.list(*r.kind, r.scope());
    auto out = objects.list_at(*r.kind, r.scope(), from->version);
    if (!out && out.error().status == 410) return fail(too_old_to_continue(*from));
    return out;
  }
  const auto version = read_number(r.parameter("resourceVersion")).value_or(0);
  if (r.parameter("resourceVersionMatch") == "Exact") return objects.list_at(*r.kind, r.scope(), version);
  Snapshot out = objects.list(*r.kind, r.scope());
  if (version > out.version) return fail(status::too_large_version(version, out.version));
  return out;
}

}  // namespace

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
  return r.ec == std::errc{} && r.ptr == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

Result<Selector> selector_of(const Request& r) {
  TRY(Selector out, Selector::parse(*r.kind, r.parameter("labelSelector"), r.parameter("fieldSelector")));
  if (r.verb == "watch" && !r.name.empty())
    return Selector::parse(*r.kind, r.parameter("labelSelector"), "metadata.name=" + r.name);
  return out;
}

Result<void> check_list_options(const Request& r) {
  const auto version = r.parameter("resourceVersion");
  const auto match = r.parameter("resourceVersionMatch");
  const auto initial = r.parameter("sendInitialEvents");
  const bool watches = r.verb == "watch";
  std::vector<Cause> causes;
  const auto forbid = [&](std::string_view field, std::string_view why) {
    causes.push_back({"FieldValueForbidden", std::string(field), fmt::format("Forbidden: {}", why)});
  };
  if (!version.empty() && !read_number(version))
    causes.push_back(rules::invalid("resourceVersion", version, "invalid resourceVersion"));
  if (watches && !initial.empty() && match != "NotOlderThan")
    forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (watches && initial.empty() && !match.empty())
    forbid("resourceVersionMatch",
           "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  if (!watches && !initial.empty()) forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  if (!watches && !match.empty()) {
    if (version.empty())
      forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (match == "Exact" && version == "0")
      forbid("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    if (!r.parameter("continue").empty())
      forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    if (match != "Exact" && match != "NotOlderThan")
      causes.push_back(rules::unsupported("resourceVersionMatch", match, R"("Exact", "NotOlderThan", "")"));
  }
  if (causes.empty()) return {};
  const Kind kind{.group = "meta.k8s.io", .version = "v1", .kind = "ListOptions", .plural = ""};
  return fail(status::invalid(kind, "", causes));
}

Result<Snapshot> page_of(Context& context, const Selector& selector) {
  const Request& r = context.request;
  CHECK_OK(check_list_options(r));
  const auto limit =
      r.parameter("limit").empty() ? std::optional<std::uint64_t>(0) : read_number(r.parameter("limit"));
  if (!limit) return fail(status::bad_request("limit must be a number"));
  std::optional<Continue> from;
  if (const auto token = r.parameter("continue"); !token.empty()) {
    const auto version = r.parameter("resourceVersion");
    if (!version.empty() && version != "0")
      return fail(status::bad_request("specifying resource version is not allowed when using continue"));
    TRY(from, Continue::read(token));
  }
  TRY(Snapshot all, collection(context, from));
  auto begin = all.items.begin();
  if (from)
    begin = std::upper_bound(
        all.items.begin(), all.items.end(), std::tie(from->ns, from->name),
        [](const auto& place, const StoredPtr& item) { return place < std::tie(item->ns, item->name); });
  if (selector.empty() && *limit == 0 && !from) return all;
  Snapshot out{.items = {}, .version = all.version};
  for (auto it = begin; it != all.items.end(); ++it) {
    if (!selector.empty() && !selector.matches((*it)->object)) continue;
    if (*limit > 0 && out.items.size() == *limit) {
      out.next = Continue{all.version, out.items.back()->ns, out.items.back()->name}.token();
      if (selector.empty()) out.remaining = static_cast<size_t>(all.items.end() - it);
      break;
    }
    out.items.push_back(*it);
  }
  return out;
}

}  // namespace gatehouse::kube

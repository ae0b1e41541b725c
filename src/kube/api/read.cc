#include <charconv>

#include "kube/api/context.h"

namespace gatehouse::kube {
namespace {

constexpr std::chrono::seconds kLongestWatch{1800};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
  return r.ec == std::errc{} && r.ptr == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

Result<Selector> selector_of(const Request& r) {
  // A watch of one object is a watch of the collection with its name.
  TRY(Selector out, Selector::parse(*r.kind, r.parameter("labelSelector"), r.parameter("fieldSelector")));
  if (r.verb == "watch" && !r.name.empty())
    return Selector::parse(*r.kind, r.parameter("labelSelector"), "metadata.name=" + r.name);
  return out;
}

std::string scope(const Request& r) { return r.kind->scope == Scope::namespaced ? r.ns : std::string(); }

}  // namespace

wire::Response show(Context& context, int status, const StoredPtr& item) {
  return json_response(status, present(*context.request.kind, context.request.view, item, context.now()));
}

Answer get(Context& context) {
  const Request& r = context.request;
  const StoredPtr found = context.objects.find(*r.kind, scope(r), r.name);
  if (found == nullptr) return fail(status::not_found(*r.kind, r.name));
  return show(context, 200, found);
}

Answer list(Context& context) {
  const Request& r = context.request;
  TRY(const Selector selector, selector_of(r));
  if (const auto limit = r.parameter("limit"); !limit.empty() && !number(limit))
    return fail(status::bad_request("limit must be a number"));
  // Everything is given at once, which `limit` allows; so nobody has a token to continue with.
  if (!r.parameter("continue").empty())
    return fail(
        status::expired("The provided continue parameter is too old to display a consistent list result."));
  Snapshot items = context.objects.list(*r.kind, scope(r));
  if (!selector.empty())
    std::erase_if(items.items, [&](const StoredPtr& item) { return !selector.matches(item->object); });
  return json_response(200, present_list(*r.kind, r.view, items, context.now()));
}

Answer watch(Context& context) {
  const Request& r = context.request;
  WatchPlan plan{.cluster = context.cluster,
                 .kind = r.kind,
                 .view = r.view,
                 .selector = {},
                 .ns = scope(r),
                 .deadline = {}};
  TRY(plan.selector, selector_of(r));
  plan.bookmarks = r.flag("allowWatchBookmarks");
  const auto timeout = r.parameter("timeoutSeconds");
  const auto seconds =
      timeout.empty() ? std::optional<std::uint64_t>(kLongestWatch.count()) : number(timeout);
  if (!seconds) return fail(status::bad_request("timeoutSeconds must be a number"));
  plan.deadline =
      context.now() + std::min(kLongestWatch, std::chrono::seconds(*seconds == 0 ? 1800 : *seconds));
  const auto version = r.parameter("resourceVersion");
  const auto from = version.empty() ? std::optional<std::uint64_t>(0) : number(version);
  if (!from)
    return fail(
        status::bad_request("Invalid value: \"" + std::string(version) + "\": invalid resourceVersion"));

  const bool from_now = *from == 0 || r.flag("sendInitialEvents");
  Snapshot start;
  if (from_now) start = context.objects.list(*r.kind, plan.ns);
  auto bell = std::make_shared<Bell>();
  TRY(auto subscription,
      context.objects.subscribe(*r.kind, from_now ? start.version : *from, [weak = std::weak_ptr(bell)] {
        if (const auto live = weak.lock()) live->ring();
      }));
  const auto initial = r.parameter("sendInitialEvents");
  if (from_now && initial != "false") {
    std::erase_if(start.items, [&](const StoredPtr& item) { return !plan.selector.matches(item->object); });
    plan.initial = std::move(start.items);
    plan.initial_end = initial == "true" && plan.bookmarks;
  }
  context.hub.add(bell);
  wire::Response out = json_response(200, std::string());
  out.body = make_watch(std::move(plan), context.makers.clock, std::move(subscription), std::move(bell));
  return out;
}

}  // namespace gatehouse::kube

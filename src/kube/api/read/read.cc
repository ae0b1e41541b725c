#include "kube/api/context.h"
#include "kube/api/read/listing.h"

namespace gatehouse::kube {
namespace {

constexpr std::chrono::seconds kLongestWatch{1800};

}  // namespace

wire::Response show(Context& context, int status, const StoredPtr& item) {
  return json_response(status, present(*context.request.kind, context.request.view, item, context.now()));
}

Answer get(Context& context) {
  const Request& r = context.request;
  const StoredPtr found = context.objects.find(*r.kind, r.scope(), r.name);
  if (found == nullptr) return fail(status::not_found(*r.kind, r.name));
  return show(context, 200, found);
}

Answer list(Context& context) {
  const Request& r = context.request;
  TRY(const Selector selector, selector_of(r));
  TRY(const Snapshot items, page_of(context, selector));
  return json_response(200, present_list(*r.kind, r.view, items, context.now()));
}

Answer watch(Context& context) {
  const Request& r = context.request;
  CHECK_OK(check_list_options(r));
  WatchPlan plan{.cluster = context.cluster,
                 .kinds = r.kinds,
                 .kind = r.kind,
                 .view = r.view,
                 .selector = {},
                 .ns = r.scope(),
                 .deadline = {}};
  TRY(plan.selector, selector_of(r));
  plan.bookmarks = r.flag("allowWatchBookmarks");
  const auto timeout = r.parameter("timeoutSeconds");
  const auto seconds =
      timeout.empty() ? std::optional<std::uint64_t>(kLongestWatch.count()) : read_number(timeout);
  if (!seconds) return fail(status::bad_request("timeoutSeconds must be a number"));
  plan.deadline =
      context.now() +
      (*seconds == 0 ? kLongestWatch
                     : std::min<std::chrono::seconds>(
                           kLongestWatch, std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86400))));
  const auto from = read_number(r.parameter("resourceVersion")).value_or(0);
  const auto initial = r.parameter("sendInitialEvents");
  const bool from_now = from == 0 || r.flag("sendInitialEvents");
  Snapshot start;
  if (from_now) start = context.objects.list(*r.kind, plan.ns);
  if (from_now && from > start.version) return fail(status::too_large_version(from, start.version));
  auto bell = std::make_shared<Bell>();
  auto subscription =
      context.objects.subscribe(*r.kind, from_now ? start.version : from, [weak = std::weak_ptr(bell)] {
        if (const auto live = weak.lock()) live->ring();
      });
  if (!subscription && subscription.error().status != 410) return fail(subscription.error());
  // What is too old is told as kube-apiserver's watch cache tells it: by an event.
  if (!subscription) plan.refused = subscription.error();
  if (from_now && initial != "false") {
    std::erase_if(start.items, [&](const StoredPtr& item) { return !plan.selector.matches(item->object); });
    plan.initial = std::move(start.items);
    plan.initial_end = initial == "true" && plan.bookmarks;
  }
  context.hub.add(bell);
  wire::Response out = json_response(200, std::string());
  out.body = make_watch(std::move(plan), context.makers.clock,
                        subscription ? *std::move(subscription) : nullptr, std::move(bell));
  return out;
}

}  // namespace gatehouse::kube

// Lifecycle rules in a bucket's record.
#include "service/s3/lifecycle/rules.h"

namespace gatehouse::service::s3 {
namespace {

std::int64_t milliseconds(Time t) { return t.time_since_epoch().count(); }
Time time_at(const json::object& o, std::string_view key) {
  return Time(std::chrono::milliseconds(json::int_or(o, key, 0)));
}
int number_at(const json::object& o, std::string_view key, int otherwise = 0) {
  return static_cast<int>(json::int_or(o, key, otherwise));
}

json::array write(const std::vector<Transition>& transitions) {
  json::array out;
  for (const Transition& t : transitions) {
    out.push_back(json::object{
        {"days", t.days}, {"date", milliseconds(t.date)}, {"kept", t.kept}, {"class", t.storage_class}});
  }
  return out;
}

template <typename Each>
void each_of(const json::object& o, std::string_view key, Each each) {
  const auto* list = o.if_contains(key);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->get_array()) each(one);
}

std::vector<Transition> read_transitions(const json::object& o, std::string_view key) {
  std::vector<Transition> out;
  each_of(o, key, [&](const json::value& v) {
    const json::object& t = v.as_object();
    out.push_back({number_at(t, "days", -1), time_at(t, "date"), number_at(t, "kept"),
                   json::string_or(t, "class", "")});
  });
  return out;
}

json::object write(const LifecycleFilter& f) {
  json::object o{{"form", static_cast<int>(f.form)}};
  if (f.prefix) o["prefix"] = *f.prefix;
  if (f.larger) o["larger"] = *f.larger;
  if (f.smaller) o["smaller"] = *f.smaller;
  json::array tags;
  for (const auto& [name, value] : f.tags) tags.push_back(json::array{name, value});
  if (!tags.empty()) o["tags"] = std::move(tags);
  return o;
}

LifecycleFilter read_filter(const json::object& o) {
  LifecycleFilter f;
  f.form = static_cast<LifecycleFilter::Form>(json::int_or(o, "form", 0));
  if (const auto prefix = json::string_at(o, "prefix")) f.prefix = *prefix;
  if (o.contains("larger")) f.larger = json::int_or(o, "larger", 0);
  if (o.contains("smaller")) f.smaller = json::int_or(o, "smaller", 0);
  each_of(o, "tags", [&](const json::value& tag) {
    f.tags.emplace_back(tag.as_array().at(0).as_string(), tag.as_array().at(1).as_string());
  });
  return f;
}

json::object write(const LifecycleRule& r) {
  return {{"id", r.id},
          {"enabled", r.enabled},
          {"filter", write(r.filter)},
          {"days", r.expire_days},
          {"date", milliseconds(r.expire_date)},
          {"marker", r.expire_marker},
          {"noncurrentDays", r.noncurrent_days},
          {"noncurrentKept", r.noncurrent_kept},
          {"abortDays", r.abort_days},
          {"transitions", write(r.transitions)},
          {"noncurrentTransitions", write(r.noncurrent_transitions)}};
}

LifecycleRule read_rule(const json::object& o) {
  LifecycleRule r;
  r.id = json::string_or(o, "id", "");
  r.enabled = json::bool_or(o, "enabled", false);
  r.filter = read_filter(o.at("filter").as_object());
  r.expire_days = number_at(o, "days");
  r.expire_date = time_at(o, "date");
  r.expire_marker = json::bool_or(o, "marker", false);
  r.noncurrent_days = number_at(o, "noncurrentDays");
  r.noncurrent_kept = number_at(o, "noncurrentKept");
  r.abort_days = number_at(o, "abortDays");
  r.transitions = read_transitions(o, "transitions");
  r.noncurrent_transitions = read_transitions(o, "noncurrentTransitions");
  return r;
}

}  // namespace

json::value lifecycle_to_json(const Lifecycle& lifecycle) {
  json::array rules;
  for (const LifecycleRule& rule : lifecycle.rules) rules.push_back(write(rule));
  return json::object{{"rules", std::move(rules)}, {"smallMove", lifecycle.small_objects_move}};
}

Lifecycle lifecycle_from_json(const json::value& v) {
  Lifecycle out;
  const json::object& o = v.as_object();
  out.small_objects_move = json::bool_or(o, "smallMove", false);
  each_of(o, "rules", [&](const json::value& rule) { out.rules.push_back(read_rule(rule.as_object())); });
  return out;
}

}  // namespace gatehouse::service::s3

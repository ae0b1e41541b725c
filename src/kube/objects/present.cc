#include "kube/objects/present.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::kube {
namespace {

std::string head(std::string_view kind, std::string_view api_version) {
  return fmt::format(R"({{"kind":"{}","apiVersion":"{}",)", kind, api_version);
}

std::string joined(std::string start, std::string_view object_text) {
  start += object_text == "{}" ? "\"metadata\":{}}" : object_text.substr(1);
  return start;
}

std::string metadata_only(const View& view, const Stored& item) {
  const json::value* metadata = item.object.if_contains("metadata");
  return head("PartialObjectMetadata", "meta.k8s.io/" + view.meta_version) +
         "\"metadata\":" + (metadata == nullptr ? "{}" : json::dump(*metadata)) + "}";
}

void append_row(const Kind& kind, const View& view, const Stored& item, Time now, std::string& out) {
  json::array cells;
  for (const Column& column : kind.columns) cells.push_back(column.of(item.object, now));
  out += "{\"cells\":" + json::dump(cells);
  if (view.include_object == "Object") out += ",\"object\":" + whole(kind, item);
  if (view.include_object == "Metadata") out += ",\"object\":" + metadata_only(view, item);
  out += '}';
}

std::string list_metadata(const Snapshot& items) {
  json::object out{{"resourceVersion", std::to_string(items.version)}};
  if (!items.next.empty()) out["continue"] = items.next;
  if (items.remaining > 0) out["remainingItemCount"] = items.remaining;
  return "\"metadata\":" + json::dump(out);
}

std::string table_start(const Kind& kind, const View& view, const Snapshot& about, bool columns) {
  std::string out = head("Table", "meta.k8s.io/" + view.meta_version);
  out += list_metadata(about) + ",\"columnDefinitions\":";
  if (!columns) return out + "[],\"rows\":[";
  json::array definitions;
  for (const Column& column : kind.columns) {
    definitions.push_back(json::object{{"name", column.name},
                                       {"type", column.type},
                                       {"format", column.format},
                                       {"description", column.help},
                                       {"priority", column.priority}});
  }
  return out + json::dump(definitions) + ",\"rows\":[";
}

std::string one_row_table(const Kind& kind, const View& view, const Stored& item, Time now, bool columns) {
  std::string out = table_start(kind, view, {.items = {}, .version = item.version}, columns);
  append_row(kind, view, item, now, out);
  return out + "]}";
}

// The value of a parameter of a media type: parameter(";as=Table;v=v1", "v") is "v1".
std::string_view parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    parameters.remove_prefix(1);
    const auto end = std::min(parameters.find(';'), parameters.size());
    auto one = parameters.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
    parameters.remove_prefix(end);
  }
  return {};
}

}  // namespace

View View::of(std::string_view accept, std::string_view include_object) {
  View view;
  if (!include_object.empty()) view.include_object = include_object;
  if (accept.empty()) return view;
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    auto range = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    while (range.starts_with(' ')) range.remove_prefix(1);
    const auto semicolon = std::min(range.find(';'), range.size());
    const auto type = range.substr(0, semicolon);
    const auto parameters = range.substr(semicolon);
    if (type != "application/json" && type != "application/*" && type != "*/*") continue;
    const auto as = parameter(parameters, "as");
    const auto version = parameter(parameters, "v");
    if (as.empty()) return view;
    if (parameter(parameters, "g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) continue;
    if (as == "Table") view.form = Form::table;
    if (as.starts_with("PartialObjectMetadata")) view.form = Form::metadata;
    if (view.form == Form::whole) continue;
    view.meta_version = version;
    return view;
  }
  view.acceptable = false;
  return view;
}

std::string whole(const Kind& kind, const Stored& item) {
  const std::string start = head(kind.kind, kind.group_version());
  return joined(start, kind.renamed.empty() ? item.text : json::dump(shown(kind, item.object)));
}

std::string present(const Kind& kind, const View& view, const StoredPtr& item, Time now) {
  if (view.form == View::Form::table) return one_row_table(kind, view, *item, now, true);
  if (view.form == View::Form::metadata) return metadata_only(view, *item);
  return whole(kind, *item);
}

std::string present_list(const Kind& kind, const View& view, const Snapshot& items, Time now) {
  std::string out;
  if (view.form == View::Form::table) {
    out = table_start(kind, view, items, true);
  } else if (view.form == View::Form::metadata) {
    out = head("PartialObjectMetadataList", "meta.k8s.io/" + view.meta_version);
  } else {
    out = head(kind.list_kind(), kind.group_version());
  }
  if (view.form != View::Form::table) out += list_metadata(items) + ",\"items\":[";
  // Custom resources say in lists too what they are.
  const bool typed = kind.structural != nullptr || !kind.renamed.empty();
  bool first = true;
  for (const StoredPtr& item : items.items) {
    if (!std::exchange(first, false)) out += ',';
    if (view.form == View::Form::table) {
      append_row(kind, view, *item, now, out);
    } else {
      out += view.form == View::Form::metadata ? metadata_only(view, *item)
             : typed                           ? whole(kind, *item)
                                               : item->text;
    }
  }
  return out + "]}";
}

std::string present_event(const Kind& kind, const View& view, std::string_view type, const StoredPtr& item,
                          Time now, bool first) {
  std::string object;
  if (view.form == View::Form::table) {
    object = one_row_table(kind, view, *item, now, first);
  } else {
    object = present(kind, view, item, now);
  }
  return fmt::format(R"({{"type":"{}","object":)", type) + object + "}\n";
}

}  // namespace gatehouse::kube

#include "kube/objects/present.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::kube {
namespace {

std::string quoted(std::string_view text) { return json::dump(json::value(text)); }

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
  for (const Column& column : kind.columns) cells.push_back(column.cell(item.object, now));
  out += "{\"cells\":" + json::dump(cells);
  if (view.include_object == "Object") out += ",\"object\":" + whole(kind, item);
  if (view.include_object == "Metadata") out += ",\"object\":" + metadata_only(view, item);
  out += '}';
}

std::string table_start(const Kind& kind, const View& view, std::string_view version, bool columns) {
  std::string out = head("Table", "meta.k8s.io/" + view.meta_version);
  out += fmt::format(R"("metadata":{{"resourceVersion":"{}"}},"columnDefinitions":)", version);
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
  std::string out = table_start(kind, view, std::to_string(item.version), columns);
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
  return joined(head(kind.kind, kind.group_version()), item.text);
}

std::string present(const Kind& kind, const View& view, const StoredPtr& item, Time now) {
  if (view.form == View::Form::table) return one_row_table(kind, view, *item, now, true);
  if (view.form == View::Form::metadata) return metadata_only(view, *item);
  return whole(kind, *item);
}

std::string present_list(const Kind& kind, const View& view, const Snapshot& items, Time now) {
  std::string out;
  const std::string version = std::to_string(items.version);
  if (view.form == View::Form::table) {
    out = table_start(kind, view, version, true);
  } else if (view.form == View::Form::metadata) {
    out = head("PartialObjectMetadataList", "meta.k8s.io/" + view.meta_version);
  } else {
    out = head(std::string(kind.kind) + "List", kind.group_version());
  }
  if (view.form != View::Form::table)
    out += "\"metadata\":{\"resourceVersion\":" + quoted(version) + "},\"items\":[";
  bool first = true;
  for (const StoredPtr& item : items.items) {
    if (!std::exchange(first, false)) out += ',';
    if (view.form == View::Form::table) {
      append_row(kind, view, *item, now, out);
    } else {
      out += view.form == View::Form::metadata ? metadata_only(view, *item) : item->text;
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

// Objects and lists as the client asked to see them: whole, as a Table for `kubectl get`, or their metadata
// alone. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
#pragma once

#include <string>
#include <string_view>

#include "kube/objects/objects.h"

namespace gatehouse::kube {

struct View {
  enum class Form : std::uint8_t { whole, table, metadata };
  Form form = Form::whole;
  std::string meta_version = "v1";          // of meta.k8s.io
  std::string include_object = "Metadata";  // of a Table's rows: None, Metadata, Object
  bool acceptable = true;                   // false: no media type that we write

  // From the Accept header and the query's includeObject.
  static View of(std::string_view accept, std::string_view include_object);
};

// `{"kind":…,"apiVersion":…,` and the object's members.
std::string whole(const Kind& kind, const Stored& item);

std::string present(const Kind& kind, const View& view, const StoredPtr& item, Time now);
std::string present_list(const Kind& kind, const View& view, const Snapshot& items, Time now);
// One line of a watch. Tables tell their columns in the first event only: `first`.
std::string present_event(const Kind& kind, const View& view, std::string_view type, const StoredPtr& item,
                          Time now, bool first);

}  // namespace gatehouse::kube

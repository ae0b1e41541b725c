#include "kube/schema/kind_set.h"

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/schema/custom.h"

namespace gatehouse::kube {

KindSetPtr KindSet::built_in() {
  static const KindSetPtr made = with({}, KindSet());
  return made;
}

KindSetPtr KindSet::with(const std::vector<const json::object*>& definitions, const KindSet& before) {
  auto out = std::make_shared<KindSet>();
  for (const Kind& row : kinds()) {
    out->all_.push_back(&row);
    if (row.stored() && row.storage.empty()) out->kept_.push_back(&row);
  }
  for (const json::object* definition : definitions) {
    const auto same = std::find_if(before.definitions_.begin(), before.definitions_.end(),
                                   [&](const auto& made) { return made->is_of(*definition); });
    auto made = same != before.definitions_.end() ? *same : CustomKinds::of(*definition);
    for (const Kind& kind : made->kinds()) {
      if (kind.storage.empty()) out->own_.push_back(&kind);
      if (made->serves(kind)) out->all_.push_back(&kind);
    }
    out->definitions_.push_back(std::move(made));
  }
  out->kept_.insert(out->kept_.end(), out->own_.begin(), out->own_.end());
  return out;
}

const Kind* KindSet::find(std::string_view group, std::string_view version, std::string_view plural) const {
  for (const Kind* kind : all_)
    if (kind->plural == plural && kind->group == group && kind->version == version) return kind;
  return nullptr;
}

const Kind* KindSet::find_named(std::string_view group, std::string_view version,
                                std::string_view name) const {
  for (const Kind* kind : all_)
    if (kind->kind == name && kind->group == group && kind->version == version) return kind;
  return nullptr;
}

}  // namespace gatehouse::kube

#include "kube/schema/schema.h"

#include <algorithm>
#include <stdexcept>

#include "kube/schema/messages.h"

namespace gatehouse::kube {

const Field* Message::find(std::string_view json_name) const {
  for (const Field& field : fields) {
    if (!field.inlined && field.name == json_name) return &field;
    const Field* inside = field.inlined ? field.message->find(json_name) : nullptr;
    if (inside != nullptr) return inside;
  }
  return nullptr;
}

const Field* Message::find(std::uint32_t number) const {
  const auto it =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.number == number; });
  return it == fields.end() ? nullptr : &*it;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool Kind::stored() const { return verbs != "create"; }

bool Kind::has_verb(std::string_view verb) const {
  const auto all = words(verbs);
  return std::find(all.begin(), all.end(), verb) != all.end();
}

bool Kind::has_part(std::string_view part) const {
  return std::any_of(subresources.begin(), subresources.end(),
                     [&](const Subresource& s) { return s.name == part; });
}

std::string Kind::list_kind() const {
  return list_name.empty() ? std::string(kind) + "List" : std::string(list_name);
}

std::string Kind::singular() const {
  if (!singular_name.empty()) return std::string(singular_name);
  std::string out(kind);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

std::string Kind::group_version() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string Kind::resource() const {
  return group.empty() ? std::string(plural) : std::string(plural) + "." + std::string(group);
}

const Kind& kind_of(std::string_view group, std::string_view plural) {
  for (const Kind& row : kinds())
    if (row.group == group && row.plural == plural) return row;
  throw std::logic_error("no such kind: " + std::string(plural));
}

json::object shown(const Kind& kind, const json::object& kept) {
  json::object out = kept;
  for (const Renamed& name : kind.renamed) {
    if (json::value* v = out.if_contains(name.kept)) {
      json::value moved = std::move(*v);
      out.erase(name.kept);
      out[name.shown] = std::move(moved);
    }
  }
  return out;
}

json::object kept(const Kind& kind, json::object shown) {
  for (const Renamed& name : kind.renamed) {
    if (json::value* v = shown.if_contains(name.shown)) {
      json::value moved = std::move(*v);
      shown.erase(name.shown);
      shown[name.kept] = std::move(moved);
    }
  }
  return shown;
}

const Kind& kept_kind(const Kind& kind) {
  if (kind.renamed.empty()) return kind;
  for (const Kind& row : kinds())
    if (row.storage.empty() && row.resource() == kind.storage) return row;
  throw std::logic_error("a view of no kind: " + std::string(kind.plural));
}

const Message& object_meta() { return messages::kObjectMeta; }
const Message& delete_options() { return messages::kDeleteOptions; }
const Message& token_request() { return messages::kTokenRequest; }

}  // namespace gatehouse::kube

#include "policy/catalogue/catalogue.h"

#include <algorithm>
#include <string>

#include "policy/catalogue/tables.h"

namespace gatehouse::policy::catalogue {
namespace {

using namespace tables;

std::string_view text(std::uint32_t offset, std::uint16_t size) { return {kText + offset, size}; }

std::span<const std::uint16_t> list(std::uint16_t id) {
  return {kListItems + kListStart[id], kListItems + kListStart[id + 1]};
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int compare(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const auto x = static_cast<unsigned char>(lower(a[i])), y = static_cast<unsigned char>(lower(b[i]));
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

// The row in [first, last) whose name is `name`; rows are sorted by it.
template <typename NameOf>
std::optional<std::uint16_t> search(std::uint16_t first, std::uint16_t last, std::string_view name,
                                    NameOf name_of) {
  while (first < last) {
    const auto middle = static_cast<std::uint16_t>(first + (last - first) / 2);
    const int order = compare(name_of(middle), name);
    if (order == 0) return middle;
    if (order < 0) {
      first = static_cast<std::uint16_t>(middle + 1);
    } else {
      last = middle;
    }
  }
  return std::nullopt;
}

bool contains(std::span<const std::uint16_t> ids, std::uint16_t id) {
  return std::binary_search(ids.begin(), ids.end(), id);
}

// Whether `key` fills the holes of `format`: "${TagKey}" stands for one character or more.
bool fills(std::string_view format, std::string_view key) {
  std::string pattern;
  for (std::size_t i = 0; i < format.size();) {
    if (format.substr(i).starts_with("${")) {
      pattern += "?*";
      i = std::min(format.find('}', i), format.size() - 1) + 1;
    } else {
      pattern += format[i++];
    }
  }
  return glob_ignoring_case(pattern, key);
}

// A pattern with runs of stars made one, or nullopt if it has more other characters than any name could
// match.
std::optional<std::string> reduce(std::string_view pattern, std::size_t longest) {
  std::string out;
  std::size_t others = 0;
  for (const char c : pattern) {
    if (c == '*' && out.ends_with('*')) continue;
    if (c != '*' && ++others > longest) return std::nullopt;
    out += c;
  }
  return out;
}

constexpr std::size_t kLongestName = 128;

}  // namespace

std::string_view Key::name() const { return text(kKeys[id_].name, kKeys[id_].name_size); }
KeyType Key::type() const { return static_cast<KeyType>(kKeys[id_].type); }
bool Key::multivalued() const {
  return type() == KeyType::strings || type() == KeyType::arns || type() == KeyType::booleans;
}
bool Key::global() const { return kKeys[id_].global != 0; }
bool Key::has_tag_hole() const {
  return name().find("/${") != std::string_view::npos && name().ends_with("}");
}

std::string_view ResourceType::name() const { return text(kResources[id_].name, kResources[id_].name_size); }
std::string_view ResourceType::arn_formats() const {
  return text(kResources[id_].arn, kResources[id_].arn_size);
}
Service ResourceType::service() const { return Service(kResources[id_].service); }
List<Key> ResourceType::keys() const { return List<Key>(list(kResources[id_].keys)); }

Service Action::service() const { return Service(kActions[id_].service); }
std::string_view Action::name() const { return text(kActions[id_].name, kActions[id_].name_size); }
Level Action::level() const { return static_cast<Level>(kActions[id_].level); }
std::size_t Action::resource_count() const { return list(kActions[id_].resources).size(); }
ResourceType Action::resource(std::size_t i) const {
  return ResourceType(static_cast<std::uint16_t>(list(kActions[id_].resources)[i] & ~kRequired));
}
bool Action::resource_required(std::size_t i) const {
  return (list(kActions[id_].resources)[i] & kRequired) != 0;
}
List<Key> Action::keys() const { return List<Key>(list(kActions[id_].keys)); }
List<Action> Action::depends() const { return List<Action>(list(kActions[id_].depends)); }

Action::Support Action::supports(Key key) const {
  const ActionRow& row = kActions[id_];
  if (contains(list(row.keys), key.id())) return Support::by_action;
  for (const std::uint16_t scoped : list(row.resource_keys)) {
    if (contains(list(scoped), key.id())) return Support::by_action;
  }
  for (const std::uint16_t use : list(row.resources)) {
    if (contains(list(kResources[use & ~kRequired].keys), key.id())) return Support::by_resource_type;
  }
  // Tags of the request and of the resource are global by name, yet present only where the service says so.
  const std::string_view name = key.name();
  const bool of_tags =
      name.starts_with("aws:RequestTag/") || name.starts_with("aws:ResourceTag/") || name == "aws:TagKeys";
  return key.global() && !of_tags ? Support::global : Support::none;
}

std::string_view Service::prefix() const { return text(kServices[id_].prefix, kServices[id_].prefix_size); }
std::string_view Service::title() const { return text(kServices[id_].title, kServices[id_].title_size); }
bool Service::supports_rcp() const { return kServices[id_].rcp != 0; }
std::size_t Service::action_count() const { return kServices[id_].actions; }
Action Service::action(std::size_t i) const {
  return Action(static_cast<std::uint16_t>(kServices[id_].first_action + i));
}
std::size_t Service::resource_count() const { return kServices[id_].resources; }
ResourceType Service::resource(std::size_t i) const {
  return ResourceType(static_cast<std::uint16_t>(kServices[id_].first_resource + i));
}
List<Key> Service::keys() const { return List<Key>(list(kServices[id_].keys)); }

std::size_t action_count() { return kCounts.actions; }
std::size_t service_count() { return kCounts.services; }
Service service_at(std::size_t i) { return Service(static_cast<std::uint16_t>(i)); }

std::optional<Service> find_service(std::string_view prefix) {
  const auto found = search(0, kCounts.services, prefix, [](std::uint16_t i) { return Service(i).prefix(); });
  if (!found) return std::nullopt;
  return Service(*found);
}

std::optional<Action> find_action(Service service, std::string_view name) {
  if (service.action_count() == 0) return std::nullopt;
  const std::uint16_t first = service.action(0).id();
  const auto last = static_cast<std::uint16_t>(first + service.action_count());
  const auto found = search(first, last, name, [](std::uint16_t i) { return Action(i).name(); });
  if (!found) return std::nullopt;
  return Action(*found);
}

std::optional<Action> find_action(std::string_view action) {
  const auto colon = action.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto service = find_service(action.substr(0, colon));
  return service ? find_action(*service, action.substr(colon + 1)) : std::nullopt;
}

std::optional<Key> find_key(std::string_view key) {
  if (key.size() > 4 * kLongestName) return std::nullopt;
  const auto exact = search(0, kCounts.keys, key, [](std::uint16_t i) { return Key(i).name(); });
  if (exact) return Key(*exact);
  for (std::uint16_t i = 0; i < kCounts.keys; ++i) {
    const std::string_view name = Key(i).name();
    const auto hole = name.find("${");
    if (hole == std::string_view::npos || compare(name.substr(0, hole), key.substr(0, hole)) != 0) continue;
    if (fills(name, key)) return Key(i);
  }
  return std::nullopt;
}

bool is_key_prefix(std::string_view prefix) {
  for (std::uint16_t i = 0; i < kCounts.keys; ++i) {
    const std::string_view name = Key(i).name();
    const std::string_view own = name.substr(0, name.find(':'));
    if (compare(own, prefix) == 0) return true;
    if (own.find("${") != std::string_view::npos && prefix.size() <= 2 * kLongestName && fills(own, prefix))
      return true;
  }
  return false;
}

bool glob_ignoring_case(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(name[n]))) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void for_each_action(std::string_view pattern, const std::function<bool(Action)>& visit) {
  const auto colon = pattern.find(':');
  const auto prefix = reduce(pattern.substr(0, colon), kLongestName);
  const auto name = reduce(colon == std::string_view::npos ? "*" : pattern.substr(colon + 1), kLongestName);
  if (!prefix || !name) return;
  // Without a colon only "*" means anything.
  if (colon == std::string_view::npos && *prefix != "*") return;
  const bool fixed = prefix->find_first_of("*?") == std::string::npos;
  const auto only = fixed ? find_service(*prefix) : std::nullopt;
  if (fixed && !only) return;
  if (only && name->find_first_of("*?") == std::string::npos) {
    if (const auto action = find_action(*only, *name)) visit(*action);
    return;
  }
  for (std::size_t s = 0; s < service_count(); ++s) {
    const Service service = service_at(s);
    if (only ? service != *only : !glob_ignoring_case(*prefix, service.prefix())) continue;
    for (std::size_t a = 0; a < service.action_count(); ++a) {
      const Action action = service.action(a);
      if (glob_ignoring_case(*name, action.name()) && !visit(action)) return;
    }
  }
}

bool matches_any_action(std::string_view pattern) {
  bool any = false;
  for_each_action(pattern, [&](Action) { return !(any = true); });
  return any;
}

}  // namespace gatehouse::policy::catalogue

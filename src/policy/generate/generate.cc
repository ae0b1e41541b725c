#include "policy/generate/generate.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "policy/catalogue/catalogue.h"
#include "policy/document/document.h"

namespace gatehouse::policy {
namespace {

using Resources = std::set<std::string>;

// "arn:aws:s3:::lake/raw/2026/" of "arn:aws:s3:::lake/raw/2026/1", and of "arn:aws:s3:::lake/raw/2026/*" its
// parent; nothing where no slash is left.
std::string folder_of(const std::string& resource) {
  std::size_t colon = 0;
  for (int i = 0; i < 5 && colon != std::string::npos; ++i)
    colon = resource.find(':', colon == 0 ? 0 : colon + 1);
  if (colon == std::string::npos) return "";
  std::string_view path = std::string_view(resource).substr(colon + 1);
  if (path.ends_with("/*")) path.remove_suffix(2);
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return resource.substr(0, colon + 1 + slash + 1);
}

// Folders with many resources stand for them, from the deepest upwards until nothing changes.
Resources gathered(Resources resources) {
  while (true) {
    std::map<std::string, std::vector<std::string>> folders;
    for (const std::string& resource : resources) {
      if (const std::string folder = folder_of(resource); !folder.empty())
        folders[folder].push_back(resource);
    }
    const auto full = std::find_if(folders.rbegin(), folders.rend(),
                                   [](const auto& f) { return f.second.size() > kManyResources; });
    if (full == folders.rend()) return resources;
    std::erase_if(resources, [&](const std::string& r) { return r.starts_with(full->first); });
    resources.insert(full->first + "*");
  }
}

bool takes_no_resource(const std::string& action) {
  const auto known = catalogue::find_action(action);
  return known && known->resource_count() == 0;
}

json::value one_or_many(const std::vector<std::string>& values) {
  if (values.size() == 1) return json::value(values.front());
  json::array list;
  for (const std::string& value : values) list.emplace_back(value);
  return list;
}

// Every action of the catalogue that an Allow statement names, NotAction included.
void add_granted(const Statement& statement, std::set<std::uint16_t>& granted) {
  const auto each = [](const ValueList& patterns, const auto& visit) {
    for (const Scalar& pattern : patterns.values) {
      catalogue::for_each_action(pattern.text, [&](catalogue::Action action) {
        visit(action.id());
        return true;
      });
    }
  };
  if (statement.action.present) each(statement.action, [&](std::uint16_t id) { granted.insert(id); });
  if (!statement.not_action.present) return;
  std::set<std::uint16_t> left_out;
  each(statement.not_action, [&](std::uint16_t id) { left_out.insert(id); });
  for (std::size_t id = 0; id < catalogue::action_count(); ++id) {
    const auto number = static_cast<std::uint16_t>(id);
    if (!left_out.contains(number)) granted.insert(number);
  }
}

}  // namespace

std::string smallest_policy(std::span<const Used> used) {
  std::map<std::string, Resources> by_action;
  for (const Used& u : used) by_action[u.action].insert(takes_no_resource(u.action) ? "*" : u.resource);
  std::map<Resources, std::vector<std::string>> by_resources;
  for (auto& [action, resources] : by_action) by_resources[gathered(std::move(resources))].push_back(action);

  json::array statements;
  for (const auto& [resources, actions] : by_resources) {
    statements.push_back(json::object{{"Effect", "Allow"},
                                      {"Action", one_or_many(actions)},
                                      {"Resource", one_or_many({resources.begin(), resources.end()})}});
  }
  return json::dump_pretty(json::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

std::vector<Beyond> beyond(std::span<const std::string> documents, std::span<const Used> used) {
  std::set<std::uint16_t> granted, done;
  for (const std::string& text : documents) {
    const Document document = parse_document(text);
    for (const Statement& statement : document.statements()) {
      if (statement.effect && statement.effect->text == "Allow") add_granted(statement, granted);
    }
  }
  for (const Used& u : used) {
    if (const auto action = catalogue::find_action(u.action)) done.insert(action->id());
  }
  std::map<std::string, Beyond> services;
  for (const std::uint16_t id : granted) {
    const catalogue::Action action(id);
    const std::string prefix(action.service().prefix());
    Beyond& service = services[prefix];
    service.service = prefix;
    ++service.granted;
    if (!done.contains(id)) service.unused.push_back(prefix + ":" + std::string(action.name()));
  }
  std::vector<Beyond> out;
  for (auto& [prefix, service] : services) {
    if (!service.unused.empty()) out.push_back(std::move(service));
  }
  return out;
}

}  // namespace gatehouse::policy

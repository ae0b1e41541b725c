#include "service/call.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::service {
namespace {

// A template's {name}: a fact of the call, or an input member of the operation.
Result<std::string> expand(const Call& call, std::string_view name) {
  if (name == "partition") return std::string("aws");
  if (name == "region") return call.region;
  if (name == "account") return call.account;
  const wire::Shape& shape = call.model->shape(call.operation->input);
  for (const wire::MemberModel& member : shape.members) {
    if (member.name != name) continue;
    return std::string(call.in[member.member].text_or(name == "Path" ? "/" : ""));
  }
  return internal_failure();
}

}  // namespace

Result<account::Requirement> from_template(
    const Call& call, std::string_view action, std::string_view resource, wire::Member tags,
    const std::vector<std::pair<std::string_view, wire::Member>>& conditions) {
  account::Requirement requirement;
  requirement.action = action;
  requirement.resource.clear();
  while (!resource.empty()) {
    const auto open = resource.find('{');
    requirement.resource += resource.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = resource.find('}', open);
    TRY(const std::string value, expand(call, resource.substr(open + 1, close - open - 1)));
    requirement.resource += value;
    resource.remove_prefix(close + 1);
  }
  if (tags.id != 0) requirement.request_tags(read_tags(call.in[tags]));
  for (const auto& [key, member] : conditions) {
    const wire::Value& value = call.in[member];
    if (!value) continue;
    if (const auto* list = value.get_if<wire::Value::List>()) {
      std::vector<std::string> values;
      for (const wire::Value& v : *list) values.emplace_back(v.text());
      requirement.keys_of(std::string(key), std::move(values));
    } else if (value.get_if<std::int64_t>() != nullptr) {
      requirement.key(std::string(key), std::to_string(value.number()));
    } else if (value.get_if<bool>() != nullptr) {
      requirement.key(std::string(key), value.boolean() ? "true" : "false");
    } else {
      requirement.key(std::string(key), std::string(value.text()));
    }
  }
  return requirement;
}

const Operation* Service::find(std::string_view operation) const {
  const auto it = operations_.find(operation);
  return it == operations_.end() ? nullptr : &it->second;
}

std::vector<std::string_view> Service::built() const {
  std::vector<std::string_view> names;
  for (const auto& [name, operation] : operations_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string Service::own_action(std::string_view operation) const {
  return model_ == nullptr ? std::string() : fmt::format("{}:{}", model_->signing_name, operation);
}

void Service::add(Operation operation) {
  const std::string_view name = operation.name;
  if (model_ == nullptr || model_->find(name) == nullptr) {
    throw std::logic_error(fmt::format("a row names {}, which the model does not have", name));
  }
  operations_.emplace(name, std::move(operation));
}

std::vector<account::Tag> read_tags(const wire::Value& tags) {
  std::vector<account::Tag> out;
  for (const auto& [key, value] : tags.map()) out.emplace_back(key, value.text());
  for (const wire::Value& tag : tags.list()) {
    account::Tag pair;
    for (const auto& [member, value] : tag.structure()) {
      const std::string_view name = wire::member_name(member);
      if (name == "Key" || name == "key") pair.first = value.text();
      if (name == "Value" || name == "value") pair.second = value.text();
    }
    out.push_back(std::move(pair));
  }
  return out;
}

}  // namespace gatehouse::service

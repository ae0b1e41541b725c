#include "wire/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gatehouse::wire {
namespace {

const Value kNull;
const Value::List kNoList;
const Value::Structure kNoStructure;
const Value::Map kNoMap;

// The variant's T, made if the value is null; nullptr if it is something else.
template <typename T, typename Variant>
T* made(Variant& data) {
  if (std::holds_alternative<std::monostate>(data)) data.template emplace<T>();
  return std::get_if<T>(&data);
}

}  // namespace

std::string_view Value::text() const {
  auto* v = get_if<std::string>();
  return v ? std::string_view(*v) : std::string_view();
}

std::int64_t Value::number(std::int64_t otherwise) const {
  if (auto* v = get_if<std::int64_t>()) return *v;
  auto* real = get_if<double>();
  return real && std::abs(*real) < 9.2e18 ? static_cast<std::int64_t>(*real) : otherwise;
}

double Value::real(double otherwise) const {
  if (auto* v = get_if<double>()) return *v;
  auto* whole = get_if<std::int64_t>();
  return whole ? static_cast<double>(*whole) : otherwise;
}

bool Value::boolean(bool otherwise) const {
  auto* v = get_if<bool>();
  return v ? *v : otherwise;
}

Time Value::time() const {
  auto* v = get_if<Time>();
  return v ? *v : Time();
}

std::string_view Value::bytes() const {
  auto* v = get_if<Bytes>();
  return v ? std::string_view(v->data) : text();
}

const Value::List& Value::list() const {
  auto* v = get_if<List>();
  return v ? *v : kNoList;
}

const Value::Structure& Value::structure() const {
  auto* v = get_if<Structure>();
  return v ? *v : kNoStructure;
}

const Value::Map& Value::map() const {
  auto* v = get_if<Map>();
  return v ? *v : kNoMap;
}

const Value& Value::operator[](Member m) const {
  const Structure& all = structure();
  auto at = std::ranges::find(all, m, &Structure::value_type::first);
  return at != all.end() ? at->second : kNull;
}

const Value& Value::at_key(std::string_view key) const {
  const Map& all = map();
  auto at = std::ranges::find(all, key, &Map::value_type::first);
  return at != all.end() ? at->second : kNull;
}

Value& Value::set(Member m, Value v) {
  auto* all = made<Structure>(data_);
  if (!all || v.is_null()) return *this;
  auto at = std::ranges::find(*all, m, &Structure::value_type::first);
  if (at != all->end()) {
    at->second = std::move(v);
  } else {
    all->emplace_back(m, std::move(v));
  }
  return *this;
}

Value& Value::append(Value v) {
  if (auto* all = made<List>(data_)) all->push_back(std::move(v));
  return *this;
}

Value& Value::put(std::string key, Value v) {
  auto* all = made<Map>(data_);
  if (!all) return *this;
  auto at = std::ranges::find(*all, key, &Map::value_type::first);
  if (at != all->end()) {
    at->second = std::move(v);
  } else {
    all->emplace_back(std::move(key), std::move(v));
  }
  return *this;
}

Value structure(std::initializer_list<std::pair<Member, Value>> members) {
  Value out{Value::Structure{}};
  for (const auto& [member, value] : members) out.set(member, value);
  return out;
}

}  // namespace gatehouse::wire

// The one tree that every protocol's parameters and answers become.
//
// A structure's members are reached by generated ids, `in[m::RoleName]` with `namespace m = model::iam`, so a
// misspelt one does not compile. An absent member reads as a null Value, so lookups chain without checks.
// Which members exist, their types and which are required is the model table's business (model.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace gatehouse::wire {

// A member's name, interned over all services at build time. model/<service>.h has the constants.
struct Member {
  std::uint16_t id = 0;
  friend bool operator==(Member, Member) = default;
};

// Base64 on the wire; a type of its own so that it is not taken for text.
struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

class Value {
 public:
  using List = std::vector<Value>;
  using Structure = std::vector<std::pair<Member, Value>>;  // few members: a scan beats a hash
  using Map = std::vector<std::pair<std::string, Value>>;   // in the order of the wire

  Value() = default;
  Value(bool v) : data_(v) {}
  Value(std::int64_t v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(double v) : data_(v) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(Bytes v) : data_(std::move(v)) {}
  Value(Time v) : data_(v) {}
  Value(List v) : data_(std::move(v)) {}
  Value(Structure v) : data_(std::move(v)) {}
  Value(Map v) : data_(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  explicit operator bool() const { return !is_null(); }
  template <typename T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }

  // Readers that never fail: the null value's text is empty, its number 0, its list empty.
  std::string_view text() const;
  std::string_view text_or(std::string_view otherwise) const { return is_null() ? otherwise : text(); }
  std::int64_t number(std::int64_t otherwise = 0) const;
  double real(double otherwise = 0) const;
  bool boolean(bool otherwise = false) const;
  Time time() const;
  std::string_view bytes() const;
  const List& list() const;
  const Structure& structure() const;
  const Map& map() const;

  const Value& operator[](Member m) const;          // structure member; null if absent
  const Value& at_key(std::string_view key) const;  // map entry; null if absent

  // Builders. set() replaces; a null value is not stored. On a null Value they make the structure, list or
  // map.
  Value& set(Member m, Value v);
  Value& append(Value v);
  Value& put(std::string key, Value v);

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Time, List, Structure, Map>
      data_;
};

// Value role = structure({{m::RoleName, name}, {m::Path, path}});  null members are left out.
Value structure(std::initializer_list<std::pair<Member, Value>> members);

}  // namespace gatehouse::wire

// How the fields of a record become JSON and are read back. An entity names each field once:
//
//   f("name", e.name)("created", e.created)("trust", e.trust, policy::Kind::trust);
//
// and `f` is one of these two. `Describe` does the same for a structure inside.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/entities.h"
#include "base/json.h"

namespace gatehouse::account {

template <typename Describe>
class FieldWriter {
 public:
  explicit FieldWriter(json::object& out) : out_(out) {}

  template <typename T>
  FieldWriter& operator()(std::string_view name, const T& value) {
    out_[name] = json_of(value);
    return *this;
  }
  FieldWriter& operator()(std::string_view name, const PolicyText& value, policy::Kind) {
    out_[name] = value.text;
    return *this;
  }

 private:
  static json::value json_of(const std::string& v) { return json::value(v); }
  static json::value json_of(bool v) { return v; }
  static json::value json_of(int v) { return v; }
  static json::value json_of(Time v) { return v.time_since_epoch().count(); }
  static json::value json_of(const Tag& v) { return json::array{v.first, v.second}; }
  static json::value json_of(const std::map<std::string, PolicyText>& v) {
    json::object out;
    for (const auto& [name, policy] : v) out[name] = policy.text;
    return out;
  }
  static json::value json_of(const std::map<std::string, std::string>& v) {
    json::object out;
    for (const auto& [name, text] : v) out[name] = text;
    return out;
  }
  template <typename T>
  static json::value json_of(const std::vector<T>& v) {
    json::array out;
    for (const T& one : v) out.push_back(json_of(one));
    return out;
  }
  template <typename T>
  static json::value json_of(const T& v) {
    json::object out;
    FieldWriter fields(out);
    Describe()(v, fields);
    return out;
  }

  json::object& out_;
};

// An absent member leaves the field as it is; one of another type spoils the whole.
template <typename Describe>
class FieldReader {
 public:
  explicit FieldReader(const json::object& in) : in_(in) {}

  template <typename T>
  FieldReader& operator()(std::string_view name, T& value) {
    if (const json::value* v = in_.if_contains(name)) read(*v, value);
    return *this;
  }
  FieldReader& operator()(std::string_view name, PolicyText& value, policy::Kind kind) {
    const json::value* v = in_.if_contains(name);
    if (v != nullptr && v->is_string()) {
      compile(v->get_string(), kind, value);
    } else {
      bad_ = true;
    }
    return *this;
  }
  bool bad() const { return bad_; }

 private:
  void read(const json::value& v, std::string& to) {
    if (v.is_string()) {
      to = v.get_string();
    } else {
      bad_ = true;
    }
  }
  void read(const json::value& v, bool& to) {
    if (v.is_bool()) {
      to = v.get_bool();
    } else {
      bad_ = true;
    }
  }
  void read(const json::value& v, int& to) {
    if (v.is_int64()) {
      to = static_cast<int>(v.get_int64());
    } else {
      bad_ = true;
    }
  }
  void read(const json::value& v, Time& to) {
    if (v.is_int64()) {
      to = Time(std::chrono::milliseconds(v.get_int64()));
    } else {
      bad_ = true;
    }
  }
  void read(const json::value& v, Tag& to) {
    const json::array* pair = v.if_array();
    if (pair == nullptr || pair->size() != 2) {
      bad_ = true;
      return;
    }
    read((*pair)[0], to.first);
    read((*pair)[1], to.second);
  }
  void read(const json::value& v, std::map<std::string, PolicyText>& to) {
    const json::object* policies = v.if_object();
    if (policies == nullptr) {
      bad_ = true;
      return;
    }
    for (const auto& [name, text] : *policies) {
      if (text.is_string()) {
        compile(text.get_string(), policy::Kind::identity, to[std::string(name)]);
      } else {
        bad_ = true;
      }
    }
  }
  void read(const json::value& v, std::map<std::string, std::string>& to) {
    const json::object* texts = v.if_object();
    if (texts == nullptr) {
      bad_ = true;
      return;
    }
    for (const auto& [name, text] : *texts) read(text, to[std::string(name)]);
  }
  template <typename T>
  void read(const json::value& v, std::vector<T>& to) {
    const json::array* list = v.if_array();
    if (list == nullptr) {
      bad_ = true;
      return;
    }
    to.reserve(list->size());
    for (const json::value& one : *list) read(one, to.emplace_back());
  }
  template <typename T>
  void read(const json::value& v, T& to) {
    const json::object* inside = v.if_object();
    if (inside == nullptr) {
      bad_ = true;
      return;
    }
    FieldReader fields(*inside);
    Describe()(to, fields);
    bad_ = bad_ || fields.bad();
  }

  void compile(std::string_view text, policy::Kind kind, PolicyText& to) {
    auto compiled = policy::compile(text, kind);
    if (compiled) {
      to = {std::string(text), std::move(*compiled)};
    } else {
      bad_ = true;
    }
  }

  const json::object& in_;
  bool bad_ = false;
};

}  // namespace gatehouse::account

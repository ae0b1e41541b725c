// Random inputs and outputs of a shape, for round trips. Tests only.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "wire/codec/scalar.h"
#include "wire/model.h"

namespace gatehouse::wire::codec {

class RandomValue {
 public:
  RandomValue(const ServiceModel& service, unsigned seed) : service_(service), random_(seed) {}

  Value of(const Shape& shape, int depth = 0) {
    if (shape.kind == ShapeKind::structure) return structure_of(shape, depth);
    if (shape.kind == ShapeKind::unit) return Value::Structure{};
    if (shape.kind == ShapeKind::list) {
      Value out{Value::List{}};
      for (int i = pick(1, 3); i > 0; --i) out.append(of(service_.shape(shape.element), depth + 1));
      return out;
    }
    if (shape.kind == ShapeKind::map) {
      Value out{Value::Map{}};
      for (int i = pick(1, 3); i > 0; --i) out.put(text(kAll), of(service_.shape(shape.element), depth + 1));
      return out;
    }
    return simple(shape, kAll, TimeStyle::iso_millis);
  }

  // What a round trip cannot keep apart (empty against absent, the order of members) made the same.
  static Value normal(const Value& value) {
    if (auto* all = value.get_if<Value::Structure>()) {
      Value::Structure out;
      for (const auto& [member, v] : *all) {
        if (Value n = normal(v)) out.emplace_back(member, std::move(n));
      }
      std::ranges::sort(out, {}, [](const auto& m) { return m.first.id; });
      return out.empty() ? Value() : Value(std::move(out));
    }
    if (auto* all = value.get_if<Value::List>()) {
      Value::List out;
      for (const Value& v : *all) {
        if (Value n = normal(v)) out.push_back(std::move(n));
      }
      return out.empty() ? Value() : Value(std::move(out));
    }
    if (auto* all = value.get_if<Value::Map>()) {
      Value::Map out;
      for (const auto& [key, v] : *all) out.emplace_back(key, normal(v));
      std::ranges::sort(out, {}, &Value::Map::value_type::first);
      return out.empty() ? Value() : Value(std::move(out));
    }
    return value;
  }

 private:
  static constexpr std::string_view kAll = "aZ09 /+%&=<>\"'.,:;~_-\n\t?#[]{}\\\r\x01";
  static constexpr std::string_view kHeader =
      "aZ09/+%&=<>\"'.:;~_-?#[]{}";  // no commas: lists are told by them
  static constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyz";

  int pick(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }

  std::string text(std::string_view alphabet) {
    std::string out;
    for (int i = pick(1, 12); i > 0; --i)
      out += alphabet[static_cast<size_t>(pick(0, static_cast<int>(alphabet.size()) - 1))];
    if (alphabet == kAll && pick(0, 3) == 0) out += "\u00e9\u20ac\U0001F600";
    return out;
  }

  Value simple(const Shape& shape, std::string_view alphabet, TimeStyle otherwise) {
    switch (shape.kind) {
      case ShapeKind::number:
        return pick(0, 3) == 0 ? Value(pick(-9, 9) + 0.5)
                               : Value(std::int64_t{pick(-1'000'000, 1'000'000)} * pick(1, 9000));
      case ShapeKind::boolean:
        return pick(0, 1) == 1;
      case ShapeKind::blob:
        return Bytes{text(kAll)};
      case ShapeKind::timestamp: {
        const TimeStyle style = time_style(
            shape.time_format, otherwise == TimeStyle::http ? otherwise : body_times(service_.protocol));
        const bool whole = style == TimeStyle::iso || style == TimeStyle::http;
        return Time(std::chrono::milliseconds(std::int64_t{pick(0, 4'000'000)} * 1'000'000 +
                                              (whole ? 0 : pick(0, 999))));
      }
      default:
        return text(alphabet);
    }
  }

  Value structure_of(const Shape& shape, int depth) {
    Value out{Value::Structure{}};
    for (const MemberModel& m : shape.members) {
      const Shape& target = service_.shape(m.shape);
      const bool deep = target.kind == ShapeKind::structure || target.kind == ShapeKind::list;
      if (m.streaming || (!m.required && (pick(0, 2) == 0 || (deep && depth > 4)))) continue;
      if (m.required && depth > 12) continue;
      out.set(m.member, member(m, target, depth));
    }
    return out;
  }

  Value member(const MemberModel& m, const Shape& target, int depth) {
    switch (m.location) {
      case Location::prefix_headers: {
        Value out{Value::Map{}};
        for (int i = pick(1, 3); i > 0; --i) out.put(text(kName), text(kHeader));
        return out;
      }
      case Location::header: {
        if (target.kind != ShapeKind::list) return simple(target, kHeader, TimeStyle::http);
        Value out{Value::List{}};
        for (int i = pick(1, 3); i > 0; --i)
          out.append(simple(service_.shape(target.element), kHeader, TimeStyle::http));
        return out;
      }
      case Location::label:
        // A path's first label ends at a slash if that is not encoded; a bucket has none.
        return m.name == "Bucket" ? Value(text(kName)) : simple(target, kAll, TimeStyle::iso_millis);
      default:
        return of(target, depth + 1);
    }
  }

  const ServiceModel& service_;
  std::mt19937 random_;
};

}  // namespace gatehouse::wire::codec

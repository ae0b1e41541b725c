// The words in which messages are written down.
#pragma once

#include "kube/schema/schema.h"

namespace gatehouse::kube::fields {

constexpr Field text(std::string_view name, std::uint32_t number) { return {.name = name, .number = number}; }
constexpr Field scalar(Type type, std::string_view name, std::uint32_t number) {
  return {.name = name, .number = number, .type = type};
}
constexpr Field time(std::string_view name, std::uint32_t number) { return scalar(Type::time, name, number); }
constexpr Field micro_time(std::string_view name, std::uint32_t number) {
  return scalar(Type::micro_time, name, number);
}
constexpr Field flag(std::string_view name, std::uint32_t number) {
  return scalar(Type::boolean, name, number);
}
constexpr Field number32(std::string_view name, std::uint32_t number) {
  return scalar(Type::int32, name, number);
}
constexpr Field number64(std::string_view name, std::uint32_t number) {
  return scalar(Type::int64, name, number);
}
constexpr Field any(std::string_view name, std::uint32_t number) { return scalar(Type::any, name, number); }
constexpr Field part(std::string_view name, std::uint32_t number, const Message& message) {
  return {.name = name, .number = number, .type = Type::message, .message = &message};
}
constexpr Field texts(std::string_view name, std::uint32_t number) {
  return {.name = name, .number = number, .shape = Shape::list};
}
constexpr Field text_set(std::string_view name, std::uint32_t number) {
  return {.name = name, .number = number, .shape = Shape::list, .merge_set = true};
}
constexpr Field parts(std::string_view name, std::uint32_t number, const Message& message,
                      std::string_view merge_key = "") {
  return {.name = name,
          .number = number,
          .type = Type::message,
          .shape = Shape::list,
          .message = &message,
          .merge_key = merge_key};
}
constexpr Field map(Type type, std::string_view name, std::uint32_t number) {
  return {.name = name, .number = number, .type = type, .shape = Shape::map};
}
// A message that JSON does not show: its members stand among the others.
constexpr Field inlined(Field field) {
  field.inlined = true;
  return field;
}
// A pointer in Go's types: false and zero mean something else than absence. Also what has no omitempty.
constexpr Field always(Field field) {
  field.always = true;
  return field;
}

}  // namespace gatehouse::kube::fields

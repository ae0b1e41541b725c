#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/codec/scalar.h"
#include "wire/codec/xml.h"

namespace gatehouse::wire::codec {

namespace {

// In an attribute, tabs and line ends would come back as blanks.
void append_attribute_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n' || c == '\t') {
      out += c == '\n' ? "&#xa;" : "&#x9;";
    } else {
      append_escaped(out, std::string_view(&c, 1));
    }
  }
}

// A bare CR would come back as LF.
constexpr auto kSpecial = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 0x20; ++c) table[c] = c != '\n' && c != '\t';
  for (const char c : {'&', '<', '>', '"'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_special(char c) { return kSpecial[static_cast<unsigned char>(c)]; }

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (true) {
    const auto special = std::find_if(text.begin(), text.end(), is_special);
    out.append(text.begin(), special);
    if (special == text.end()) return;
    switch (*special) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += fmt::format("&#x{:x};", static_cast<unsigned>(*special));
    }
    text.remove_prefix(static_cast<size_t>(special - text.begin()) + 1);
  }
}

void append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  append_escaped(out, text);
  out.append("</").append(name).append(">");
}

XmlWriter::XmlWriter(const ServiceModel& service, std::string& out) : service_(service), out_(out) {}

void XmlWriter::root(std::string_view name, const Shape& shape, const Value& value) {
  out_.append("<").append(name).append(" xmlns=\"").append(service_.xml_namespace).append("\">");
  members(shape, value);
  out_.append("</").append(name).append(">");
}

void XmlWriter::members(const Shape& shape, const Value& value) {
  for (const MemberModel& m : shape.members) {
    if (m.location != Location::body || m.attribute) continue;
    if (const Value& v = value[m.member]) member(m, v);
  }
}

void XmlWriter::member(const MemberModel& m, const Value& value) {
  const Shape& shape = service_.shape(m.shape);
  if (m.flattened && shape.kind == ShapeKind::list) return list_items(m.wire_name, shape, value);
  if (m.flattened && shape.kind == ShapeKind::map) return map_entries(m.wire_name, shape, value);
  element(m.wire_name, shape, value);
}

void XmlWriter::list_items(std::string_view name, const Shape& shape, const Value& value) {
  for (const Value& item : value.list()) element(name, service_.shape(shape.element), item);
}

void XmlWriter::map_entries(std::string_view name, const Shape& shape, const Value& value) {
  for (const auto& [key, v] : value.map()) {
    out_.append("<").append(name).append(">");
    append_element(out_, shape.key_name, key);
    element(shape.element_name, service_.shape(shape.element), v);
    out_.append("</").append(name).append(">");
  }
}

// The start tag, with the attributes and the namespace that the shape asks for.
void XmlWriter::open(std::string_view name, const Shape& shape, const Value& value) {
  out_.append("<").append(name);
  if (!shape.xml_namespace.empty()) {
    out_.append(shape.xml_prefix.empty() ? " xmlns" : " xmlns:").append(shape.xml_prefix);
    out_.append("=\"").append(shape.xml_namespace).append("\"");
  }
  for (const MemberModel& m : shape.members) {
    if (!m.attribute || value[m.member].is_null()) continue;
    out_.append(" ").append(m.wire_name).append("=\"");
    append_attribute_escaped(
        out_, scalar_text(service_.shape(m.shape), value[m.member], body_times(service_.protocol)));
    out_.append("\"");
  }
  out_.append(">");
}

void XmlWriter::element(std::string_view name, const Shape& shape, const Value& value) {
  open(name, shape, value);
  switch (shape.kind) {
    case ShapeKind::structure:
      members(shape, value);
      break;
    case ShapeKind::list:
      list_items(shape.element_name, shape, value);
      break;
    case ShapeKind::map:
      map_entries("entry", shape, value);
      break;
    default:
      append_escaped(out_, scalar_text(shape, value, body_times(service_.protocol)));
  }
  out_.append("</").append(name).append(">");
}

}  // namespace gatehouse::wire::codec

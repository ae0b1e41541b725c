#include <algorithm>
#include <pugixml.hpp>

#include "base/encoding.h"
#include "wire/codec/scalar.h"
#include "wire/codec/xml.h"

namespace gatehouse::wire::codec {
namespace {

constexpr int kDeepest = 64;

std::string_view local_name(std::string_view name) {
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string text_of(const pugi::xml_node& node) {
  std::string out;
  for (const auto& part : node) {
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) out += part.value();
  }
  return out;
}

bool is_element(const pugi::xml_node& node) { return node.type() == pugi::node_element; }

class Reader {
 public:
  Reader(const ServiceModel& service, XmlReading reading)
      : service_(service), reading_(reading), times_(body_times(service.protocol)) {}

  Result<Value> read(const Shape& shape, const pugi::xml_node& node, int depth) const {
    if (depth > kDeepest) return malformed_xml();
    switch (shape.kind) {
      case ShapeKind::structure:
        return read_structure(shape, node, depth);
      case ShapeKind::list:
        return read_list(shape, node, depth);
      case ShapeKind::map:
        return read_map(shape, node, depth);
      case ShapeKind::unit:
        return Value(Value::Structure{});
      default:
        return read_scalar(shape, text_of(node));
    }
  }

  Result<Value> read_structure(const Shape& shape, const pugi::xml_node& node, int depth) const {
    Value::Structure out;
    std::vector<Value::List> lists(shape.members.size());  // of the flattened, which come item by item
    std::vector<Value> maps(shape.members.size());
    CHECK_OK(read_attributes(shape, node, out));
    for (const auto& child : node) {
      if (!is_element(child)) continue;
      const std::string_view name = local_name(child.name());
      const auto at = std::ranges::find_if(shape.members, [name](const MemberModel& m) {
        return m.location == Location::body && !m.attribute && m.wire_name == name;
      });
      if (at == shape.members.end()) {
        if (reading_.strict) return malformed_xml();
        continue;
      }
      const Shape& target = service_.shape(at->shape);
      const auto index = static_cast<size_t>(at - shape.members.begin());
      if (at->flattened && target.kind == ShapeKind::list) {
        TRY(auto item, read(service_.shape(target.element), child, depth + 1));
        lists[index].push_back(std::move(item));
      } else if (at->flattened && target.kind == ShapeKind::map) {
        CHECK_OK(read_entry(target, child, depth, maps[index]));
      } else {
        TRY(auto value, read(target, child, depth + 1));
        out.emplace_back(at->member, std::move(value));
      }
    }
    for (size_t i = 0; i < shape.members.size(); ++i) {
      if (!lists[i].empty()) out.emplace_back(shape.members[i].member, std::move(lists[i]));
      if (maps[i]) out.emplace_back(shape.members[i].member, std::move(maps[i]));
    }
    return Value(std::move(out));
  }

 private:
  Result<void> read_attributes(const Shape& shape, const pugi::xml_node& node, Value::Structure& out) const {
    for (const MemberModel& m : shape.members) {
      if (!m.attribute) continue;
      for (const auto& attribute : node.attributes()) {
        if (local_name(attribute.name()) != local_name(m.wire_name)) continue;
        TRY(auto value, read_scalar(service_.shape(m.shape), attribute.value()));
        out.emplace_back(m.member, std::move(value));
        break;
      }
    }
    return {};
  }

  Result<Value> read_list(const Shape& shape, const pugi::xml_node& node, int depth) const {
    Value::List out;
    for (const auto& child : node) {
      if (!is_element(child)) continue;
      if (local_name(child.name()) != shape.element_name) {
        if (reading_.strict) return malformed_xml();
        continue;
      }
      TRY(auto item, read(service_.shape(shape.element), child, depth + 1));
      out.push_back(std::move(item));
    }
    return Value(std::move(out));
  }

  Result<Value> read_map(const Shape& shape, const pugi::xml_node& node, int depth) const {
    Value out{Value::Map{}};
    for (const auto& child : node) {
      if (!is_element(child)) continue;
      CHECK_OK(read_entry(shape, child, depth, out));
    }
    return out;
  }

  Result<void> read_entry(const Shape& shape, const pugi::xml_node& entry, int depth, Value& map) const {
    std::string key;
    Value value;
    for (const auto& child : entry) {
      if (!is_element(child)) continue;
      const std::string_view name = local_name(child.name());
      if (name == shape.key_name) {
        key = text_of(child);
      } else if (name == shape.element_name) {
        TRY(value, read(service_.shape(shape.element), child, depth + 2));
      }
    }
    map.put(std::move(key), std::move(value));
    return {};
  }

  Result<Value> read_scalar(const Shape& shape, const std::string& text) const {
    if (auto value = parse_scalar(shape, text, times_)) return std::move(*value);
    return malformed_xml();
  }

  const ServiceModel& service_;
  XmlReading reading_;
  TimeStyle times_;
};

// The root element; null unless there is exactly one and no document type.
Result<pugi::xml_node> load(pugi::xml_document& document, std::string_view text) {
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  if (!is_valid_utf8(text)) return malformed_xml();
  if (!document.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8)) return malformed_xml();
  pugi::xml_node root;
  for (const auto& child : document) {
    if (child.type() == pugi::node_doctype || (is_element(child) && root)) return malformed_xml();
    if (is_element(child)) root = child;
  }
  if (!root) return malformed_xml();
  return root;
}

}  // namespace

std::unexpected<Error> malformed_xml() {
  return fail("MalformedXML",
              "The XML you provided was not well-formed or did not validate against our published schema");
}

Result<Value> read_xml(const ServiceModel& service, const Shape& shape, std::string_view text,
                       std::string_view root, std::string_view wrapper, XmlReading reading) {
  pugi::xml_document document;
  TRY(pugi::xml_node node, load(document, text));
  if (!root.empty() && local_name(node.name()) != root) return malformed_xml();
  if (!wrapper.empty()) node = node.child(std::string(wrapper).c_str());
  return Reader(service, reading).read(shape, node, 0);
}

Result<std::string> read_xml_text(std::string_view text) {
  pugi::xml_document document;
  TRY(const pugi::xml_node root, load(document, text));
  return text_of(root);
}

Error read_xml_error(std::string_view text, int status) {
  Error out{.code = std::to_string(status), .message = "", .status = status, .details = {}};
  pugi::xml_document document;
  auto root = load(document, text);
  if (!root) return out;
  pugi::xml_node error = *root;
  if (auto inner = root->child("Errors")) error = inner;  // ec2
  if (auto inner = error.child("Error")) error = inner;
  for (const auto& child : error) {
    const std::string_view name = child.name();
    if (name == "Code") {
      out.code = text_of(child);
    } else if (name == "Message") {
      out.message = text_of(child);
    } else if (is_element(child) && name != "Type" && name != "RequestId" && name != "HostId" &&
               name != "Resource") {
      out.details.emplace_back(name, text_of(child));
    }
  }
  return out;
}

}  // namespace gatehouse::wire::codec

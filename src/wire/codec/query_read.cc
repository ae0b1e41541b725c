#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "wire/codec/query.h"
#include "wire/codec/scalar.h"

namespace gatehouse::wire::codec {
namespace {

// A megabyte of "a.b.c.d=&" must not become a hundred of tree.
constexpr size_t kMostNodes = 20'000;
constexpr size_t kDeepest = 32;

// Parameter names split at their dots. Views into the parameters.
struct Node {
  std::string_view value;
  bool has_value = false;
  std::map<std::string_view, Node> children;

  const Node* child(std::string_view name) const {
    auto at = children.find(name);
    return at != children.end() ? &at->second : nullptr;
  }
};

std::unexpected<Error> malformed() {
  return fail("MalformedQueryString", "The query string contains a syntax error.", 404);
}

Result<Node> grow(const QueryParameters& parameters) {
  Node root;
  size_t count = 0;
  for (const auto& [name, value] : parameters) {
    Node* node = &root;
    std::string_view rest = name;
    for (size_t depth = 0;; ++depth) {
      if (depth == kDeepest) return malformed();
      const auto dot = rest.find('.');
      const auto [at, made] = node->children.try_emplace(rest.substr(0, dot));
      if (made && ++count > kMostNodes) return malformed();
      node = &at->second;
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    if (!node->has_value) node->value = value;  // the first of a repeated name
    node->has_value = true;
  }
  return root;
}

// The children that are numbered from 1, in the order of their numbers.
std::vector<std::pair<std::string_view, const Node*>> numbered(const Node& node) {
  std::vector<std::pair<std::string_view, const Node*>> out;
  for (const auto& [name, child] : node.children) {
    const bool number = !name.empty() && name.size() <= 9 && name[0] != '0' &&
                        std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    if (number) out.emplace_back(name, &child);
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return std::pair(a.first.size(), a.first) < std::pair(b.first.size(), b.first);
  });
  return out;
}

class Reader {
 public:
  explicit Reader(const ServiceModel& service)
      : service_(service), ec2_(service.protocol == Protocol::ec2), times_(body_times(service.protocol)) {}

  // `where` is the parameter's name so far, for errors.
  Result<Value> read(const Shape& shape, const Node& node, bool flattened, const std::string& where) const {
    switch (shape.kind) {
      case ShapeKind::structure:
        return read_structure(shape, node, where);
      case ShapeKind::list:
        return read_list(shape, node, flattened, where);
      case ShapeKind::map:
        return read_map(shape, node, flattened, where);
      case ShapeKind::unit:
        return Value(Value::Structure{});
      default:
        return read_scalar(shape, node, where);
    }
  }

  Result<Value> read_structure(const Shape& shape, const Node& node, const std::string& where) const {
    Value::Structure out;
    for (const MemberModel& member : shape.members) {
      const std::string_view name = ec2_ ? member.query_name : member.wire_name;
      const Node* child = node.child(name);
      if (!child) continue;
      TRY(auto value, read(service_.shape(member.shape), *child, member.flattened, below(where, name)));
      if (value) out.emplace_back(member.member, std::move(value));
    }
    return Value(std::move(out));
  }

 private:
  static std::string below(const std::string& where, std::string_view name) {
    return where.empty() ? std::string(name) : fmt::format("{}.{}", where, name);
  }

  Result<Value> read_list(const Shape& shape, const Node& node, bool flattened,
                          const std::string& where) const {
    const Node* parent = flattened || ec2_ ? &node : node.child(shape.element_name);
    const std::string prefix = parent == &node ? where : below(where, shape.element_name);
    Value::List out;
    if (!parent) return Value(std::move(out));
    for (const auto& [number, item] : numbered(*parent)) {
      TRY(auto value, read(service_.shape(shape.element), *item, false, below(prefix, number)));
      out.push_back(std::move(value));
    }
    return Value(std::move(out));
  }

  Result<Value> read_map(const Shape& shape, const Node& node, bool flattened,
                         const std::string& where) const {
    const Node* parent = flattened ? &node : node.child("entry");
    Value out{Value::Map{}};
    if (!parent) return out;
    for (const auto& [number, entry] : numbered(*parent)) {
      const Node* key = entry->child(shape.key_name);
      const Node* value = entry->child(shape.element_name);
      if (!key || !value) continue;
      TRY(auto read_value, read(service_.shape(shape.element), *value, false, below(where, number)));
      out.put(std::string(key->value), std::move(read_value));
    }
    return out;
  }

  Result<Value> read_scalar(const Shape& shape, const Node& node, const std::string& where) const {
    if (!node.has_value) return Value();
    if (auto value = parse_scalar(shape, node.value, times_)) return std::move(*value);
    // Only text is repeated: what is not UTF-8 would make the error unreadable.
    const std::string_view shown = is_valid_utf8(node.value) ? node.value : std::string_view("?");
    if (ec2_) {
      return fail("InvalidParameterValue",
                  fmt::format("Value ({}) for parameter {} is invalid.", shown, where));
    }
    return fail("MalformedInput",
                fmt::format("Value '{}' at '{}' is not of the parameter's type", shown, where));
  }

  const ServiceModel& service_;
  bool ec2_;
  TimeStyle times_;
};

// What travels with the parameters of a call without being one: the protocol's own, and the signature's.
bool is_protocol_parameter(std::string_view name) {
  constexpr std::string_view kNames[] = {"Action",    "Version",         "AWSAccessKeyId",
                                         "Signature", "SignatureMethod", "SignatureVersion",
                                         "Timestamp", "Expires",         "SecurityToken"};
  return name.starts_with("X-Amz-") || std::ranges::find(kNames, name) != std::end(kNames);
}

Result<void> refuse_unknown(const Shape& input, const Node& root) {
  for (const auto& [name, node] : root.children) {
    const bool known =
        std::ranges::find(input.members, name, &MemberModel::query_name) != input.members.end();
    if (known || is_protocol_parameter(name)) continue;
    return fail("UnknownParameter", fmt::format("The parameter {} is not recognized", name));
  }
  return {};
}

}  // namespace

Result<Value> read_parameters(const ServiceModel& service, const Shape& input,
                              const QueryParameters& parameters) {
  TRY(const Node root, grow(parameters));
  if (service.protocol == Protocol::ec2) CHECK_OK(refuse_unknown(input, root));
  return Reader(service).read(input, root, false, "");
}

}  // namespace gatehouse::wire::codec

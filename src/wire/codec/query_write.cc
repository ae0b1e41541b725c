#include <fmt/format.h>

#include "wire/codec/query.h"
#include "wire/codec/scalar.h"

namespace gatehouse::wire::codec {
namespace {

class Writer {
 public:
  explicit Writer(const ServiceModel& service)
      : service_(service), ec2_(service.protocol == Protocol::ec2), times_(body_times(service.protocol)) {}

  void write(const Shape& shape, const Value& value, bool flattened, const std::string& name) {
    switch (shape.kind) {
      case ShapeKind::structure:
        return write_structure(shape, value, name);
      case ShapeKind::list:
        return write_list(shape, value, flattened, name);
      case ShapeKind::map:
        return write_map(shape, value, flattened, name);
      case ShapeKind::unit:
        return;
      default:
        put(name, scalar_text(shape, value, times_));
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void put(std::string_view name, std::string_view value) {
    out_ += '&';
    out_ += percent_encode(name);
    out_ += '=';
    out_ += percent_encode(value);
  }

  void write_structure(const Shape& shape, const Value& value, const std::string& name) {
    for (const MemberModel& member : shape.members) {
      const Value& v = value[member.member];
      if (v.is_null()) continue;
      const std::string_view key = ec2_ ? member.query_name : member.wire_name;
      const std::string full = name.empty() ? std::string(key) : fmt::format("{}.{}", name, key);
      write(service_.shape(member.shape), v, member.flattened, full);
    }
  }

  void write_list(const Shape& shape, const Value& value, bool flattened, const std::string& name) {
    if (value.list().empty() && !ec2_) return put(name, "");
    const std::string prefix = flattened || ec2_ ? name : fmt::format("{}.{}", name, shape.element_name);
    for (size_t i = 0; i < value.list().size(); ++i) {
      write(service_.shape(shape.element), value.list()[i], false, fmt::format("{}.{}", prefix, i + 1));
    }
  }

  void write_map(const Shape& shape, const Value& value, bool flattened, const std::string& name) {
    size_t i = 0;
    for (const auto& [key, v] : value.map()) {
      const std::string entry = fmt::format("{}{}.{}", name, flattened ? "" : ".entry", ++i);
      put(fmt::format("{}.{}", entry, shape.key_name), key);
      write(service_.shape(shape.element), v, false, fmt::format("{}.{}", entry, shape.element_name));
    }
  }

  const ServiceModel& service_;
  bool ec2_;
  TimeStyle times_;
  std::string out_;
};

}  // namespace

std::string write_parameters(const ServiceModel& service, const Shape& input, const Value& value) {
  Writer writer(service);
  writer.write(input, value, false, "");
  return writer.take();
}

}  // namespace gatehouse::wire::codec

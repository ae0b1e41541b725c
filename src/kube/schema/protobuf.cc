// Kubernetes' protobuf: the four bytes `k8s\0`, then a runtime.Unknown {1: TypeMeta {1: apiVersion, 2: kind},
// 2: raw}. https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
#include <fmt/format.h>

#include <bit>

#include "base/encoding.h"
#include "base/time.h"
#include "kube/schema/decode.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr int kMaxDepth = 32;

std::unexpected<Error> broken(std::string_view why) {
  return fail("BadRequest", fmt::format("the protobuf body cannot be decoded: {}", why));
}

// One field of a message: its number, and its value as an integer or as bytes.
struct Piece {
  std::uint32_t number = 0;
  bool is_bytes = false;
  std::uint64_t integer = 0;
  std::string_view bytes{};
};

class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}

  bool done() const { return data_.empty(); }

  Result<Piece> next() {
    TRY(const std::uint64_t tag, varint());
    if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return broken("a field without a number");
    Piece piece{.number = static_cast<std::uint32_t>(tag >> 3)};
    switch (tag & 7) {
      case 0: {
        TRY(piece.integer, varint());
        return piece;
      }
      case 1:
        return fixed(piece, 8);
      case 2: {
        TRY(const std::uint64_t size, varint());
        if (size > data_.size()) return broken("a length beyond the end");
        piece.is_bytes = true;
        piece.bytes = data_.substr(0, size);
        data_.remove_prefix(size);
        return piece;
      }
      case 5:
        return fixed(piece, 4);
      default:
        return broken("an unknown wire type");
    }
  }

 private:
  Result<std::uint64_t> varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64 && !data_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(data_.front());
      data_.remove_prefix(1);
      out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return out;
    }
    return broken("an unfinished integer");
  }

  Result<Piece> fixed(Piece piece, size_t size) {
    if (data_.size() < size) return broken("an unfinished field");
    for (size_t i = size; i-- > 0;) piece.integer = piece.integer << 8 | static_cast<unsigned char>(data_[i]);
    data_.remove_prefix(size);
    return piece;
  }

  std::string_view data_;
};

Result<json::object> read_message(const Message& schema, std::string_view data, int depth);

// Timestamp and MicroTime: {1: seconds, 2: nanos}. Go's zero time comes as an empty message and means
// nothing.
Result<json::value> read_time(std::string_view data, bool micro) {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  if (data.empty()) return json::value(nullptr);
  for (Reader reader(data); !reader.done();) {
    TRY(const Piece piece, reader.next());
    if (piece.number == 1) seconds = static_cast<std::int64_t>(piece.integer);
    if (piece.number == 2) nanos = static_cast<std::int64_t>(piece.integer);
  }
  if (seconds < -62135596800 || seconds > 253402300799 || nanos < 0 || nanos > 999999999)
    return broken("a time out of range");
  std::string text = iso8601(from_unix_seconds(seconds));
  if (micro) text.insert(text.size() - 1, fmt::format(".{:06}", nanos / 1000));
  return json::value(text);
}

// The one string or list of strings that a wrapping message holds under `number`.
Result<std::vector<std::string>> read_strings(std::string_view data, std::uint32_t number) {
  std::vector<std::string> out;
  for (Reader reader(data); !reader.done();) {
    TRY(const Piece piece, reader.next());
    if (piece.number == number && piece.is_bytes) out.emplace_back(piece.bytes);
  }
  return out;
}

Result<json::value> read_int_or_string(std::string_view data) {
  std::uint64_t type = 0;
  std::uint64_t integer = 0;
  std::string text;
  for (Reader reader(data); !reader.done();) {
    TRY(const Piece piece, reader.next());
    if (piece.number == 1) type = piece.integer;
    if (piece.number == 2) integer = piece.integer;
    if (piece.number == 3) text = piece.bytes;
  }
  return type == 1 ? json::value(text)
                   : json::value(static_cast<std::int64_t>(static_cast<std::int32_t>(integer)));
}

Result<json::value> read_value(const Field& field, const Piece& piece, int depth) {
  const bool wants_integer = field.type == Type::boolean || field.type == Type::int32 ||
                             field.type == Type::int64 || field.type == Type::number;
  if (wants_integer == piece.is_bytes)
    return broken(fmt::format("field {} has another wire type", field.name));
  switch (field.type) {
    case Type::boolean:
      return json::value(piece.integer != 0);
    case Type::int32:
      return json::value(static_cast<std::int64_t>(static_cast<std::int32_t>(piece.integer)));
    case Type::int64:
      return json::value(static_cast<std::int64_t>(piece.integer));
    case Type::number:
      return json::value(std::bit_cast<double>(piece.integer));
    case Type::schema_or:
      return broken(fmt::format("field {} is taken as JSON only", field.name));
    case Type::bytes:
      return json::value(base64(piece.bytes));
    case Type::time:
      return read_time(piece.bytes, false);
    case Type::micro_time:
      return read_time(piece.bytes, true);
    case Type::int_or_string:
      return read_int_or_string(piece.bytes);
    case Type::message: {
      TRY(json::object inside, read_message(*field.message, piece.bytes, depth + 1));
      return json::value(std::move(inside));
    }
    case Type::quantity:
    case Type::any:
    case Type::string_list: {
      TRY(const auto strings, read_strings(piece.bytes, 1));
      if (field.type == Type::string_list) return json::value(json::array(strings.begin(), strings.end()));
      if (strings.empty()) return json::value(nullptr);
      return field.type == Type::any ? json::parse(strings.back())
                                     : Result<json::value>(json::value(strings.back()));
    }
    case Type::string:
      if (!is_valid_utf8(piece.bytes)) return broken(fmt::format("field {} is not UTF-8", field.name));
      return json::value(piece.bytes);
  }
  return broken("an unknown type");
}

// A map is a list of entries {1: key, 2: value}.
Result<void> read_entry(const Field& field, std::string_view data, json::object& into, int depth) {
  std::string key;
  json::value value(field.type == Type::string_list ? json::value(json::array()) : json::value(""));
  for (Reader reader(data); !reader.done();) {
    TRY(const Piece piece, reader.next());
    if (piece.number == 1) key = piece.bytes;
    if (piece.number == 2) {
      TRY(value, read_value(field, piece, depth));
    }
  }
  if (!is_valid_utf8(key)) return broken("a key that is not UTF-8");
  into[key] = std::move(value);
  return {};
}

Result<json::object> read_message(const Message& schema, std::string_view data, int depth) {
  if (depth > kMaxDepth) return broken("messages nested too deep");
  json::object out;
  for (Reader reader(data); !reader.done();) {
    TRY(const Piece piece, reader.next());
    const Field* field = schema.find(piece.number);
    if (field == nullptr) continue;
    if (field->shape == Shape::map) {
      if (!piece.is_bytes) return broken(fmt::format("field {} has another wire type", field->name));
      json::value& map = out[field->name];
      if (!map.is_object()) map.emplace_object();
      CHECK_OK(read_entry(*field, piece.bytes, map.get_object(), depth));
      continue;
    }
    TRY(json::value value, read_value(*field, piece, depth));
    if (field->inlined) {
      for (const auto& [name, inside] : value.get_object()) out[name] = inside;
    } else if (field->shape == Shape::list) {
      json::value& list = out[field->name];
      if (!list.is_array()) list.emplace_array();
      list.get_array().push_back(std::move(value));
    } else {
      out[field->name] = std::move(value);
    }
  }
  return out;
}

}  // namespace

Result<Decoded> decode_protobuf(const Message& message, std::string_view body) {
  if (!body.starts_with(kMagic)) return broken("it does not begin with k8s\\0");
  Decoded out;
  std::string_view raw;
  for (Reader reader(body.substr(kMagic.size())); !reader.done();) {
    TRY(const Piece piece, reader.next());
    if (piece.number == 1 && piece.is_bytes) {
      for (Reader meta(piece.bytes); !meta.done();) {
        TRY(const Piece word, meta.next());
        if (word.number == 1) out.api_version = word.bytes;
        if (word.number == 2) out.kind = word.bytes;
      }
    } else if (piece.number == 2 && piece.is_bytes) {
      raw = piece.bytes;
    }
  }
  TRY(out.object, read_message(message, raw, 0));
  return out;
}

}  // namespace gatehouse::kube

#include "service/s3/object/object.h"

#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr size_t kLengthBytes = 4;

struct NamedHeader {
  std::string_view name;
  std::string ContentHeaders::* member;
};
constexpr std::array<NamedHeader, 7> kHeaders = {{{"type", &ContentHeaders::type},
                                                  {"encoding", &ContentHeaders::encoding},
                                                  {"language", &ContentHeaders::language},
                                                  {"disposition", &ContentHeaders::disposition},
                                                  {"cacheControl", &ContentHeaders::cache_control},
                                                  {"expires", &ContentHeaders::expires},
                                                  {"redirect", &ContentHeaders::redirect}}};

std::unexpected<Error> unreadable(std::string_view why) {
  log::error("object record is unreadable", {{"why", std::string(why)}});
  return internal_failure();
}

std::string length_prefix(size_t length) {
  std::string out;
  for (size_t i = 0; i < kLengthBytes; ++i) out += static_cast<char>(length >> (8 * i) & 0xff);
  return out;
}

size_t read_length(std::string_view bytes) {
  size_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

json::object write_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::object out;
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

std::vector<std::pair<std::string, std::string>> read_pairs(const json::object& o, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto* pairs = o.if_contains(key);
  if (pairs == nullptr || !pairs->is_object()) return out;
  for (const auto& [name, value] : pairs->get_object()) {
    if (value.is_string()) out.emplace_back(name, value.get_string());
  }
  return out;
}

void write_sealing(const Sealing& sealing, json::object& o) {
  if (sealing.algorithm != "AES256") o["encryption"] = sealing.algorithm;
  if (!sealing.kms_key.empty()) o["kmsKey"] = sealing.kms_key;
  if (sealing.bucket_key) o["bucketKey"] = true;
  if (!sealing.context.empty()) o["context"] = sealing.context;
  if (!sealing.customer_md5.empty()) o["customerKey"] = sealing.customer_md5;
  if (!sealing.wrapped.empty()) o["key"] = base64(sealing.wrapped);
}

Sealing read_sealing(const json::object& o) {
  return {json::string_or(o, "encryption", "AES256"), json::string_or(o, "kmsKey", ""),
          json::bool_or(o, "bucketKey", false),       json::string_or(o, "context", ""),
          json::string_or(o, "customerKey", ""),      unbase64(json::string_or(o, "key", "")).value_or("")};
}

void write_contents(const Object& object, json::object& o) {
  o["size"] = object.size;
  o["etag"] = object.etag;
  for (const auto& [name, member] : kHeaders) {
    if (const std::string& value = object.headers.*member; !value.empty()) o[name] = value;
  }
  if (!object.metadata.empty()) o["metadata"] = write_pairs(object.metadata);
  if (!object.tags.empty()) o["tags"] = write_pairs(object.tags);
  if (object.acl) o["acl"] = acl_to_json(*object.acl);
  if (object.checksum) {
    o["checksum"] = {object.checksum.algorithm, object.checksum.value};
    if (object.checksum.composite) o["composite"] = true;
  }
  if (object.storage_class != "STANDARD") o["class"] = object.storage_class;
  write_sealing(object.sealing, o);
  if (!object.lock.mode.empty())
    o["retention"] = {object.lock.mode, object.lock.until.time_since_epoch().count()};
  if (!object.lock.hold.empty()) o["legalHold"] = object.lock.hold;
  if (!object.salt.empty()) o["salt"] = base64(object.salt);
  if (!object.parts.empty()) {
    json::array parts;
    for (const Part& part : object.parts) parts.push_back(json::array{part.number, part.size, part.checksum});
    o["parts"] = std::move(parts);
  }
  if (!object.segments.empty()) {
    json::array segments;
    for (const Segment& s : object.segments) segments.push_back(json::array{s.blob, s.size, base64(s.salt)});
    o["blobs"] = std::move(segments);
  }
}

std::uint64_t number(const json::value& v) {
  if (v.is_uint64()) return v.get_uint64();
  return v.is_int64() && v.get_int64() >= 0 ? static_cast<std::uint64_t>(v.get_int64()) : 0;
}

void read_pieces(const json::object& o, Object& object) {
  if (const auto* parts = o.if_contains("parts"); parts != nullptr && parts->is_array()) {
    for (const auto& part : parts->get_array()) {
      const auto& p = part.as_array();
      object.parts.push_back(
          {static_cast<int>(p.at(0).as_int64()), number(p.at(1)), std::string(p.at(2).as_string())});
    }
  }
  if (const auto* blobs = o.if_contains("blobs"); blobs != nullptr && blobs->is_array()) {
    for (const auto& blob : blobs->get_array()) {
      const auto& b = blob.as_array();
      object.segments.push_back({std::string(b.at(0).as_string()), number(b.at(1)), ""});
      if (b.size() > 2) object.segments.back().salt = unbase64(b.at(2).as_string()).value_or("");
    }
  }
}

void read_contents(const json::object& o, Object& object) {
  if (const auto* size = o.if_contains("size")) object.size = number(*size);
  object.etag = json::string_or(o, "etag", "");
  for (const auto& [name, member] : kHeaders) {
    if (const auto value = json::string_at(o, name)) object.headers.*member = *value;
  }
  object.metadata = read_pairs(o, "metadata");
  object.tags = read_pairs(o, "tags");
  object.acl = acl_from_json(o, "acl");
  if (const auto* c = o.if_contains("checksum");
      c != nullptr && c->is_array() && c->get_array().size() == 2) {
    object.checksum = {std::string(c->get_array()[0].as_string()), std::string(c->get_array()[1].as_string()),
                       json::bool_or(o, "composite", false)};
  }
  if (const auto value = json::string_at(o, "class")) object.storage_class = *value;
  object.sealing = read_sealing(o);
  if (const auto* retention = o.if_contains("retention"); retention != nullptr) {
    object.lock.mode = retention->as_array().at(0).as_string();
    object.lock.until = Time(std::chrono::milliseconds(retention->as_array().at(1).as_int64()));
  }
  object.lock.hold = json::string_or(o, "legalHold", "");
  object.salt = unbase64(json::string_or(o, "salt", "")).value_or("");
  read_pieces(o, object);
}

}  // namespace

std::string to_record(const Object& object) {
  json::object o{{"v", kVersion}, {"t", object.modified.time_since_epoch().count()}};
  if (object.sequence != 0) o["sequence"] = object.sequence;
  if (object.over != 0) o["over"] = object.over;
  if (!object.version.empty()) o["version"] = object.version;
  if (!object.owner.empty()) o["owner"] = object.owner;
  if (object.marker) {
    o["marker"] = true;
  } else {
    write_contents(object, o);
  }
  const std::string header = json::dump(o);
  std::string out = length_prefix(header.size());
  out.reserve(out.size() + header.size() + object.data.size());
  out += header;
  out += object.data;
  return out;
}

Result<Object> object_from_record(std::string_view record, store::Revision revision, With with) {
  if (record.size() < kLengthBytes) return unreadable("too short");
  const size_t length = read_length(record);
  if (length > record.size() - kLengthBytes) return unreadable("cut off");
  const auto parsed = json::parse(record.substr(kLengthBytes, length));
  if (!parsed || !parsed->is_object()) return unreadable("not JSON");
  const json::object& o = parsed->get_object();
  if (json::int_or(o, "v", 0) != kVersion) return unreadable("written by another version");
  Object object;
  object.revision = revision;
  object.modified = Time(std::chrono::milliseconds(json::int_or(o, "t", 0)));
  if (const auto* sequence = o.if_contains("sequence")) object.sequence = number(*sequence);
  if (const auto* over = o.if_contains("over")) object.over = number(*over);
  object.version = json::string_or(o, "version", "");
  object.owner = json::string_or(o, "owner", "");
  object.marker = json::bool_or(o, "marker", false);
  if (!object.marker) read_contents(o, object);
  if (with == With::everything) object.data = record.substr(kLengthBytes + length);
  return object;
}

}  // namespace gatehouse::service::s3

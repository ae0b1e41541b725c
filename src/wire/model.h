// The model table: AWS's services, operations and shapes, generated at build time by gen/models.mjs from
// pinned npm clients. One ServiceModel a service; codecs read requests and write answers by it, both
// directions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wire/value.h"

namespace gatehouse::wire {

enum class Protocol : std::uint8_t { query, ec2, rest_xml, rest_json, json10, json11 };

// The packages do not tell whole numbers from others, so neither does the table.
enum class ShapeKind : std::uint8_t {
  string,
  number,
  boolean,
  blob,
  timestamp,
  document,
  list,
  map,
  structure,
  unit
};

enum class Location : std::uint8_t {
  body,
  header,
  prefix_headers,
  query,
  query_params,
  label,
  payload,
  status_code
};

enum class TimeFormat : std::uint8_t { protocol_default, date_time, http_date, epoch_seconds };

using ShapeId = std::uint16_t;  // index into ServiceModel::shapes

struct MemberModel {
  Member member;
  ShapeId shape;
  Location location;
  bool required;
  bool flattened;  // XML and query lists and maps
  bool attribute;  // an XML attribute
  bool streaming;  // payload that is not held in memory
  bool idempotency_token;
  std::string_view name;  // as the model calls it: "RoleName"
  // Its name where it travels: header (lower case) or prefix, query parameter, label, XML element, JSON key;
  // of a payload the XML root, if the shape's own name does not serve.
  std::string_view wire_name;
  std::string_view query_name;  // ec2's requests: the parameter's name
};

struct Shape {
  std::string_view name;
  ShapeKind kind;
  TimeFormat time_format;
  ShapeId element;                // of a list, or a map's value
  std::string_view element_name;  // XML: "member" unless the model says otherwise; a map's value name
  std::string_view key_name;      // a map's key name
  std::string_view xml_name;      // of a structure that is a body's root
  std::string_view xml_prefix;    // and where its element declares a namespace: xmlns:prefix="namespace"
  std::string_view xml_namespace;
  std::string_view error_code;  // for error structures: the code on the wire
  std::uint16_t http_error;     // and its status; 0: not an error
  std::span<const MemberModel> members;
};

struct OperationModel {
  std::string_view name;
  std::string_view method;  // rest protocols: "PUT"; others "POST"
  std::string_view uri;     // rest: "/{Bucket}/{Key+}?tagging"; others "/"
  std::uint16_t status;     // of success
  ShapeId input, output;
};

// A REST operation's way in, taken apart. A service's routes are sorted so that the most specific comes
// first.
struct Route {
  struct Segment {
    std::string_view literal;  // empty: a label, which gives the input's member of that index
    std::uint16_t member;
  };
  struct Parameter {
    std::string_view name, value;  // "list-type", "2"; an empty value: present, whatever it is
  };
  std::uint16_t operation;  // index into ServiceModel::operations
  bool greedy;              // the last label takes the rest of the path, slashes too
  std::span<const Segment> segments;
  std::span<const Parameter> parameters;    // fixed query parameters
  std::span<const std::uint16_t> required;  // members in query and headers without which it is another's
};

struct ServiceModel {
  std::string_view id;               // "iam", "sts", "s3", "eks": the signing name, if it is its own
  std::string_view endpoint_prefix;  // host name's first label
  std::string_view version;          // "2010-05-08"
  std::string_view xml_namespace;
  std::string_view target_prefix;  // X-Amz-Target, json protocols
  Protocol protocol;
  std::span<const Shape> shapes;
  std::span<const OperationModel> operations;  // sorted by name
  std::span<const ShapeId> errors;             // the error structures
  std::span<const Route> routes;               // rest protocols
  std::string_view signing_name;               // "s3" of s3control too
  bool plain_errors;                           // an <Error> as S3's, in nothing else

  const Shape& shape(ShapeId id_) const { return shapes[id_]; }
  const OperationModel* find(std::string_view operation) const;
  const Shape* find_error(std::string_view code) const;
};

// Every service of the table, sorted by id.
std::span<const ServiceModel* const> services();
const ServiceModel* find_service(std::string_view id);
std::string_view member_name(Member m);

}  // namespace gatehouse::wire

// What the Kubernetes API's objects are made of. One table of messages and one of kinds, from which
// everything that depends on a type is derived: strict JSON decoding, protobuf decoding, strategic merge
// keys, discovery, OpenAPI and tables. Adding a kind is adding its messages' fields and its row (messages.cc,
// kinds.cc). What a cluster's CustomResourceDefinitions add has rows of the same form (custom.h), so what a
// cluster serves is a KindSet (kind_set.h).
//
// Names and numbers are those of Kubernetes' own API: https://kubernetes.io/docs/reference/kubernetes-api/
// for JSON, generated.proto of k8s.io/api and k8s.io/apimachinery for the numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace gatehouse::kube {

enum class Type : std::uint8_t {
  string,
  boolean,
  int32,
  int64,
  bytes,          // base64 in JSON
  time,           // RFC 3339 in JSON, Timestamp{1 seconds, 2 nanos} in protobuf
  micro_time,     // likewise, with six digits of fraction
  quantity,       // a string; {1 string} in protobuf
  int_or_string,  // {1 type, 2 int, 3 string} in protobuf
  string_list,    // a map's value that is a list: {1 items} in protobuf
  any,            // JSON left as it is; {1 raw} in protobuf
  number,         // a double
  schema_or,      // the message, a list of it, or true or false: parts of JSON schemas, in JSON only
  message,
};
enum class Shape : std::uint8_t { one, list, map };

struct Message;

struct Field {
  std::string_view name;     // in JSON
  std::uint32_t number = 0;  // in protobuf
  Type type = Type::string;
  Shape shape = Shape::one;
  const Message* message = nullptr;
  bool always = false;              // written though empty, and kept when false or zero
  std::string_view merge_key = "";  // a list that strategic merge joins by this member
  bool merge_set = false;           // a list of scalars that strategic merge unites
  bool atomic = false;              // owned as a whole by who applies it
  bool inlined = false;             // a message whose members stand among its parent's in JSON
};

struct Message {
  std::string_view name;  // as OpenAPI names it, "io.k8s.api.core.v1.Namespace"
  std::span<const Field> fields;
  bool open = false;       // members outside the table are kept, not refused
  bool json_only = false;  // not taken as protobuf

  const Field* find(std::string_view json_name) const;
  const Field* find(std::uint32_t number) const;
};

// What `kubectl get` prints of an object.
struct Column {
  std::string_view name, type, format;
  int priority;  // 0 always, 1 with -o wide
  std::string_view help;
  json::value (*cell)(const json::object& object, Time now);  // null: what `path` leads to
  std::string_view path = "";                                 // as in a CustomResourceDefinition

  json::value of(const json::object& object, Time now) const;
};

enum class Scope : std::uint8_t { cluster, namespaced };

// A subresource: its name, the kind its body has, and the verbs it takes.
struct Subresource {
  std::string_view name, group, version, kind, verbs;
  struct {
    std::string_view wanted, have, selector;  // where a custom resource has what its scale shows
  } scale = {};
};

// One thing wrong with an object: a cause of a 422 Status.
struct Cause {
  std::string_view reason;  // FieldValueRequired, FieldValueInvalid, …
  std::string field, message;
};

class Structural;

// A member that is named differently where it is kept.
struct Renamed {
  std::string_view shown, kept;
};

struct Kind {
  std::string_view group, version, kind, plural;
  std::string_view short_names = "", categories = "";  // separated by spaces
  Scope scope = Scope::namespaced;
  std::string_view verbs = "create delete deletecollection get list patch update watch";
  const Message* message = nullptr;
  std::span<const Column> columns = {};
  std::span<const Subresource> subresources = {};
  // Fills in defaults and derived members; `old` is null on create.
  void (*complete)(json::object& object, const json::object* old) = nullptr;
  // Finds what is wrong beyond types: names the causes.
  void (*check)(const json::object& object, const json::object* old, std::vector<Cause>& causes) = nullptr;
  // Names are path segments and not DNS subdomains (RBAC's "system:discovery").
  bool loose_names = false;
  bool counts_generations = false;  // metadata.generation counts changes of all but metadata and status
  // Of a kind that is another view of one that is kept: that one's resource(), and what differs.
  std::string_view storage = "";
  std::span<const Renamed> renamed = {};

  // Of a custom resource.
  const Structural* structural = nullptr;
  std::string_view singular_name = "", list_name = "", warning = "";

  bool stored() const;  // false: only ever created, answered and forgotten, as the reviews are
  bool has_verb(std::string_view verb) const;
  bool has_part(std::string_view part) const;
  std::string kept_as() const { return storage.empty() ? resource() : std::string(storage); }
  std::string singular() const;       // "configmap"
  std::string list_kind() const;      // "ConfigMapList"
  std::string group_version() const;  // "v1", "apps/v1"
  std::string resource() const;       // "configmaps", "roles.rbac.authorization.k8s.io"
};

// Those that every cluster has.
std::span<const Kind> kinds();
const Kind* find_kind(std::string_view group, std::string_view version, std::string_view plural);
const Kind* find_kind_named(std::string_view group, std::string_view version, std::string_view kind);
const Kind& kind_of(std::string_view group, std::string_view plural);  // one that the program itself needs

// An object as the kind shows it, from how it is kept, and back.
json::object shown(const Kind& kind, const json::object& kept);
json::object kept(const Kind& kind, json::object shown);
// The row an object is kept as: the kind itself, unless it is a view of another.
const Kind& kept_kind(const Kind& kind);

const Message& object_meta();
const Message& delete_options();
const Message& token_request();

// Words of a space-separated list.
std::vector<std::string_view> words(std::string_view text);

}  // namespace gatehouse::kube

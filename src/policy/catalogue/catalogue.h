// What AWS's services have: actions, the resource types they act on, the condition keys they fill in.
//
// The table is made at build time (gen/catalogue.mjs) from the service authorization reference
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
// and lives in read-only memory. Everything here is a number into it: cheap to copy, valid for ever, usable
// from any thread. Names are compared without case, as IAM does; finding is a binary search and allocates
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::policy::catalogue {

enum class Level : std::uint8_t { list, read, write, tagging, permissions };
enum class KeyType : std::uint8_t {
  string,
  strings,
  arn,
  arns,
  boolean,
  booleans,
  numeric,
  date,
  ip_address,
  binary
};

class Service;

// A condition key. `name()` may hold a hole: "aws:ResourceTag/${TagKey}".
class Key {
 public:
  explicit Key(std::uint16_t id) : id_(id) {}
  std::uint16_t id() const { return id_; }
  std::string_view name() const;
  KeyType type() const;
  bool multivalued() const;
  bool global() const;        // may be present in any request, whatever the service
  bool has_tag_hole() const;  // ends in a name of the caller's: "…/${TagKey}"
  friend bool operator==(const Key&, const Key&) = default;

 private:
  std::uint16_t id_;
};

// A run of keys, actions: iterable.
template <typename T>
class List {
 public:
  explicit List(std::span<const std::uint16_t> ids) : ids_(ids) {}
  struct Iterator {
    const std::uint16_t* at;
    T operator*() const { return T(*at); }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;
  };
  Iterator begin() const { return {ids_.data()}; }
  Iterator end() const { return {ids_.data() + ids_.size()}; }
  bool empty() const { return ids_.empty(); }
  std::size_t size() const { return ids_.size(); }
  T operator[](std::size_t i) const { return T(ids_[i]); }

 private:
  std::span<const std::uint16_t> ids_;
};

class ResourceType {
 public:
  explicit ResourceType(std::uint16_t id) : id_(id) {}
  std::string_view name() const;
  // "arn:${Partition}:s3:::${BucketName}"; a few types have two forms, separated by ", ".
  std::string_view arn_formats() const;
  Service service() const;
  List<Key> keys() const;
  friend bool operator==(const ResourceType&, const ResourceType&) = default;

 private:
  std::uint16_t id_;
};

class Action {
 public:
  explicit Action(std::uint16_t id) : id_(id) {}
  // 0 … action_count()-1, the actions of one service together.
  std::uint16_t id() const { return id_; }
  Service service() const;
  std::string_view name() const;
  Level level() const;

  // None: the action is granted on "*" alone.
  std::size_t resource_count() const;
  ResourceType resource(std::size_t i) const;
  bool resource_required(std::size_t i) const;

  List<Key> keys() const;        // of the action itself; those of a resource type are there
  List<Action> depends() const;  // what the caller needs as well

  enum class Support : std::uint8_t { none, by_action, by_resource_type, global };
  // Whether a request for this action can carry the key. aws:ResourceTag often stands with the resource type
  // alone.
  Support supports(Key key) const;

  friend bool operator==(const Action&, const Action&) = default;

 private:
  std::uint16_t id_;
};

class Service {
 public:
  explicit Service(std::uint16_t id) : id_(id) {}
  std::string_view prefix() const;  // "s3"
  std::string_view title() const;   // "Amazon S3"
  bool supports_rcp() const;
  std::size_t action_count() const;
  Action action(std::size_t i) const;
  std::size_t resource_count() const;
  ResourceType resource(std::size_t i) const;
  List<Key> keys() const;
  friend bool operator==(const Service&, const Service&) = default;

 private:
  std::uint16_t id_;
};

std::size_t action_count();
std::size_t service_count();
Service service_at(std::size_t i);

std::optional<Service> find_service(std::string_view prefix);
std::optional<Action> find_action(std::string_view action);  // "s3:GetObject"
std::optional<Action> find_action(Service service, std::string_view name);
// A key as a policy writes it: "aws:RequestTag/team" finds "aws:RequestTag/${TagKey}".
std::optional<Key> find_key(std::string_view key);
// Whether the part before the colon begins any key: "s3", "aws", "saml",
// "token.actions.githubusercontent.com".
bool is_key_prefix(std::string_view prefix);

// Calls `visit` for every action a policy's pattern covers ("*", "s3:*", "ec2:Describe*"), in order of id,
// until it returns false.
void for_each_action(std::string_view pattern, const std::function<bool(Action)>& visit);
bool matches_any_action(std::string_view pattern);
// '*' and '?' in `pattern`; without case. Time is bounded by the product of the lengths.
bool glob_ignoring_case(std::string_view pattern, std::string_view text);

// What was probably meant: the nearest name by typing distance, or nullopt if nothing is near.
std::optional<Service> nearest_service(std::string_view prefix);
std::optional<Action> nearest_action(Service service, std::string_view name);
std::optional<Key> nearest_key(std::string_view key);

}  // namespace gatehouse::policy::catalogue

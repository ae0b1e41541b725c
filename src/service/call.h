// A call on its way through the house, and how a service says what it can do.
//
// An operation is one row and one function:
//
//   Result<wire::Value> create_role(Iam& iam, Call& call);
//   {"CreateRole", create_role, on<Iam>("arn:{partition}:iam::{account}:role{Path}{RoleName}")
//                                   .tags_from(m::Tags)
//                                   .condition("iam:PermissionsBoundary", m::PermissionsBoundary)},
//   {"DeleteRole", delete_role, resolved<Iam>(at_role)},
//
// A row's action is its service's and its own name, "iam:CreateRole", unless it says otherwise.
// No row, no dispatch. The function runs only when every requirement of its row was allowed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account/gate.h"
#include "service/upload.h"
#include "store/store.h"
#include "wire/http.h"
#include "wire/model.h"

namespace gatehouse::service {

struct Call {
  const wire::Head* head = nullptr;
  const wire::ServiceModel* model = nullptr;
  const wire::OperationModel* operation = nullptr;
  wire::Value in;
  account::Caller caller;
  account::Circumstances circumstances;
  std::string_view action;  // the row's
  std::string account;  // whose resources the call names: the caller's, unless the operation says otherwise
  std::string region;
  std::string request_id;
  std::string body;          // of operations that do not stream, as sent
  Upload* upload = nullptr;  // the payload of operations that stream
  // Of Blocking::cold rows: memory while the call runs on an I/O thread, where it may not wait.
  store::Reach reach = store::Reach::disk;
  wire::Headers trailers;  // that came after it: x-amz-checksum-…

  // What the row's resolve function looked up, so that the handler changes what was authorised.
  std::shared_ptr<const void> pinned;
  template <typename T>
  std::shared_ptr<const T> pin() const {
    return std::static_pointer_cast<const T>(pinned);
  }

  // Beside the returned Value: a streamed payload, further headers, another status (206, 304).
  struct Answer {
    std::variant<std::monostate, std::string, std::unique_ptr<wire::BodySource>> payload;
    std::optional<std::uint64_t> head_length;  // HEAD: the length the body would have
    wire::Headers headers;
    int status = 0;  // 0: the model's
  } answer;

  // For the trail, filled by the pipeline.
  std::vector<account::DecisionRecord> decisions;

  Time now() const { return circumstances.now; }
};

using Requirements = std::vector<account::Requirement>;

enum class Access : std::uint8_t {
  decided,        // the requirements are decided (an empty list allows: e.g. all were found not to apply)
  authenticated,  // anyone who has signed: GetCallerIdentity
};

// What a row needs to be allowed. Made by needs() or resolved().
template <typename S>
struct Needs {
  Access access = Access::decided;
  std::string_view action;
  std::string_view resource =
      "*";              // a template: {partition} {region} {account} and any input member {RoleName}
  wire::Member tags{};  // a member holding a tag list or map: aws:RequestTag/…, aws:TagKeys
  std::vector<std::pair<std::string_view, wire::Member>> conditions;
  Result<Requirements> (*resolve)(S&, Call&) = nullptr;  // instead of the template
  bool anonymous = false;  // may be called without a signature (S3, AssumeRoleWithWebIdentity); still decided

  Needs tags_from(wire::Member m) && {
    tags = m;
    return std::move(*this);
  }
  Needs condition(std::string_view key, wire::Member m) && {
    conditions.emplace_back(key, m);
    return std::move(*this);
  }
  Needs open_to_anonymous() && {
    anonymous = true;
    return std::move(*this);
  }
};

template <typename S>
Needs<S> needs(std::string_view action, std::string_view resource = "*") {
  Needs<S> n;
  n.action = action;
  n.resource = resource;
  return n;
}
// The action of the row's own name on this resource.
template <typename S>
Needs<S> on(std::string_view resource = "*") {
  return needs<S>("", resource);
}
// The function looks facts up (a role's path, a bucket's owner and policy), pins what it found, and returns
// every requirement; an error it returns is the call's answer. A requirement without an action is for the
// row's: the one given here, or that of its own name.
template <typename S>
Needs<S> resolved(Result<Requirements> (*resolve)(S&, Call&), std::string_view action = "") {
  Needs<S> n;
  n.action = action;
  n.resolve = resolve;
  return n;
}
template <typename S>
Needs<S> authenticated() {
  Needs<S> n;
  n.access = Access::authenticated;
  return n;
}

// Whether a row's functions may wait, for a commit or for a blob. Cold: only for what is not in memory; its
// resolve function reads no further than call.reach and returns store::kNotInMemory, and is then called again
// where it may wait. What it has pinned the operation uses without waiting.
enum class Blocking : std::uint8_t { no, yes, cold };

template <typename S>
struct Row {
  std::string_view name;
  Result<wire::Value> (*run)(S&, Call&);
  Needs<S> need;
  Blocking blocking = Blocking::yes;
};

// A row without its service's type: what the pipeline dispatches to.
struct Operation {
  std::string_view name;
  Blocking blocking = Blocking::yes;
  bool anonymous = false;
  Access access = Access::decided;
  std::function<Result<wire::Value>(Call&)> run;
  std::function<Result<Requirements>(Call&)> requirements;
};

// The requirement a template row gives. `n.resource`'s {Member} are taken from the input; an absent Path
// reads "/".
Result<account::Requirement> from_template(
    const Call& call, std::string_view action, std::string_view resource, wire::Member tags,
    const std::vector<std::pair<std::string_view, wire::Member>>& conditions);

class Service {
 public:
  template <typename S>
  Service(std::string_view id, S& state, std::span<const Row<S>> rows);

  const wire::ServiceModel& model() const { return *model_; }
  const Operation* find(std::string_view operation) const;
  std::vector<std::string_view> built() const;  // sorted

 private:
  void add(Operation operation);
  std::string own_action(std::string_view operation) const;
  const wire::ServiceModel* model_;
  std::unordered_map<std::string_view, Operation> operations_;
};

template <typename S>
Service::Service(std::string_view id, S& state, std::span<const Row<S>> rows)
    : model_(wire::find_service(id)) {
  for (const Row<S>& row : rows) {
    Operation o;
    o.name = row.name;
    o.blocking = row.blocking;
    o.anonymous = row.need.anonymous;
    o.access = row.need.access;
    o.run = [&state, run = row.run](Call& call) { return run(state, call); };
    std::string action = row.need.action.empty() ? own_action(row.name) : std::string(row.need.action);
    if (row.need.resolve != nullptr) {
      o.requirements = [&state, resolve = row.need.resolve,
                        action = std::move(action)](Call& call) -> Result<Requirements> {
        call.action = action;
        TRY(Requirements requirements, resolve(state, call));
        for (account::Requirement& r : requirements) {
          if (r.action.empty()) r.action = action;
        }
        return requirements;
      };
    } else if (row.need.access == Access::decided) {
      o.requirements = [n = row.need, action = std::move(action)](Call& call) -> Result<Requirements> {
        TRY(auto requirement, from_template(call, action, n.resource, n.tags, n.conditions));
        return Requirements{std::move(requirement)};
      };
    }
    add(std::move(o));
  }
}

// Tags out of a list of {Key, Value} or {key, value} structures, or a map.
std::vector<account::Tag> read_tags(const wire::Value& tags);

}  // namespace gatehouse::service

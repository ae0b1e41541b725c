// The IAM policy language: parse, compile, decide, explain. A library with no I/O and no clock.
//
//   text -> Document -> Compiled -> decide(Request, PolicyView) -> Decision
//
// parse() keeps where everything stands; compile() makes an immutable form shared between threads; decide()
// allocates nothing, takes no lock and remembers nothing; explain() walks the same structure slowly and says
// why. How AWS decides:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gatehouse::policy {

// What a document is attached to. It decides which elements are allowed in it and how it composes.
enum class Kind : std::uint8_t { identity, resource, trust, key, boundary, session, scp, rcp, endpoint };

class Compiled;
using CompiledPtr = std::shared_ptr<const Compiled>;

// Parses, checks as AWS checks when a policy is written, and compiles. The error is MalformedPolicyDocument
// with a message that names the element.
Result<CompiledPtr> compile(std::string_view text, Kind kind);

enum class PrincipalType : std::uint8_t {
  anonymous,
  root,  // of an account
  user,
  assumed_role,    // a session of a role
  federated_user,  // from GetFederationToken
  service,         // an AWS service
  federated,       // nobody yet: a web identity or SAML assertion at the door of STS
};

// Who asks. Views; the caller keeps the text alive while deciding.
struct Principal {
  PrincipalType type = PrincipalType::anonymous;
  std::string_view account;   // twelve digits; empty for anonymous and services
  std::string_view arn;       // as in GetCallerIdentity: a session's is arn:aws:sts::A:assumed-role/R/S; a
                              // service's is its name; a federated caller's is the provider's
  std::string_view role_arn;  // for a session, its role's ARN with the path; for a federated user, the user's
  std::string_view unique_id;     // AIDA…, AROA… (of the role); trust policies keep these
  std::string_view canonical_id;  // the account's, for CanonicalUser in bucket policies; may stay empty
};

// The request's condition keys. Reused between requests: clear() keeps the capacity, so that deciding
// allocates nothing. Keys are compared without case. Text is viewed, not copied.
class Context {
 public:
  void clear();
  void set(std::string_view key, std::string_view value);  // a single-valued key
  void set(std::string_view key,
           std::span<const std::string_view> values);  // a multivalued key, possibly empty
  struct Entry {
    std::string_view key;
    std::uint32_t first, count;  // into values
    bool multivalued;
  };
  std::span<const Entry> entries() const { return entries_; }
  // `hash` is hash_folded(key) of policy/match/text.h, which compiled policies have at hand.
  const Entry* find(std::uint64_t hash, std::string_view key) const;
  const Entry* find(std::string_view key) const;
  std::span<const std::string_view> values(const Entry& e) const {
    return std::span(values_).subspan(e.first, e.count);
  }

 private:
  void add(std::string_view key, std::size_t count, bool multivalued);  // whose values follow

  static std::uint64_t seen(std::uint64_t hash) { return std::uint64_t{1} << (hash & 63); }

  std::uint64_t seen_ = 0;             // a bit a key, by hash: most that are not there need no search
  std::vector<std::uint64_t> hashes_;  // of the entries' keys, in their order
  std::vector<Entry> entries_;
  std::vector<std::string_view> values_;
};

struct Request {
  Principal principal;
  std::string_view action;            // "s3:GetObject"
  std::string_view resource;          // an ARN, or "*" for actions without a resource
  std::string_view resource_account;  // the owner; empty: the account in the ARN, else the principal's
  const Context* context = nullptr;
};

// The policies in play: a Compiled is what compile() returned, policy/compiled.h says what can be asked of
// it. A span's data() == nullptr means the layer is absent; present and empty allows nothing. scp and rcp:
// one span of policies a level, from the root of the organization to the account. Identity policies absent
// means none attached, which allows nothing but for root.
//
// A list beside the resource's policy, S3's ACL, grants as that policy would that names the caller's account,
// or everyone. `only_denies`: the policy is not of the resource's owner, who is another than its holder's (an
// object in another account's bucket): it may forbid and not allow.
enum class Granted : std::uint8_t { nothing, to_account, to_everyone };

struct PolicyView {
  std::span<const Compiled* const> identity, boundary, session, endpoint;
  const Compiled* resource = nullptr;  // or the trust or key policy, told by the action and by its kind
  bool only_denies = false;
  Granted listed = Granted::nothing;
  std::span<const std::span<const Compiled* const>> scp, rcp;
};

enum class Outcome : std::uint8_t { allowed, implicitly_denied, explicitly_denied };
enum class Layer : std::uint8_t { scp, rcp, endpoint, resource, trust, identity, boundary, session };

std::string_view to_string(Outcome o);  // "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"
std::string_view to_string(Layer l);    // "scp", "rcp", …

struct StatementRef {
  Layer layer = Layer::identity;
  std::uint32_t policy = 0;  // within the layer, levels laid end to end
  std::uint32_t statement = 0;
  friend bool operator==(const StatementRef&, const StatementRef&) = default;
};

struct Decision {
  Outcome outcome = Outcome::implicitly_denied;
  Layer decided_by = Layer::identity;  // the layer that denied, or whose grant sufficed
  bool has_statement = false;
  StatementRef statement;  // the deny that struck, or the allow of the deciding layer
  bool allowed() const { return outcome == Outcome::allowed; }
};

Decision decide(const Request& request, const PolicyView& policies);

// Every statement that mattered and, for those that nearly did, what failed.
struct Explanation {
  Decision decision;
  struct Mattered {
    StatementRef at;
    bool allow = true;
    std::string sid;
    int line = 0;
  };
  std::vector<Mattered> matched;

  // Statements for this action and resource that did not match: the principal is another, or conditions
  // failed.
  struct NearMiss {
    StatementRef at;
    bool allow = true;
    std::string sid;
    int line = 0;
    bool principal_failed = false;
    struct Condition {
      std::uint16_t operator_index, entry_index;  // in the statement's Condition as written
    };
    std::vector<Condition> failed;
  };
  std::vector<NearMiss> nearly;
};
Explanation explain(const Request& request, const PolicyView& policies);

// AWS's access-denied message for a decision that is not an Allow; specification section 9.
// `quote_resource`: S3 puts the ARN in double quotes. `with_resource`: false where the action takes none.
struct MessageStyle {
  bool quote_resource = false;
  bool with_resource = true;
};
std::string denial_message(const Request& request, const Decision& decision, MessageStyle style = {});

}  // namespace gatehouse::policy

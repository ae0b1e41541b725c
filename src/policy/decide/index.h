// Three ways from a request to the statements that could match it. See program.h.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "policy/decide/principal.h"
#include "policy/document/arena.h"

namespace gatehouse::policy {

struct Query;
struct CompiledStatement;

// Up to this number of candidates looking for a better table costs more than it saves.
inline constexpr std::size_t kFewCandidates = 6;

using StatementIds = std::span<const std::uint16_t>;  // ascending

// An open-addressed table from a hash to statements. Where the text counts, it is kept and compared; where it
// is not, two keys with one hash share their statements, which is harmless: candidates are compared in full.
struct HashTable {
  struct Slot {
    std::uint64_t hash = 0;  // 0: free
    std::uint32_t first = 0, count = 0;
    std::string_view text;
  };
  std::span<const Slot> slots;  // a power of two, or none
  StatementIds ids;

  StatementIds find(std::uint64_t hash, std::string_view text = {}) const;
};

// The lists to look through: at most one a length of resource prefix and one general. Its room is left as it
// is found, for clearing it would cost more than using it.
class Candidates {
 public:
  void add(StatementIds ids, bool action_matches = false) {
    if (ids.empty()) return;
    lists_[size_++] = {ids.data(), static_cast<std::uint32_t>(ids.size()), action_matches};
    total_ += ids.size();
  }
  std::size_t size() const { return size_; }
  StatementIds operator[](std::size_t i) const { return {lists_[i].ids, lists_[i].count}; }
  bool action_matches(std::size_t i) const {
    return lists_[i].action_matches;
  }  // of every statement of the list
  std::size_t total() const { return total_; }

 private:
  struct List {
    const std::uint16_t* ids;
    std::uint32_t count;
    bool action_matches;
  };
  List lists_[132];
  std::size_t size_ = 0, total_ = 0;
};

class Index {
 public:
  static Index build(std::span<const CompiledStatement> statements, Arena& arena);

  // No statement outside what each of these finds can match.
  void by_action(const Query& q, Candidates& found) const;
  void by_resource(const Query& q, Candidates& found) const;
  void by_principal(const Query& q, Candidates& found) const;

  void fetch() const {
    __builtin_prefetch(actions_.slots.data());
    __builtin_prefetch(action_services_.slots.data());
  }

  bool has_resources() const { return has_resource_table_; }
  bool has_principals() const { return has_principal_table_; }

 private:
  friend class IndexBuilder;

  // Whether any action of the service can match: a filter that costs nothing.
  bool knows_service(std::uint64_t service_hash) const { return (services_ >> (service_hash & 63) & 1) != 0; }
  std::uint64_t services_ = 0;
  HashTable actions_;          // of actions without wildcards
  HashTable action_services_;  // of the service of actions with wildcards in their name
  StatementIds any_action_;    // wildcards in the service, NotAction
  bool has_resource_table_ = false, has_principal_table_ = false;
  HashTable resources_;  // of a service and a literal beginning of the ARN's last part
  std::span<const std::uint8_t> resource_lengths_;  // of those beginnings, ascending
  StatementIds any_resource_;
  HashTable principals_;
  StatementIds any_principal_;
};

}  // namespace gatehouse::policy

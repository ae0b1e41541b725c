// Ways from a request to the statements that could match it. See program.h.
#pragma once

#include <array>
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

using StatementIds = std::span<const std::uint32_t>;  // ascending

// A small policy has no tables but a signature a statement: one bit for each service it names and one for
// each action, of sixteen each, picked by hash. A statement whose signature lacks a bit of the query's cannot
// match.
using Signature = std::uint32_t;
inline constexpr Signature kAnyService = 0xFFFF'FFFF, kAnyAction = 0xFFFF'0000;
inline Signature service_signature(std::uint64_t service_hash) {
  return Signature{1} << (service_hash >> 20 & 15);
}
inline Signature action_signature(std::uint64_t action_hash) {
  return Signature{0x1'0000} << (action_hash >> 20 & 15);
}

inline constexpr std::size_t kFewStatements = 8, kFewActions = 48;  // more get tables

// An open-addressed table from a hash to statements. Where the text counts, it is kept and compared; where it
// is not, two keys with one tag share their statements, which is harmless: candidates are compared in full.
struct HashTable {
  struct Slot {
    std::uint32_t tag = 0;               // of the hash; 0: free
    std::uint32_t first = 0, count = 0;  // of ids; where there is but one statement, `first` is it
    std::uint32_t text_size = 0;
    const char* text = nullptr;
  };
  std::span<const Slot> slots;  // a power of two, or none
  StatementIds ids;

  static std::uint32_t tag(std::uint64_t hash) {
    const auto low = static_cast<std::uint32_t>(hash);
    return low == 0 ? 1 : low;
  }
  std::size_t home(std::uint64_t hash) const { return (hash >> 32) & (slots.size() - 1); }
  StatementIds find(std::uint64_t hash, std::string_view text = {}) const;
  void fetch(std::uint64_t hash) const {
    if (!slots.empty()) __builtin_prefetch(&slots[home(hash)]);
  }
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
    const std::uint32_t* ids;
    std::uint32_t count;
    bool action_matches;
  };
  List lists_[132];
  std::size_t size_ = 0, total_ = 0;
};

class Index {
 public:
  static Index build(std::span<const CompiledStatement> statements, Arena& arena);

  // Whether any statement could match: a filter that costs nothing.
  bool concerns(const Query& q) const;

  bool has_tables() const { return has_tables_; }
  // Without tables.
  bool may_match(std::size_t statement, Signature query) const {
    return (signatures_[statement] & query) == query;
  }

  // With tables. No statement outside what each of these finds can match.
  void by_action(const Query& q, Candidates& found) const;
  void by_resource(const Query& q, Candidates& found) const;
  void by_principal(const Query& q, Candidates& found) const;

  // Asks for the memory that by_action() reads first.
  void fetch(const Query& q) const;

  bool has_resources() const { return has_resource_table_; }
  bool has_principals() const { return has_principal_table_; }

 private:
  friend class IndexBuilder;

  // What is asked of every policy stands first, in one cache line with the Program's own.
  std::uint64_t services_ = 0;                          // a bit each, by hash
  std::array<Signature, kFewStatements> signatures_{};  // of statements, if they are few
  bool has_tables_ = false, has_resource_table_ = false, has_principal_table_ = false;

  HashTable actions_;          // of actions without wildcards
  HashTable action_services_;  // of the service of actions with wildcards in their name
  StatementIds any_action_;    // wildcards in the service, NotAction
  HashTable resources_;        // of a service and a literal beginning of the ARN's last part
  std::span<const std::uint8_t> resource_lengths_;  // of those beginnings, ascending
  StatementIds any_resource_;
  HashTable principals_;
  StatementIds any_principal_;
};

}  // namespace gatehouse::policy

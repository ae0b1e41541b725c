#include "policy/decide/index.h"

#include <algorithm>
#include <bit>
#include <map>
#include <vector>

#include "policy/decide/program.h"
#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kLongestPrefix = 128;

std::uint64_t usable(std::uint64_t hash) { return hash == 0 ? 1 : hash; }

// Hashes of all beginnings of a text, so that each length costs one step and not its length.
class PrefixHasher {
 public:
  PrefixHasher(std::uint64_t service_hash, std::string_view text) : text_(text), whole_(service_hash) {}

  // Lengths must ascend.
  std::uint64_t of(std::size_t length) {
    while ((blocks_ + 1) * 8 <= length) whole_ = mix(whole_, load8(text_.data() + 8 * blocks_++));
    const std::uint64_t tail =
        length >= 8 ? load8(text_.data() + length - 8) : load_tail(text_.data(), length);
    return usable(mix(whole_ ^ length, tail));
  }

 private:
  std::string_view text_;
  std::uint64_t whole_;
  std::size_t blocks_ = 0;
};

std::uint64_t prefix_hash(std::string_view service, std::string_view prefix) {
  return PrefixHasher(hash_text(service), prefix).of(prefix.size());
}

}  // namespace

StatementIds HashTable::find(std::uint64_t hash, std::string_view text) const {
  if (slots.empty()) return {};
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = (hash >> 20) & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots[at];
    if (slot.hash == hash && slot.text == text) return ids.subspan(slot.first, slot.count);
    if (slot.hash == 0) return {};
  }
}

class IndexBuilder {
 public:
  explicit IndexBuilder(Arena& arena) : arena_(arena) {}

  Index build(std::span<const CompiledStatement> statements) {
    for (std::size_t i = 0; i < statements.size(); ++i) {
      id_ = static_cast<std::uint16_t>(i);
      add_actions(statements[i]);
    }
    index_.actions_ = table(actions_);
    index_.action_services_ = table(services_);
    index_.any_action_ = arena_.copy(std::span<const std::uint16_t>(any_action_));
    if (statements.size() > kFewCandidates) {
      add_resources(statements);
      add_principals(statements);
    }
    return index_;
  }

 private:
  struct Entry {
    std::uint64_t hash;
    std::string_view text;
    std::uint16_t id;
    bool same_key(const Entry& other) const { return hash == other.hash && text == other.text; }
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  using Table = std::vector<Entry>;

  static void add(std::vector<std::uint16_t>& ids, std::uint16_t id) {
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }

  void add_actions(const CompiledStatement& s) {
    if (s.not_action) {
      index_.services_ = ~std::uint64_t{0};
      return add(any_action_, id_);
    }
    for (const Pattern& action : s.actions) {
      const std::size_t colon = action.text.find(':');
      if (colon == action.text.npos) {
        index_.services_ = ~std::uint64_t{0};
        add(any_action_, id_);
        continue;
      }
      const std::uint64_t service = hash_text(action.text.substr(0, colon));
      index_.services_ |= std::uint64_t{1} << (service & 63);
      if (action.shape == Pattern::Shape::exact) {
        actions_.push_back({usable(hash_text(action.text)), action.text, id_});
      } else {
        services_.push_back({usable(service), {}, id_});
      }
    }
  }

  void add_resources(std::span<const CompiledStatement> statements) {
    Table table_entries;
    std::vector<std::uint16_t> any;
    std::vector<bool> lengths(kLongestPrefix + 1);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const auto id = static_cast<std::uint16_t>(i);
      if (s.not_resource || !s.has_resource) {
        add(any, id);
        continue;
      }
      for (const ArnPattern& pattern : s.resources) {
        if (pattern.shape == ArnPattern::Shape::nothing) continue;
        if (pattern.literal_service.empty()) {
          add(any, id);
          continue;
        }
        const std::string_view prefix = pattern.literal_rest.substr(0, kLongestPrefix);
        lengths[prefix.size()] = true;
        table_entries.push_back({prefix_hash(pattern.literal_service, prefix), {}, id});
      }
    }
    index_.has_resource_table_ = true;
    index_.resources_ = table(table_entries);
    index_.any_resource_ = arena_.copy(std::span<const std::uint16_t>(any));
    std::vector<std::uint8_t> ascending;
    for (std::size_t length = 0; length < lengths.size(); ++length) {
      if (lengths[length]) ascending.push_back(static_cast<std::uint8_t>(length));
    }
    index_.resource_lengths_ = arena_.copy(std::span<const std::uint8_t>(ascending));
  }

  void add_principals(std::span<const CompiledStatement> statements) {
    if (std::ranges::none_of(statements, &CompiledStatement::has_principal)) return;
    Table table_entries;
    std::vector<std::uint16_t> any;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const auto id = static_cast<std::uint16_t>(i);
      if (s.not_principal || !s.has_principal) {
        add(any, id);
        continue;
      }
      for (const PrincipalPattern& pattern : s.principals) {
        if (pattern.kind == PrincipalKind::everyone) {
          add(any, id);
        } else {
          table_entries.push_back({usable(pattern.hash), {}, id});
        }
      }
    }
    index_.has_principal_table_ = true;
    index_.principals_ = table(table_entries);
    index_.any_principal_ = arena_.copy(std::span<const std::uint16_t>(any));
  }

  HashTable table(Table& entries) {
    std::ranges::sort(entries);
    entries.erase(std::ranges::unique(entries).begin(), entries.end());
    if (entries.empty()) return {};
    std::size_t keys = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) keys += i == 0 || !entries[i].same_key(entries[i - 1]);
    std::vector<HashTable::Slot> slots(std::bit_ceil(keys * 2));
    std::vector<std::uint16_t> ids;
    ids.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size();) {
      const Entry& key = entries[i];
      HashTable::Slot slot{key.hash, static_cast<std::uint32_t>(i), 0, key.text};
      for (; i < entries.size() && entries[i].same_key(key); ++i, ++slot.count) ids.push_back(entries[i].id);
      std::size_t at = (slot.hash >> 20) & (slots.size() - 1);
      while (slots[at].hash != 0) at = (at + 1) & (slots.size() - 1);
      slots[at] = slot;
    }
    return {arena_.copy(std::span<const HashTable::Slot>(slots)),
            arena_.copy(std::span<const std::uint16_t>(ids))};
  }

  Arena& arena_;
  Index index_;
  std::uint16_t id_ = 0;
  Table actions_, services_;
  std::vector<std::uint16_t> any_action_;
};

Index Index::build(std::span<const CompiledStatement> statements, Arena& arena) {
  return IndexBuilder(arena).build(statements);
}

void Index::by_resource(const Query& q, Candidates& found) const {
  found.add(any_resource_);
  if (!q.resource.is_arn) return;
  const std::string_view rest = q.resource.part(5);
  PrefixHasher hasher(hash_text(q.resource.part(2)), rest);
  for (const std::uint8_t length : resource_lengths_) {
    if (length > rest.size()) break;
    found.add(resources_.find(hasher.of(length)));
  }
}

void Index::by_principal(const Query& q, Candidates& found) const {
  found.add(any_principal_);
  const Principal& who = *q.caller.who;
  if (!who.account.empty()) found.add(principals_.find(usable(q.caller.account_hash)));
  if (!who.arn.empty()) found.add(principals_.find(usable(q.caller.arn_hash)));
  if (!who.role_arn.empty()) found.add(principals_.find(usable(q.caller.role_hash)));
  if (!who.unique_id.empty()) found.add(principals_.find(usable(q.caller.id_hash)));
  if (!who.canonical_id.empty()) found.add(principals_.find(usable(q.caller.canonical_hash)));
}

void Index::by_action(const Query& q, Candidates& found) const {
  if (!knows_service(q.service_hash)) return;
  found.add(actions_.find(usable(q.action_hash), q.action), true);
  found.add(action_services_.find(usable(q.service_hash)));
  found.add(any_action_);
}

}  // namespace gatehouse::policy

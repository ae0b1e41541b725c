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

std::uint64_t service_bit(std::uint64_t service_hash) { return std::uint64_t{1} << (service_hash & 63); }

// Hashes of all beginnings of a text, so that each length costs one step and not its length.
class PrefixHasher {
 public:
  PrefixHasher(std::uint64_t service_hash, std::string_view text) : text_(text), whole_(service_hash) {}

  // Lengths must ascend.
  std::uint64_t of(std::size_t length) {
    while ((blocks_ + 1) * 8 <= length) whole_ = mix(whole_, load8(text_.data() + 8 * blocks_++));
    const std::uint64_t tail =
        length >= 8 ? load8(text_.data() + length - 8) : load_tail(text_.data(), length);
    return mix(whole_ ^ length, tail);
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
  const std::uint32_t wanted = tag(hash);
  for (std::size_t at = home(hash);; at = (at + 1) & (slots.size() - 1)) {
    const Slot& slot = slots[at];
    if (slot.tag == wanted && same_text({slot.text, slot.text_size}, text)) {
      return slot.count == 1 ? StatementIds(&slot.first, 1) : ids.subspan(slot.first, slot.count);
    }
    if (slot.tag == 0) return {};
  }
}

class IndexBuilder {
 public:
  explicit IndexBuilder(Arena& arena) : arena_(arena) {}

  Index build(std::span<const CompiledStatement> statements) {
    std::size_t actions = 0;
    for (const CompiledStatement& s : statements) {
      add_services(s);
      actions += s.actions().size();
    }
    index_.has_tables_ = statements.size() > kFewStatements || actions > kFewActions;
    if (!index_.has_tables_) {
      std::ranges::transform(statements, index_.signatures_.begin(), signature);
      return index_;
    }
    for (std::size_t i = 0; i < statements.size(); ++i) {
      id_ = static_cast<std::uint32_t>(i);
      add_actions(statements[i]);
    }
    index_.actions_ = table(actions_);
    index_.action_services_ = table(services_);
    index_.any_action_ = arena_.copy(std::span<const std::uint32_t>(any_action_));
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
    std::uint32_t id;
    bool same_key(const Entry& other) const { return hash == other.hash && text == other.text; }
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  using Table = std::vector<Entry>;

  static void add(std::vector<std::uint32_t>& ids, std::uint32_t id) {
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  }

  // The part before the colon; empty where it may be any.
  static std::string_view service_of(const Pattern& action) {
    const std::size_t colon = action.text.find(':');
    return colon == action.text.npos ? std::string_view() : action.text.substr(0, colon);
  }

  void add_services(const CompiledStatement& s) {
    if (s.not_action) index_.services_ = ~std::uint64_t{0};
    for (const Pattern& action : s.actions()) {
      const std::string_view service = service_of(action);
      index_.services_ |= service.empty() ? ~std::uint64_t{0} : service_bit(hash_text(service));
    }
  }

  static Signature signature(const CompiledStatement& s) {
    if (s.not_action) return kAnyService;
    Signature all = 0;
    for (const Pattern& action : s.actions()) {
      const std::string_view service = service_of(action);
      if (service.empty()) return kAnyService;
      const bool exact = action.shape == Pattern::Shape::exact;
      all |= service_signature(hash_text(service));
      all |= exact ? action_signature(hash_text(action.text)) : kAnyAction;
    }
    return all;
  }

  void add_actions(const CompiledStatement& s) {
    if (s.not_action) return add(any_action_, id_);
    for (const Pattern& action : s.actions()) {
      const std::string_view service = service_of(action);
      if (service.empty()) {
        add(any_action_, id_);
      } else if (action.shape == Pattern::Shape::exact) {
        actions_.push_back({hash_text(action.text), action.text, id_});
      } else {
        services_.push_back({hash_text(service), {}, id_});
      }
    }
  }

  void add_resources(std::span<const CompiledStatement> statements) {
    Table table_entries;
    std::vector<std::uint32_t> any;
    std::vector<bool> lengths(kLongestPrefix + 1);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const auto id = static_cast<std::uint32_t>(i);
      if (s.not_resource || !s.has_resource) {
        add(any, id);
        continue;
      }
      for (const ArnPattern& pattern : s.resources()) {
        if (pattern.shape == ArnPattern::Shape::nothing) continue;
        const auto [service, rest] = literals(pattern);
        if (service.empty()) {
          add(any, id);
          continue;
        }
        const std::string_view prefix = rest.substr(0, kLongestPrefix);
        lengths[prefix.size()] = true;
        table_entries.push_back({prefix_hash(service, prefix), {}, id});
      }
    }
    index_.has_resource_table_ = true;
    index_.resources_ = table(table_entries);
    index_.any_resource_ = arena_.copy(std::span<const std::uint32_t>(any));
    std::vector<std::uint8_t> ascending;
    for (std::size_t length = 0; length < lengths.size(); ++length) {
      if (lengths[length]) ascending.push_back(static_cast<std::uint8_t>(length));
    }
    index_.resource_lengths_ = arena_.copy(std::span<const std::uint8_t>(ascending));
  }

  void add_principals(std::span<const CompiledStatement> statements) {
    if (std::ranges::none_of(statements, &CompiledStatement::has_principal)) return;
    Table table_entries;
    std::vector<std::uint32_t> any;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const auto id = static_cast<std::uint32_t>(i);
      if (s.not_principal || !s.has_principal) {
        add(any, id);
        continue;
      }
      for (const PrincipalPattern& pattern : s.principals()) {
        if (pattern.kind == PrincipalKind::everyone) {
          add(any, id);
        } else {
          table_entries.push_back({pattern.hash, {}, id});
        }
      }
    }
    index_.has_principal_table_ = true;
    index_.principals_ = table(table_entries);
    index_.any_principal_ = arena_.copy(std::span<const std::uint32_t>(any));
  }

  HashTable table(Table& entries) {
    std::ranges::sort(entries);
    entries.erase(std::ranges::unique(entries).begin(), entries.end());
    if (entries.empty()) return {};
    std::size_t keys = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) keys += i == 0 || !entries[i].same_key(entries[i - 1]);
    HashTable made;
    const auto slots = arena_.make<HashTable::Slot>(std::bit_ceil(keys * 2));
    made.slots = slots;
    std::vector<std::uint32_t> ids;
    ids.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size();) {
      const Entry& key = entries[i];
      HashTable::Slot slot{HashTable::tag(key.hash), static_cast<std::uint32_t>(i), 0,
                           static_cast<std::uint32_t>(key.text.size()), key.text.data()};
      for (; i < entries.size() && entries[i].same_key(key); ++i, ++slot.count) ids.push_back(entries[i].id);
      if (slot.count == 1) slot.first = ids.back();
      std::size_t at = made.home(key.hash);
      while (slots[at].tag != 0) at = (at + 1) & (slots.size() - 1);
      slots[at] = slot;
    }
    made.ids = arena_.copy(std::span<const std::uint32_t>(ids));
    return made;
  }

  Arena& arena_;
  Index index_;
  std::uint32_t id_ = 0;
  Table actions_, services_;
  std::vector<std::uint32_t> any_action_;
};

Index Index::build(std::span<const CompiledStatement> statements, Arena& arena) {
  return IndexBuilder(arena).build(statements);
}

bool Index::concerns(const Query& q) const { return (services_ & service_bit(q.service_hash)) != 0; }

void Index::fetch(const Query& q) const {
  actions_.fetch(q.action_hash);
  action_services_.fetch(q.service_hash);
}

void Index::by_action(const Query& q, Candidates& found) const {
  found.add(actions_.find(q.action_hash, q.action), true);
  found.add(action_services_.find(q.service_hash));
  found.add(any_action_);
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
  if (!who.account.empty()) found.add(principals_.find(q.caller.account_hash));
  if (!who.arn.empty()) found.add(principals_.find(q.caller.arn_hash));
  if (!who.role_arn.empty()) found.add(principals_.find(q.caller.role_hash));
  if (!who.unique_id.empty()) found.add(principals_.find(q.caller.id_hash));
  if (!who.canonical_id.empty()) found.add(principals_.find(q.caller.canonical_hash));
}

}  // namespace gatehouse::policy

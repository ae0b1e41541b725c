// "Did you mean …?": typing distance, with insertions, deletions, substitutions and swapped neighbours.
#include <algorithm>
#include <array>
#include <vector>

#include "policy/catalogue/catalogue.h"
#include "policy/catalogue/tables.h"

namespace gatehouse::policy::catalogue {
namespace {

constexpr std::size_t kLongest = 96;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The distance, or `limit` + 1 once it is beyond `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::array<std::array<std::size_t, kLongest + 1>, 3> rows{};
  auto *before = &rows[0], *previous = &rows[1], *current = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*previous)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t best = (*current)[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      std::size_t cost =
          std::min({(*previous)[j] + 1, (*current)[j - 1] + 1, (*previous)[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        cost = std::min(cost, (*before)[j - 2] + 1);
      }
      best = std::min(best, (*current)[j] = cost);
    }
    if (best > limit) return limit + 1;
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return (*previous)[b.size()];
}

// A third of the letters may be wrong, and never more than four.
template <typename T, typename Each, typename NameOf>
std::optional<T> nearest(std::string_view wanted, std::size_t count, Each each, NameOf name_of) {
  if (wanted.empty() || wanted.size() > kLongest) return std::nullopt;
  std::size_t limit = std::min<std::size_t>(4, (wanted.size() + 2) / 3);
  std::optional<T> found;
  for (std::size_t i = 0; i < count; ++i) {
    const T candidate = each(i);
    const std::string_view name = name_of(candidate);
    if (name.size() > kLongest) continue;
    const std::size_t d = distance(wanted, name, limit);
    if (d > limit || (found && d == limit)) continue;
    found = candidate;
    limit = d;
  }
  return found;
}

}  // namespace

std::optional<Service> nearest_service(std::string_view prefix) {
  return nearest<Service>(prefix, service_count(), service_at, [](Service s) { return s.prefix(); });
}

std::optional<Action> nearest_action(Service service, std::string_view name) {
  return nearest<Action>(
      name, service.action_count(), [&](std::size_t i) { return service.action(i); },
      [](Action a) { return a.name(); });
}

std::optional<Key> nearest_key(std::string_view key) {
  const auto slash = key.find('/');
  const std::string_view wanted = key.substr(0, slash);
  return nearest<Key>(
      wanted, tables::kCounts.keys, [](std::size_t i) { return Key(static_cast<std::uint16_t>(i)); },
      [&](Key k) {
        return slash == std::string_view::npos ? k.name() : k.name().substr(0, k.name().find('/'));
      });
}

}  // namespace gatehouse::policy::catalogue

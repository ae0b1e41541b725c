// Memory that is given out piece by piece and taken back all at once.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gatehouse::policy {

// Holds only what needs no destructor. Not thread safe. Moving it moves no bytes: spans stay valid.
class Arena {
 public:
  explicit Arena(std::size_t first_block = 16 << 10) : block_(first_block) {}

  template <typename T>
  std::span<const T> copy(std::span<const T> from) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (from.empty()) return {};
    char* at = take(from.size_bytes(), alignof(T));
    std::memcpy(at, static_cast<const void*>(from.data()), from.size_bytes());
    return {reinterpret_cast<const T*>(at), from.size()};
  }

  // Room to be filled in later.
  template <typename T>
  std::span<T> make(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* first = reinterpret_cast<T*>(take(count * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  // Bytes from the beginning of the first block that are in use.
  std::size_t used_of_first_block() const { return blocks_.size() == 1 ? used_ : first_used_; }

  std::string_view copy(std::string_view from) {
    if (from.empty()) return {};
    char* at = take(from.size(), 1);
    std::memcpy(at, from.data(), from.size());
    return {at, from.size()};
  }

 private:
  static constexpr std::size_t kLargest = 256 << 10;

  char* take(std::size_t size, std::size_t alignment) {
    std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (blocks_.empty() || start + size > capacity_) {
      if (blocks_.size() == 1) first_used_ = used_;
      capacity_ = size > block_ ? size : block_;
      if (block_ < kLargest) block_ *= 2;
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(capacity_));
      start = 0;
    }
    used_ = start + size;
    return blocks_.back().get() + start;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_, used_ = 0, capacity_ = 0, first_used_ = 0;
};

}  // namespace gatehouse::policy

// From what a principal did to the smallest policy that allows it, and to what its present policies allow
// beyond that.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

// One thing done: "s3:GetObject" on "arn:aws:s3:::lake/raw/1".
struct Used {
  std::string action, resource;
};

// More resources than this under one "folder" of an ARN become the folder and a star.
inline constexpr std::size_t kManyResources = 8;

// An identity policy, as indented JSON with a final newline: actions that were used on the same resources
// share a statement; actions that take no resource stand on "*". No used thing is left out, no other action
// is let in.
std::string smallest_policy(std::span<const Used> used);

// What a service's actions come to: how many of them the policies allow on some resource, and which of those
// were not used. Conditions and Deny statements are not looked at: it says what is worth a look, not what is
// allowed.
struct Beyond {
  std::string service;
  std::size_t granted = 0;
  std::vector<std::string> unused;  // "s3:DeleteBucket", in the catalogue's order
};
std::vector<Beyond> beyond(std::span<const std::string> documents, std::span<const Used> used);

}  // namespace gatehouse::policy

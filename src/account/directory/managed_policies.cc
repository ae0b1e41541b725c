#include "account/directory/managed_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kHead = "arn:aws:iam::aws:policy/";

std::unexpected<Error> unreadable(std::string_view what) {
  return fail("ValidationError", fmt::format("not an AWS managed policy: {}", what));
}

// Only AWS knows its ids; where the file has none it is made of the name, the same at every start.
std::string id_of(std::string_view arn) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const Sha256 digest = sha256(arn);
  std::string id(id_prefix::kPolicy);
  for (size_t i = 0; i < 17; ++i) id += kLetters[digest[i] % kLetters.size()];
  return id;
}

Result<ManagedPolicy> read(std::string_view text) {
  TRY(const auto parsed, json::parse(text));
  const json::object* file = parsed.if_object();
  const json::value* document = file == nullptr ? nullptr : file->if_contains("Document");
  if (document == nullptr) return unreadable("there is no Document");
  ManagedPolicy policy;
  policy.account = "aws";
  policy.arn = json::string_or(*file, "Arn", "");
  if (!policy.arn.starts_with(kHead) || policy.arn.ends_with('/')) return unreadable("Arn");
  policy.name = policy.arn.substr(policy.arn.rfind('/') + 1);
  policy.path =
      policy.arn.substr(kHead.size() - 1, policy.arn.size() - policy.name.size() - kHead.size() + 1);
  policy.id = json::string_or(*file, "PolicyId", id_of(policy.arn));
  policy.description = json::string_or(*file, "Description", "");
  policy.default_version = json::string_or(*file, "DefaultVersionId", "v1");
  const auto created = parse_iso8601(json::string_or(*file, "CreateDate", ""));
  const auto updated = parse_iso8601(json::string_or(*file, "UpdateDate", ""));
  if (!created || !updated) return unreadable("CreateDate and UpdateDate");
  policy.created = *created;
  policy.updated = *updated;
  std::string body = json::dump(*document);
  TRY(auto compiled, policy::compile(body, policy::Kind::identity));
  policy.versions.push_back({policy.default_version, {std::move(body), std::move(compiled)}, *updated});
  return policy;
}

}  // namespace

struct ManagedPolicies::Entry {
  std::string_view text;  // in the program, or in `own`
  std::string own;
  std::once_flag once;
  std::shared_ptr<const ManagedPolicy> policy;

  std::shared_ptr<const ManagedPolicy> get() {
    std::call_once(once, [this] {
      auto made = read(text);
      if (made) {
        policy = std::make_shared<const ManagedPolicy>(std::move(*made));
      } else {
        log::error("an AWS managed policy does not read", {{"reason", made.error().message}});
      }
    });
    return policy;
  }
};

ManagedPolicies::ManagedPolicies() {
  for (const ManagedPolicyFile& file : built_in_managed_policies()) {
    auto entry = std::make_unique<Entry>();
    entry->text = file.text;
    entries_.emplace(file.arn, std::move(entry));
  }
}
ManagedPolicies::~ManagedPolicies() = default;
ManagedPolicies::ManagedPolicies(ManagedPolicies&&) noexcept = default;
ManagedPolicies& ManagedPolicies::operator=(ManagedPolicies&&) noexcept = default;

Result<void> ManagedPolicies::add_directory(const std::string& directory) {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
    if (file.path().extension() != ".json") continue;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    auto entry = std::make_unique<Entry>();
    entry->own = text.str();
    entry->text = entry->own;
    auto policy = read(entry->text);
    if (!policy) {
      return fail("ValidationError", fmt::format("{}: {}", file.path().string(), policy.error().message));
    }
    entries_[policy->arn] = std::move(entry);
  }
  if (error) return fail("ValidationError", fmt::format("{}: {}", directory, error.message()));
  return {};
}

std::shared_ptr<const ManagedPolicy> ManagedPolicies::find(std::string_view arn) const {
  const auto it = entries_.find(arn);
  return it == entries_.end() ? nullptr : it->second->get();
}

std::vector<std::shared_ptr<const ManagedPolicy>> ManagedPolicies::list() const {
  std::vector<std::shared_ptr<const ManagedPolicy>> all;
  all.reserve(entries_.size());
  for (const auto& [arn, entry] : entries_) {
    if (auto policy = entry->get()) all.push_back(std::move(policy));
  }
  return all;
}

}  // namespace gatehouse::account

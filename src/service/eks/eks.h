// EKS: the record of a cluster as its API shows it, and of what belongs to it. What a cluster is (its keys,
// its objects, its issuer) belongs to kube::Clusters.
//
// cluster.h        the records
// operations.h     the operations, which lie in clusters/, access/, nodegroups/, addons/ and identity/
// requirements.h   what each needs to be allowed
// roles.h          the roles that are handed to EKS, and those that EKS makes for itself
//
// https://docs.aws.amazon.com/eks/latest/APIReference/
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/directory.h"
#include "account/gate.h"
#include "kube/access/authenticator.h"
#include "kube/clusters.h"
#include "model/eks.h"
#include "service/call.h"
#include "service/ec2/ec2.h"
#include "service/eks/cluster.h"
#include "service/kms/kms.h"

namespace gatehouse::service::eks {

namespace m = model::eks;

class Eks : public kube::AccessEntries {
 public:
  struct Rooms {
    store::Records& records;
    kube::Clusters& clusters;
    account::Directory& directory;
    const account::Gate& gate;
    ec2::Ec2& ec2;
    const kms::Kms& kms;
    const Clock& clock;
    Random& random;
    std::string base_url;  // "https://127.0.0.1:4566": where the clusters' APIs are served
    std::string ca_pem;    // of the authority whose certificate is shown there
  };
  explicit Eks(Rooms rooms) : rooms_(std::move(rooms)) {}

  const Rooms& rooms() const { return rooms_; }
  // Once the server listens; before any call.
  void serve_at(std::string base_url) { rooms_.base_url = std::move(base_url); }

  // Null where there is none.
  Result<std::optional<Cluster>> find(std::string_view account, std::string_view region,
                                      std::string_view name) const;
  Result<std::vector<std::string>> names(std::string_view account, std::string_view region) const;

  // Writes the cluster, with what `with` changes of its parts, in one commit. kConflict where it was changed
  // since it was read; every change of a part is one of its cluster, so that a cluster is not removed under a
  // part that somebody adds.
  Result<Cluster> store(Cluster cluster, store::Batch with = {});
  Result<void> remove(const Cluster& cluster);  // with all its parts

  // Held while a cluster of this record key is made: what it is made of lies in several partitions, and a
  // second maker would take the first one's for what a crash left. Null where somebody holds it.
  using Making = std::shared_ptr<void>;
  Making start_making(const std::string& record_key);

  // A cluster's parts of one kind, by name.
  template <typename T>
  Result<std::optional<T>> part(const Cluster& cluster, std::string_view name) const;
  template <typename T>
  Result<std::vector<T>> parts(const Cluster& cluster) const;
  // Into a batch for store().
  template <typename T>
  static void put(store::Batch& batch, const Cluster& cluster, const T& part);
  template <typename T>
  static void remove(store::Batch& batch, const Cluster& cluster, const T& part);

  kube::Admission admission(const kube::Cluster& cluster, std::string_view canonical_arn) const override;
  std::optional<kube::OidcProvider> oidc_provider(const kube::Cluster& cluster) const override;

 private:
  static std::string parts_key(const Cluster& cluster);
  std::shared_ptr<const Cluster> seen(const kube::Cluster& cluster) const;
  void see(Cluster cluster) const;

  Rooms rooms_;
  // The clusters as last stored, by hex, for each request that wants to enter one.
  mutable std::shared_mutex seeing_;
  mutable std::map<std::string, std::shared_ptr<const Cluster>, std::less<>> seen_;
  std::mutex making_mutex_;
  std::set<std::string> making_;
};

Service make_service(Eks& eks);

template <typename T>
Result<std::optional<T>> Eks::part(const Cluster& cluster, std::string_view name) const {
  TRY(const auto record, rooms_.records.get(fmt::format("{}{}/{}", parts_key(cluster), T::kKind, name)));
  if (!record) return std::nullopt;
  TRY(auto found, from_record<T>(record->value, record->revision));
  return found;
}

template <typename T>
Result<std::vector<T>> Eks::parts(const Cluster& cluster) const {
  TRY(const auto entries,
      rooms_.records.scan(fmt::format("{}{}/", parts_key(cluster), T::kKind), "", SIZE_MAX));
  std::vector<T> out;
  for (const store::Entry& entry : entries) {
    TRY(auto one, from_record<T>(entry.record.value, entry.record.revision));
    out.push_back(std::move(one));
  }
  return out;
}

template <typename T>
void Eks::put(store::Batch& batch, const Cluster& cluster, const T& part) {
  std::string key = fmt::format("{}{}/{}", parts_key(cluster), T::kKind, part.name);
  batch.preconditions.push_back({key, part.revision});
  batch.puts.emplace_back(std::move(key), to_record(part));
}

template <typename T>
void Eks::remove(store::Batch& batch, const Cluster& cluster, const T& part) {
  std::string key = fmt::format("{}{}/{}", parts_key(cluster), T::kKind, part.name);
  batch.preconditions.push_back({key, part.revision});
  batch.deletes.push_back(std::move(key));
}

namespace error {
inline std::unexpected<Error> invalid_parameter(std::string message) {
  return fail("InvalidParameterException", std::move(message), 400);
}
inline std::unexpected<Error> invalid_request(std::string message) {
  return fail("InvalidRequestException", std::move(message), 400);
}
inline std::unexpected<Error> not_found(std::string message) {
  return fail("ResourceNotFoundException", std::move(message), 404);
}
inline std::unexpected<Error> in_use(std::string message) {
  return fail("ResourceInUseException", std::move(message), 409);
}
}  // namespace error

}  // namespace gatehouse::service::eks

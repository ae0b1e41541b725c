// A KMS key of the customer's for the secrets of a cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
#include "base/arn.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

// EKS asks KMS as the caller, who needs these.
constexpr std::string_view kNeeded[] = {"kms:DescribeKey", "kms:CreateGrant"};

Result<void> check_use(const Eks& eks, Call& call, const kms::Key& key) {
  for (const auto action : kNeeded) {
    auto use = kms::requirement(eks.rooms().kms, call.account, key, action);
    use.key("kms:ViaService", fmt::format("eks.{}.amazonaws.com", call.region));
    const auto verdict = eks.rooms().gate.check(call.caller, call.circumstances, use, {});
    call.decisions.push_back(verdict.record);
    if (!verdict.decision.allowed())
      return error::invalid_request(fmt::format("User not authorized to perform {} operation", action));
  }
  return {};
}

}  // namespace

Result<std::string> read_encryption(const Eks& eks, Call& call, const wire::Value& configs) {
  if (configs.list().empty()) return std::string();
  const wire::Value& config = configs.list().front();
  const std::string name(config[m::provider][m::keyArn].text());
  if (name.empty()) return error::invalid_parameter("KeyArn is required");
  if (texts(config[m::resources]) != std::vector<std::string>{"secrets"})
    return error::invalid_parameter("Invalid resources: the only supported value is [secrets]");
  const auto arn = Arn::parse(name);
  if (!arn || arn->service != "kms")
    return error::invalid_parameter(fmt::format("Invalid key ARN: {}", name));
  if (arn->region != call.region)
    return error::invalid_parameter("The KMS key must be in the region of the cluster");
  const auto key = eks.rooms().kms.find(call.account, call.region, name);
  if (!key) return error::invalid_parameter(key.error().message);
  if ((*key)->state != kms::State::enabled)
    return error::invalid_request(fmt::format("The KMS key {} is not enabled", (*key)->arn()));
  CHECK_OK(check_use(eks, call, **key));
  return name;
}

Result<wire::Value> associate_encryption_config(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  if (!cluster.encryption_key.empty())
    return error::invalid_parameter("Encryption is already enabled on the cluster");
  TRY(cluster.encryption_key, read_encryption(eks, call, call.in[m::encryptionConfig]));
  if (cluster.encryption_key.empty()) return error::invalid_parameter("KeyArn is required");
  const std::string config =
      fmt::format(R"([{{"resources":["secrets"],"provider":{{"keyArn":"{}"}}}}])", cluster.encryption_key);
  const Update update =
      begin_update(eks, cluster.updates, "AssociateEncryptionConfig", {{"EncryptionConfig", config}});
  CHECK_OK(eks.store(std::move(cluster)));
  return render(update, "InProgress");
}

}  // namespace gatehouse::service::eks

// Service-linked roles: made for a service, with the service's policy, and the service's to change.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
#include "service/iam/principals/service_linked.h"

#include <array>

#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

struct LinkedService {
  std::string_view service, role, policy;
  bool takes_suffix = false;
};

constexpr LinkedService kServices[] = {
    {"access-analyzer.amazonaws.com", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"},
    {"autoscaling.amazonaws.com", "AutoScaling", "AutoScalingServiceRolePolicy", true},
    {"cloud9.amazonaws.com", "AWSCloud9", "AWSCloud9ServiceRolePolicy"},
    {"cloudtrail.amazonaws.com", "CloudTrail", "CloudTrailServiceRolePolicy"},
    {"config.amazonaws.com", "Config", "AWSConfigServiceRolePolicy"},
    {"dashboard.eks.amazonaws.com", "AmazonEKSDashboard", "AmazonEKSDashboardServiceRolePolicy"},
    {"ec2fleet.amazonaws.com", "EC2Fleet", "AWSEC2FleetServiceRolePolicy"},
    {"ecs.amazonaws.com", "ECS", "AmazonECSServiceRolePolicy"},
    {"eks-connector.amazonaws.com", "AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy"},
    {"eks-fargate.amazonaws.com", "AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"},
    {"eks-nodegroup.amazonaws.com", "AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"},
    {"eks.amazonaws.com", "AmazonEKS", "AmazonEKSServiceRolePolicy"},
    {"elasticache.amazonaws.com", "ElastiCache", "ElastiCacheServiceRolePolicy"},
    {"elasticloadbalancing.amazonaws.com", "ElasticLoadBalancing",
     "AWSElasticLoadBalancingServiceRolePolicy"},
    {"elasticmapreduce.amazonaws.com", "EMRCleanup", "AmazonEMRCleanupPolicy"},
    {"emr-containers.amazonaws.com", "AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy"},
    {"imagebuilder.amazonaws.com", "ImageBuilder", "AWSServiceRoleForImageBuilder"},
    {"kafka.amazonaws.com", "Kafka", "KafkaServiceRolePolicy"},
    {"lakeformation.amazonaws.com", "LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy"},
    {"opensearchservice.amazonaws.com", "AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"},
    {"ops.apigateway.amazonaws.com", "APIGateway", "APIGatewayServiceRolePolicy"},
    {"ops.emr-serverless.amazonaws.com", "AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy"},
    {"organizations.amazonaws.com", "Organizations", "AWSOrganizationsServiceTrustPolicy"},
    {"rds.amazonaws.com", "RDS", "AmazonRDSServiceRolePolicy"},
    {"redshift.amazonaws.com", "Redshift", "AmazonRedshiftServiceLinkedRolePolicy"},
    {"s2svpn.amazonaws.com", "VPCS2SVPN", "AWSVPCS2SVpnServiceRolePolicy"},
    {"spot.amazonaws.com", "EC2Spot", "AWSEC2SpotServiceRolePolicy"},
    {"spotfleet.amazonaws.com", "EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"},
    {"ssm.amazonaws.com", "AmazonSSM", "AmazonSSMServiceRolePolicy"},
    {"support.amazonaws.com", "Support", "AWSSupportServiceRolePolicy"},
    {"transitgateway.amazonaws.com", "VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"},
    {"trustedadvisor.amazonaws.com", "TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"},
    {"wafv2.amazonaws.com", "WAFV2Logging", "WAFV2LoggingServiceRolePolicy"},
};

const LinkedService* find_service(std::string_view name) {
  const auto* it = std::find_if(std::begin(kServices), std::end(kServices),
                                [&](const LinkedService& s) { return s.service == name; });
  return it == std::end(kServices) ? nullptr : it;
}

std::string role_name(std::string_view service, std::string_view suffix = "") {
  const auto* known = find_service(service);
  std::string name = fmt::format("AWSServiceRoleFor{}", known ? known->role : "");
  if (!suffix.empty()) name += fmt::format("_{}", suffix);
  return name;
}

std::string path_of(std::string_view service) { return fmt::format("{}{}/", kServiceRolePath, service); }

account::Requirement requirement_of(std::string_view account, std::string_view service,
                                    std::string_view name) {
  account::Requirement r;
  r.resource = arn_of<account::Role>(account, path_of(service), name);
  r.key("iam:AWSServiceName", std::string(service));
  return r;
}

Result<account::Role> new_role(const LinkedService& known, std::string_view account, std::string name,
                               Random& random, Time now) {
  account::Role role;
  role.account = account;
  role.name = std::move(name);
  role.path = path_of(known.service);
  role.arn = arn_of<account::Role>(account, role.path, role.name);
  role.id = unique_id(random, id_prefix::kRole);
  role.created = now;
  std::string trust = fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}]}})",
      known.service);
  TRY(auto compiled, policy::compile(trust, policy::Kind::trust));
  role.trust = {std::move(trust), std::move(compiled)};
  role.grants.attached.push_back(fmt::format("arn:aws:iam::aws:policy{}{}", kServiceRolePath, known.policy));
  return role;
}

// "/aws-service-role/SERVICE/" -> "SERVICE"
std::string_view service_of(const account::Role& role) {
  std::string_view path = role.path;
  if (!path.starts_with(kServiceRolePath)) return {};
  path.remove_prefix(kServiceRolePath.size());
  return path.substr(0, path.find('/'));
}

// "task/aws-service-role/SERVICE/ROLE/UUID"
std::string_view role_of_task(std::string_view task) {
  task = task.substr(0, task.rfind('/'));
  return task.substr(task.rfind('/') + 1);
}

}  // namespace

std::optional<account::Requirement> needs_linked_role(const account::Directory& directory,
                                                      std::string_view account, std::string_view service) {
  const std::string name = role_name(service);
  if (directory.role(account, name) != nullptr) return std::nullopt;
  account::Requirement r = requirement_of(account, service, name);
  r.action = "iam:CreateServiceLinkedRole";
  return r;
}

Result<void> ensure_linked_role(account::Directory& directory, Random& random, std::string_view account,
                                std::string_view service, Time now) {
  const auto* known = find_service(service);
  std::string name = role_name(service);
  if (known == nullptr || directory.role(account, name) != nullptr) return {};
  TRY(auto role, new_role(*known, account, std::move(name), random, now));
  const auto made = directory.put(std::move(role));
  if (!made && made.error().code != store::kConflict)
    return fail(made.error());  // a conflict: it is there now
  return {};
}

Result<Requirements> at_new_linked_role(Iam&, Call& call) {
  const std::string_view service = call.in[m::AWSServiceName].text();
  return Requirements{
      requirement_of(call.account, service, role_name(service, call.in[m::CustomSuffix].text()))};
}

Result<Requirements> at_linked_role(Iam& iam, Call& call) {
  TRY(Requirements requirements, at<account::Role>(iam, call));
  if (const auto role = call.pin<account::Role>(); role && !service_of(*role).empty())
    requirements.front().key("iam:AWSServiceName", std::string(service_of(*role)));
  return requirements;
}

Result<wire::Value> create_service_linked_role(Iam& iam, Call& call) {
  const std::string_view service = call.in[m::AWSServiceName].text();
  const auto* known = find_service(service);
  if (known == nullptr)
    return error::invalid_input(fmt::format("Service-linked role template not found for {}", service));
  if (call.in[m::CustomSuffix] && !known->takes_suffix)
    return error::invalid_input(fmt::format("Custom suffix is not allowed for {}", service));
  std::string named = role_name(service, call.in[m::CustomSuffix].text());
  CHECK_OK(check_name("customSuffix", named, 64));
  TRY(auto role, new_role(*known, call.account, std::move(named), iam.random, call.now()));
  role.description = call.in[m::Description].text();
  const std::string name = role.name;
  auto made = iam.directory.put(std::move(role));
  if (!made && made.error().code == store::kConflict) {
    return error::invalid_input(fmt::format(
        "Service role name {} has been taken in this account, please try a different suffix.", name));
  }
  if (!made) return fail(made.error());
  return wire::structure({{m::Role, role_value(iam, **made)}});
}

// The job first, then the role: a crash between leaves a job whose role is still there, which the status
// says.
Result<wire::Value> delete_service_linked_role(Iam& iam, Call& call) {
  TRY(const account::Role role, pinned<account::Role>(call));
  if (service_of(role).empty())
    return error::invalid_input(fmt::format("{} is not a service-linked role.", role.name));
  account::Job job;
  job.account = call.account;
  job.id = fmt::format("task{}{}/{}", role.path, role.name, iam.random.uuid());
  job.subject = role.id;
  job.created = call.now();
  TRY(const auto task, iam.directory.put(std::move(job)));
  CHECK_OK(or_concurrent(iam.directory.remove(role)));
  return wire::structure({{m::DeletionTaskId, task->id}});
}

Result<Requirements> at_deletion_task(Iam& iam, Call& call) {
  const std::string_view id = call.in[m::DeletionTaskId].text();
  call.pinned = iam.directory.find<account::Job>(fmt::format("{}/{}", call.account, id));
  account::Requirement r;
  const auto path = id.find('/');
  r.resource = "*";
  if (path != std::string_view::npos && id.rfind('/') > path) {
    r.resource = fmt::format("arn:aws:iam::{}:role{}", call.account, id.substr(path, id.rfind('/') - path));
    std::string_view service = id.substr(path);
    if (service.starts_with(kServiceRolePath)) {
      service.remove_prefix(kServiceRolePath.size());
      r.key("iam:AWSServiceName", std::string(service.substr(0, service.find('/'))));
    }
  }
  return Requirements{std::move(r)};
}

Result<wire::Value> get_service_linked_role_deletion_status(Iam& iam, Call& call) {
  const auto job = call.pin<account::Job>();
  const std::string_view id = call.in[m::DeletionTaskId].text();
  if (job == nullptr || !id.starts_with("task/"))
    return error::no_such_entity(fmt::format("The deletion task {} cannot be found.", id));
  if (iam.directory.by_id<account::Role>(job->subject) == nullptr)
    return wire::structure({{m::Status, "SUCCEEDED"}});
  return wire::structure(
      {{m::Status, "FAILED"},
       {m::Reason,
        wire::structure({{m::Reason, fmt::format("The role {} could not be deleted.", role_of_task(id))}})}});
}

}  // namespace gatehouse::service::iam

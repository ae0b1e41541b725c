// The whole server: every room built in order, each handed what it needs, and nothing global.
#pragma once

#include <memory>
#include <string>

#include "account/sessions.h"
#include "account/trail/trail.h"
#include "account/usage.h"
#include "base/clock.h"
#include "cli/serve/admin.h"
#include "cli/serve/caretaker.h"
#include "cli/serve/doors.h"
#include "cli/serve/endpoint_listeners.h"
#include "cli/serve/kube_door.h"
#include "cli/serve/outside_door.h"
#include "service/cloudtrail/cloudtrail.h"
#include "service/ec2/ec2.h"
#include "service/eks/eks.h"
#include "service/eks_auth/eks_auth.h"
#include "service/iam/iam.h"
#include "service/kms/kms.h"
#include "service/organizations/organizations.h"
#include "service/pipeline/pipeline.h"
#include "service/s3/s3.h"
#include "service/s3control/s3control.h"
#include "service/sts/sts.h"
#include "store/store.h"
#include "wire/pool.h"
#include "wire/server.h"
#include "wire/tls.h"

namespace gatehouse::cli {

struct HouseOptions {
  std::string data;
  std::string address = "127.0.0.1";
  std::uint16_t port = 4566;
  std::string tls_certificate, tls_key;
  identity::OutsideIssuers::Options issuers;
  std::string managed_policies;  // a folder of further AWS managed policies, or empty
};

class House {
 public:
  static Result<std::unique_ptr<House>> build(HouseOptions options);
  ~House();

  Result<void> start();
  std::uint16_t port() const { return server_->port(); }
  void stop();

 private:
  explicit House(HouseOptions options) : options_(std::move(options)) {}
  Result<void> open_rooms();
  std::vector<Chore> chores();

  HouseOptions options_;
  SystemClock clock_;
  SystemRandom random_;
  store::Embedded store_;
  std::unique_ptr<wire::Tls> tls_;
  std::unique_ptr<account::Directory> directory_;
  std::unique_ptr<account::Organizations> organizations_;
  std::unique_ptr<account::Usage> usage_;
  std::unique_ptr<account::Sessions> sessions_;
  std::unique_ptr<account::Gate> gate_;
  std::unique_ptr<account::Trail> trail_;
  std::unique_ptr<identity::OutsideIssuers> issuers_;
  service::Metrics metrics_;
  std::unique_ptr<service::Pipeline> pipeline_;

  std::unique_ptr<service::iam::Iam> iam_;
  std::unique_ptr<service::sts::Sts> sts_;
  std::unique_ptr<service::kms::Kms> kms_;
  std::unique_ptr<service::s3::S3> s3_;
  std::unique_ptr<service::cloudtrail::CloudTrail> cloudtrail_;
  std::unique_ptr<service::ec2::Ec2> ec2_;
  std::unique_ptr<service::eks::Eks> eks_;
  std::unique_ptr<service::eks_auth::EksAuth> eks_auth_;
  std::unique_ptr<service::organizations::Org> org_;
  std::unique_ptr<KubeRoom> kube_;
  std::unique_ptr<OutsideRoom> outside_;

  HealthDoor health_;
  std::unique_ptr<MetricsDoor> metrics_door_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Caretaker> caretaker_;
  std::unique_ptr<wire::Pool> pool_;
  std::unique_ptr<EndpointListeners> endpoint_listeners_;
  std::unique_ptr<wire::Server> server_, admin_server_;
};

}  // namespace gatehouse::cli

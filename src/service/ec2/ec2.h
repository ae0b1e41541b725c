// EC2, as much of it as a cluster needs to stand somewhere: each account's default VPC in each region, and
// what describes it; and VPC endpoints. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
#pragma once

#include "service/call.h"
#include "service/ec2/endpoints.h"
#include "service/ec2/network.h"

namespace gatehouse::service::ec2 {

class Ec2 {
 public:
  Ec2(store::Records& records, Random& random)
      : random_(random), networks_(records, random), endpoints_(records) {}
  Networks& networks() { return networks_; }
  Endpoints& endpoints() { return endpoints_; }
  const Endpoints& endpoints() const { return endpoints_; }
  Random& random() const { return random_; }

 private:
  Random& random_;
  Networks networks_;
  Endpoints endpoints_;
};

Service make_service(Ec2& ec2);

}  // namespace gatehouse::service::ec2

// EC2, as much of it as a cluster needs to stand somewhere: each account's default VPC in each region, and
// what describes it. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
#pragma once

#include "service/call.h"
#include "service/ec2/network.h"

namespace gatehouse::service::ec2 {

class Ec2 {
 public:
  Ec2(store::Records& records, Random& random) : networks_(records, random) {}
  Networks& networks() { return networks_; }

 private:
  Networks networks_;
};

Service make_service(Ec2& ec2);

}  // namespace gatehouse::service::ec2

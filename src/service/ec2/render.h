// The resources of a network as EC2 shows them and as its filters see them.
#pragma once

#include "service/ec2/describe.h"
#include "service/ec2/endpoints.h"
#include "service/ec2/network.h"

namespace gatehouse::service::ec2 {

Described render_vpc(const Network& n);
Described render_subnet(const Network& n, const Subnet& s);
Described render_group(const Network& n, const SecurityGroup& g);
// With the routes of gateway endpoints.
Described render_route_table(const Network& n, const std::vector<EndpointPtr>& endpoints);
Described render_internet_gateway(const Network& n);
Described render_interface(const Network& n, const Interface& i);

}  // namespace gatehouse::service::ec2

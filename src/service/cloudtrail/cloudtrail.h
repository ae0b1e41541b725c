// CloudTrail's event history: LookupEvents over the trail's management events.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
#pragma once

#include "account/trail/trail.h"
#include "service/call.h"

namespace gatehouse::service::cloudtrail {

struct CloudTrail {
  account::Trail& trail;
};

Service make_service(CloudTrail& cloudtrail);

}  // namespace gatehouse::service::cloudtrail

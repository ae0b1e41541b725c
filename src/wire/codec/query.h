// Parameters of the query protocols: "Tags.member.1.Key=a" (query), "Tag.1.Key=a" (ec2).
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html and aws-ec2-query-protocol.html
#pragma once

#include <string>

#include "base/encoding.h"
#include "base/error.h"
#include "wire/model.h"

namespace gatehouse::wire::codec {

// Refuses what has too many parts, is too deep, or is of another type. Parameters of no member are ignored,
// as IAM and STS do; ec2 refuses them.
Result<Value> read_parameters(const ServiceModel& service, const Shape& input,
                              const QueryParameters& parameters);

// "&Tags.member.1.Key=a…", to be put behind Action and Version.
std::string write_parameters(const ServiceModel& service, const Shape& input, const Value& value);

}  // namespace gatehouse::wire::codec

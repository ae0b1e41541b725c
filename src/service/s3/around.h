// What S3 does around its operations: browsers' questions, their headers, and the record of every request.
#pragma once

#include <memory>

#include "service/surroundings.h"

namespace gatehouse::service::s3 {

class S3;
std::shared_ptr<Surroundings> surroundings(S3& s3);

}  // namespace gatehouse::service::s3

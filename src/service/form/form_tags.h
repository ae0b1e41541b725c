// The tags that a form gives its object: a document, where PutObject takes a header.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/model.h"

namespace gatehouse::service {

// "a=1&b=2" of <Tagging><TagSet>…; MalformedXML.
Result<std::string> tagging_header(const wire::ServiceModel& s3, std::string_view document);

}  // namespace gatehouse::service

#pragma once

#include <string>
#include <string_view>

namespace gatehouse::wire {

// S3's second id of a request (x-amz-id-2), made of the first.
std::string host_id(std::string_view request_id);

}  // namespace gatehouse::wire

#include "service/form/form_tags.h"

#include "base/encoding.h"
#include "model/s3.h"
#include "service/call.h"
#include "wire/codec.h"

namespace gatehouse::service {

// Read as PutObjectTagging's body is.
Result<std::string> tagging_header(const wire::ServiceModel& s3, std::string_view document) {
  wire::Head head;
  head.method = "PUT";
  head.target = "/bucket/key?tagging";
  TRY(auto routed, wire::route_rest(s3, head, head.path()));
  CHECK_OK(wire::read_rest_body(s3, head, routed, document));
  std::string out;
  for (const auto& [key, value] : read_tags(routed.input[model::s3::Tagging][model::s3::TagSet])) {
    out.append(out.empty() ? "" : "&");
    out.append(percent_encode(key)).append("=").append(percent_encode(value));
  }
  return out;
}

}  // namespace gatehouse::service

// KMS's errors in its own words.
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and each operation's page
#include <fmt/format.h>

#include "service/kms/kms.h"

namespace gatehouse::service::kms {

namespace error {

Error not_found(std::string_view arn) {
  return {"NotFoundException", fmt::format("Key '{}' does not exist", arn), 400, {}};
}

Error invalid_state(std::string_view arn, std::string_view state) {
  return {"KMSInvalidStateException", fmt::format("{} is {}.", arn, state), 400, {}};
}

Error validation(std::string_view message) { return {"ValidationException", std::string(message), 400, {}}; }

Error malformed_policy(std::string_view why) {
  return {"MalformedPolicyDocumentException", std::string(why), 400, {}};
}

}  // namespace error

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
Result<void> usable(const Key& key) {
  if (key.state == State::disabled)
    return fail("DisabledException", fmt::format("{} is disabled.", key.arn()));
  if (key.state == State::pending_deletion) return fail(error::invalid_state(key.arn(), "pending deletion"));
  return {};
}

}  // namespace gatehouse::service::kms

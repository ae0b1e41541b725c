// What the pipeline says no to by itself, and what a refusal tells those who may know more.
#pragma once

#include <string>

#include "account/gate.h"
#include "identity/signature/sigv4.h"
#include "wire/http.h"
#include "wire/model.h"

namespace gatehouse::service {

// What the credentials of GetSessionToken and GetFederationToken are not good for, whatever policies say.
// `operation` may be null while it is not known.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html#sts-introduction, the comparison
Result<void> check_session_use(const account::Caller& caller, const wire::ServiceModel& service,
                               const wire::OperationModel* operation);

// S3 takes 8 KB of headers and query at most. A session's token does not count: AWS packs its own tighter.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestHeaderSectionTooLarge
Result<void> check_head_size(const wire::Head& head);

// For callers of an account that Organizations has closed. Which code each service answers then AWS does not
// document; S3's and EC2's are those of accounts out of order.
std::unexpected<Error> closed_account(identity::Family family);

// The JSON that DecodeAuthorizationMessage gives back.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
std::string decoded_message(const account::Caller& caller, const account::Requirement& requirement,
                            const account::DecisionRecord& decision);

}  // namespace gatehouse::service

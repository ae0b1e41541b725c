// The condition keys of S3 that a request gives.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
#pragma once

#include "account/gate.h"
#include "service/call.h"

namespace gatehouse::service::s3 {

// How the request was signed: s3:authType, s3:signatureversion, s3:signatureAge, s3:x-amz-content-sha256.
void add_signature_keys(const Call& call, account::Requirement& requirement);

// The headers of a write that policies can name: s3:x-amz-acl, s3:x-amz-server-side-encryption, …
void add_write_keys(const Call& call, account::Requirement& requirement);

// s3:ObjectCreationOperation, which tells the writes that make an object from those that only prepare one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
void add_creation_key(bool creates, account::Requirement& requirement);

// s3:RequestObjectTag/K and s3:RequestObjectTagKeys.
void add_request_tags(const std::vector<account::Tag>& tags, account::Requirement& requirement);

// s3:ExistingObjectTag/K.
void add_existing_tags(const std::vector<account::Tag>& tags, account::Requirement& requirement);

}  // namespace gatehouse::service::s3

// The list operations. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> list_objects_v2(S3& s3, Call& call);
Result<wire::Value> list_objects(S3& s3, Call& call);
Result<wire::Value> list_object_versions(S3& s3, Call& call);

// Keys as the request wants them: with encoding-type=url, percent-encoded as forms are.
class KeyEncoding {
 public:
  static Result<KeyEncoding> of(const wire::Value& in);
  wire::Value operator()(std::string_view key) const;
  // An echoed parameter: null where it was not sent.
  wire::Value echo(const wire::Value& sent) const { return sent ? (*this)(sent.text()) : wire::Value(); }
  wire::Value common_prefixes(const std::vector<std::string>& prefixes) const;

 private:
  bool url_ = false;
};

// Where a page of parts begins: after this one. InvalidArgument for what is no number.
Result<int> part_marker(const wire::Value& sent);

// A page's length: MaxKeys and its like, at most 1,000.
Result<size_t> page_size(const wire::Value& sent, std::string_view name);

}  // namespace gatehouse::service::s3

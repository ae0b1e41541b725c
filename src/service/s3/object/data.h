// An object's bytes, from its record or its blobs.
#pragma once

#include <memory>
#include <vector>

#include "service/s3/object/object.h"
#include "service/s3/object/preconditions.h"
#include "store/store.h"
#include "wire/http.h"

namespace gatehouse::service::s3 {

// The bytes of `range` out of the blobs, which are opened now: what replaces the object later does not touch
// them. `key`: the object's; empty where its data lie plain.
Result<std::unique_ptr<wire::BodySource>> open_segments(const store::Blobs& blobs,
                                                        const std::vector<Segment>& segments,
                                                        const std::string& key, Range range);

// The data in the record, whole.
Result<std::string> open_inline(const Object& object, const std::string& key);

}  // namespace gatehouse::service::s3

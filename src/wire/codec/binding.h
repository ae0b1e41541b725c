// Members that travel in headers, the query and the path: what rest-xml and rest-json share.
// https://smithy.io/2.0/spec/http-bindings.html
#pragma once

#include "base/encoding.h"
#include "wire/codec.h"
#include "wire/model.h"

namespace gatehouse::wire::codec {

// A header's or parameter's text as its member's value: a list is told by its commas. An error names the
// member as the protocol does.
Result<Value> read_bound(const ServiceModel& service, const MemberModel& member, std::string_view text);
std::string bound_text(const ServiceModel& service, const MemberModel& member, const Value& value);

Result<void> read_headers(const ServiceModel& service, const Shape& shape, const Headers& headers,
                          Value& out);
Result<void> read_query(const ServiceModel& service, const Shape& shape, const QueryParameters& query,
                        Value& out);

// Every member in a header, CR, LF and other controls made blanks: nothing a caller gives splits an answer.
void write_headers(const ServiceModel& service, const Shape& shape, const Value& value, Headers& headers);

// The payload member, or nullptr; and whether any member travels in the body as such.
const MemberModel* payload_of(const Shape& shape);
bool has_body_members(const Shape& shape);

}  // namespace gatehouse::wire::codec

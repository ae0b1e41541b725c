#include "service/s3/object/checksum.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "model/s3.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

namespace m = model::s3;
using Kind = Digest::Kind;

constexpr std::array<Algorithm, 5> kAlgorithms = {{
    {"CRC32", "x-amz-checksum-crc32", m::ChecksumCRC32, Kind::crc32, 4, true},
    {"CRC32C", "x-amz-checksum-crc32c", m::ChecksumCRC32C, Kind::crc32c, 4, true},
    {"CRC64NVME", "x-amz-checksum-crc64nvme", m::ChecksumCRC64NVME, Kind::crc64nvme, 8, true},
    {"SHA1", "x-amz-checksum-sha1", m::ChecksumSHA1, Kind::sha1, 20, false},
    {"SHA256", "x-amz-checksum-sha256", m::ChecksumSHA256, Kind::sha256, 32, false},
}};
constexpr const Algorithm& kDefault = kAlgorithms[2];
// Known to newer clients, not to us.
constexpr std::array<wire::Member, 5> kOthers = {m::ChecksumSHA512, m::ChecksumMD5, m::ChecksumXXHASH64,
                                                 m::ChecksumXXHASH3, m::ChecksumXXHASH128};

constexpr size_t kMd5Size = 16;

Result<void> verify_md5(std::string_view sent, std::string_view calculated) {
  const auto expected = unbase64(sent);
  if (!expected || expected->size() != kMd5Size) return fail(error::invalid_digest(sent));
  if (*expected != calculated) return fail(error::bad_digest(sent, base64(calculated)));
  return {};
}

// The members, and over them what came behind the payload.
wire::Value with_trailers(const wire::Value& in, const wire::Headers& trailers) {
  wire::Value out = in;
  for (const Algorithm& a : kAlgorithms) {
    if (const auto* value = trailers.find(a.header)) out.set(a.member, *value);
  }
  return out;
}

}  // namespace

std::span<const Algorithm> algorithms() { return kAlgorithms; }

const Algorithm* find_algorithm(std::string_view name) {
  const auto it = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  return it == kAlgorithms.end() ? nullptr : &*it;
}

void want_checksums(const wire::Head& head, Upload& upload) {
  const std::string_view named = head.headers.get("x-amz-sdk-checksum-algorithm");
  const std::string_view trailer = head.headers.get("x-amz-trailer");
  bool any = false;
  for (const Algorithm& a : kAlgorithms) {
    if (head.headers.find(a.header) == nullptr && named != a.name && trailer != a.header) continue;
    upload.want(a.kind);
    any = true;
  }
  if (!any) upload.want(kDefault.kind);
}

Result<Checksum> given_checksum(const wire::Value& in) {
  Checksum given;
  for (const wire::Member other : kOthers) {
    if (in[other]) return fail(error::not_implemented("x-amz-checksum-*"));
  }
  for (const Algorithm& a : kAlgorithms) {
    const auto& value = in[a.member];
    if (!value) continue;
    if (given) {
      return fail(error::invalid_request(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."));
    }
    const auto bytes = unbase64(value.text());
    if (!bytes || bytes->size() != a.size)
      return fail(error::invalid_request(fmt::format("Value for {} header is invalid.", a.header)));
    given = {std::string(a.name), std::string(value.text()), false};
  }
  return given;
}

Result<Checksum> verify_payload(const Call& call, Upload& upload) {
  const wire::Value& in = call.in;
  if (const auto& sent = in[m::ContentMD5]) CHECK_OK(verify_md5(sent.text(), upload.digest(Kind::md5)));
  TRY(auto given, given_checksum(call.trailers.fields.empty() ? in : with_trailers(in, call.trailers)));
  if (given) {
    const std::string calculated = base64(upload.digest(find_algorithm(given.algorithm)->kind));
    if (calculated != given.value) return fail(error::bad_checksum(given.algorithm));
    return given;
  }
  if (in[m::ChecksumAlgorithm]) {
    return fail(error::invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
        "headers were found."));
  }
  const std::string calculated = upload.digest(kDefault.kind);
  if (calculated.empty()) return Checksum{};
  return Checksum{std::string(kDefault.name), base64(calculated), false};
}

Result<void> verify_body(const wire::Head& head, std::string_view body) {
  if (const auto* sent = head.headers.find("content-md5")) CHECK_OK(verify_md5(*sent, md5(body)));
  for (const Algorithm& a : kAlgorithms) {
    const auto* sent = head.headers.find(a.header);
    if (sent == nullptr) continue;
    Digest digest(a.kind);
    digest.update(body);
    if (base64(digest.finish()) != *sent) return fail(error::bad_checksum(a.name));
  }
  return {};
}

void set_checksum(wire::Value& out, const Checksum& checksum) {
  if (const Algorithm* a = find_algorithm(checksum.algorithm)) {
    out.set(a->member, checksum.value);
    out.set(m::ChecksumType, checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
  }
}

}  // namespace gatehouse::service::s3

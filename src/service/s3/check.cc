#include "service/s3/check.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/encoding.h"
#include "service/s3/bucket/names.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/data.h"
#include "service/s3/object/sealing.h"
#include "store/sealed_blobs.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kPiece = 256 * 1024;
using Kind = Finding::Kind;

struct Place {
  BucketPtr bucket;
  std::string_view rest;  // of the record's name
};

// Digests of the whole and of each part, taken in one reading.
class Sums {
 public:
  explicit Sums(const Object& object)
      : object_(object), algorithm_(find_algorithm(object.checksum.algorithm)) {
    whole_md5_.emplace(Digest::Kind::md5);
    if (algorithm_ != nullptr) whole_.emplace(algorithm_->kind);
    begin_part();
  }

  void update(std::string_view data) {
    whole_md5_->update(data);
    if (whole_) whole_->update(data);
    size_ += data.size();
    while (!data.empty() && part_ < object_.parts.size()) {
      const auto taken = data.substr(0, static_cast<size_t>(std::min<std::uint64_t>(data.size(), left_)));
      part_md5_->update(taken);
      if (part_sum_) part_sum_->update(taken);
      left_ -= taken.size();
      data.remove_prefix(taken.size());
      if (left_ == 0) end_part();
    }
  }

  // Empty where everything is as it was written.
  std::string verdict() {
    while (part_ < object_.parts.size() && left_ == 0) end_part();
    if (size_ != object_.size) return fmt::format("has {} bytes and not {}", size_, object_.size);
    if (!wrong_.empty()) return wrong_;
    const bool opaque = object_.sealing.algorithm != "AES256";
    const std::string etag = object_.parts.empty()
                                 ? hex(whole_md5_->finish())
                                 : fmt::format("{}-{}", hex(md5(part_md5s_)), object_.parts.size());
    if (!opaque && etag != object_.etag) return "differs from its ETag";
    if (!whole_) return "";
    const std::string sum = object_.checksum.composite ? composite() : base64(whole_->finish());
    return sum == object_.checksum.value ? "" : fmt::format("differs from its {}", algorithm_->name);
  }

 private:
  void begin_part() {
    if (part_ == object_.parts.size()) return;
    left_ = object_.parts[part_].size;
    part_md5_.emplace(Digest::Kind::md5);
    if (algorithm_ != nullptr) part_sum_.emplace(algorithm_->kind);
  }

  void end_part() {
    const Part& part = object_.parts[part_++];
    part_md5s_ += part_md5_->finish();
    if (part_sum_) {
      const std::string sum = part_sum_->finish();
      part_sums_ += sum;
      if (!part.checksum.empty() && base64(sum) != part.checksum && wrong_.empty())
        wrong_ = fmt::format("part {} differs from its {}", part.number, algorithm_->name);
    }
    begin_part();
  }

  std::string composite() const {
    Digest digest(algorithm_->kind);
    digest.update(part_sums_);
    return fmt::format("{}-{}", base64(digest.finish()), object_.parts.size());
  }

  const Object& object_;
  const Algorithm* algorithm_;
  std::optional<Digest> whole_md5_, whole_, part_md5_, part_sum_;
  std::uint64_t size_ = 0, left_ = 0;
  size_t part_ = 0;
  std::string part_md5s_, part_sums_, wrong_;
};

class Check {
 public:
  Check(S3& s3, const std::function<void(const Finding&)>& report) : s3_(s3), report_(report) {}

  Result<Checked> run() {
    CHECK_OK(s3_.blobs().visit([this](std::string_view id, std::uint64_t size) {
      blobs_.emplace(id, size);
      ++checked_.blobs;
    }));
    CHECK_OK(each("upload/", [this](const Place& at, std::string_view, Object object) {
      if (const auto name = unescaped(at.rest))
        uploads_[std::string(name->rest)] = {name->key, std::move(object.sealing)};
    }));
    CHECK_OK(each("object/", [this](const Place& at, std::string_view, Object object) {
      version(at, std::string(at.rest), object);
    }));
    CHECK_OK(each("version/", [this](const Place& at, std::string_view record, Object object) {
      const auto name = unescaped(at.rest);
      if (!name) return found(Kind::unreadable, record, "is no name of a version");
      version(at, name->key, object);
    }));
    CHECK_OK(each("part/", [this](const Place& at, std::string_view record, Object object) {
      part(at, record, object);
    }));
    for (const auto& [id, size] : blobs_) {
      if (!named_.contains(id)) found(Kind::orphan, id, fmt::format("{} bytes, named by no record", size));
    }
    return checked_;
  }

 private:
  struct Upload {
    std::string key;
    Sealing sealing;
  };

  void found(Kind kind, std::string_view where, std::string_view what) {
    report_({kind, std::string(where), std::string(what)});
  }

  // Every record of a kind that reads, and the bucket it is of.
  Result<void> each(std::string_view kind,
                    const std::function<void(const Place&, std::string_view, Object)>& take) {
    return s3_.records().visit(
        kind, "", [&](std::string_view record, std::string_view value, store::Revision revision) {
          auto object = object_from_record(value, revision);
          const auto at = place(record);
          if (!object || !at) {
            found(Kind::unreadable, record, object ? "belongs to no bucket" : "does not read");
          } else {
            take(*at, record, std::move(*object));
          }
          return true;
        });
  }

  // KIND/ACCOUNT/REGION/BUCKET/rest
  std::optional<Place> place(std::string_view record) const {
    std::string_view bucket;
    for (int i = 0; i < 4; ++i) {
      const auto slash = record.find('/');
      if (slash == std::string_view::npos) return std::nullopt;
      bucket = record.substr(0, slash);
      record.remove_prefix(slash + 1);
    }
    auto there = s3_.buckets().find(bucket);
    if (there == nullptr) return std::nullopt;
    return Place{std::move(there), record};
  }

  void version(const Place& at, const std::string& key, const Object& object) {
    if (object.marker) return;
    ++checked_.versions;
    std::string where = at.bucket->name + "/" + key;
    if (!object.version.empty()) where += " version " + object.version;
    contents(*at.bucket, key, where, object, object.sealing);
  }

  void part(const Place& at, std::string_view record, const Object& object) {
    ++checked_.parts;
    const auto slash = at.rest.find('/');
    const auto upload = uploads_.find(std::string(at.rest.substr(0, slash)));
    if (slash == std::string_view::npos || upload == uploads_.end())
      return found(Kind::unreadable, record, "is a part of no upload");
    const auto& [key, sealing] = upload->second;
    const std::string where = fmt::format("{}/{} part {}", at.bucket->name, key, at.rest.substr(slash + 1));
    Object as_written = object;
    as_written.sealing = sealing;
    contents(*at.bucket, key, where, as_written, sealing);
  }

  void contents(const Bucket& bucket, const std::string& key, const std::string& where, const Object& object,
                const Sealing& sealing) {
    if (!check_blobs(where, object, sealing)) return;
    checked_.bytes += object.size;
    if (!sealing.customer_md5.empty())
      return found(Kind::unchecked, where, "only its customer's key opens it");
    const auto opened = stored_key(s3_, bucket, key, sealing);
    if (!opened) {
      const bool by_kms = opened.error().code.starts_with("KMS.");
      return found(by_kms ? Kind::unchecked : Kind::damaged, where,
                   by_kms ? opened.error().message : "its key does not open");
    }
    const auto verdict = read(object, *opened);
    if (!verdict) return found(Kind::damaged, where, "its data do not open");
    if (!verdict->empty()) found(Kind::damaged, where, *verdict);
  }

  // That they are there, and as long as they have to be.
  bool check_blobs(const std::string& where, const Object& object, const Sealing& sealing) {
    bool good = true;
    for (const Segment& segment : object.segments) {
      named_.insert(segment.blob);
      const auto blob = blobs_.find(segment.blob);
      if (blob == blobs_.end()) {
        found(Kind::missing, where, fmt::format("its blob {} is not there", segment.blob));
        good = false;
        continue;
      }
      const std::uint64_t size = sealing.wrapped.empty() ? segment.size : store::sealed_size(segment.size);
      if (blob->second == size) continue;
      found(Kind::damaged, where,
            fmt::format("its blob {} has {} bytes and not {}", segment.blob, blob->second, size));
      good = false;
    }
    return good;
  }

  Result<std::string> read(const Object& object, const std::string& key) const {
    Sums sums(object);
    if (object.segments.empty()) {
      TRY(const auto data, open_inline(object, key));
      sums.update(data);
      return sums.verdict();
    }
    TRY(const auto source, open_segments(s3_.blobs(), object.segments, key, Range{0, object.size - 1}));
    std::string piece(kPiece, '\0');
    while (true) {
      TRY(const size_t got, source->read(piece));
      if (got == 0) return sums.verdict();
      sums.update(std::string_view(piece).substr(0, got));
    }
  }

  S3& s3_;
  const std::function<void(const Finding&)>& report_;
  Checked checked_;
  std::map<std::string, std::uint64_t, std::less<>> blobs_;
  std::set<std::string, std::less<>> named_;
  std::map<std::string, Upload> uploads_;
};

}  // namespace

std::string_view to_string(Finding::Kind kind) {
  switch (kind) {
    case Kind::unreadable:
      return "unreadable";
    case Kind::missing:
      return "missing";
    case Kind::damaged:
      return "damaged";
    case Kind::unchecked:
      return "unchecked";
    case Kind::orphan:
      break;
  }
  return "orphan";
}

Result<Checked> check_everything(S3& s3, const std::function<void(const Finding&)>& report) {
  return Check(s3, report).run();
}

}  // namespace gatehouse::service::s3

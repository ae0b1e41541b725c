// Object Lock: versions that nobody may remove before their time.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
//
// A version has a retention (a mode and a date), a legal hold, both, or neither. In governance mode those who
// may bypass it can, and say so in a header; in compliance mode nobody can. A bucket may give new versions a
// retention. Whether a version may go is asked where it goes (Index), so that no lock comes too late.
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

// What a write asks for its version, or else what the bucket gives it. Checked: mode, date, the bucket.
Result<Lock> lock_for_write(const S3& s3, const Call& call, const Bucket& bucket);
// The bucket's default retention, where the lock has none.
void give_default(const Bucket& bucket, Time now, Lock& lock);
// A locked version's data must have been checked on the way. `what`: "Put Object".
Result<void> check_integrity_sent(const Call& call, const Lock& lock, std::string_view what);

// Whether x-amz-bypass-governance-retention is set. InvalidArgument in a bucket without Object Lock.
Result<bool> asked_to_bypass(const Call& call, const Bucket& bucket);
// Adds s3:BypassGovernanceRetention where the version cannot be touched without it; returns whether it did.
bool need_bypass(const Call& call, const Bucket& bucket, std::string_view key, const Object& object,
                 Requirements& requirements);
// AccessDenied where the version is held; `bypass`: its governance does not count, as was decided.
Condition removable(Time now, bool bypass);

// The headers of GET and HEAD, for those who may read them.
void set_lock(wire::Value& out, const S3& s3, Call& call, const Object& object);

Result<Requirements> needs_put_retention(S3& s3, Call& call);
Result<Requirements> needs_put_legal_hold(S3& s3, Call& call);
// s3:object-lock-remaining-retention-days
void add_remaining_days(const Call& call, Time until, account::Requirement& requirement);

Result<wire::Value> put_object_lock_configuration(S3& s3, Call& call);
Result<wire::Value> get_object_lock_configuration(S3& s3, Call& call);
Result<wire::Value> put_object_retention(S3& s3, Call& call);
Result<wire::Value> get_object_retention(S3& s3, Call& call);
Result<wire::Value> put_object_legal_hold(S3& s3, Call& call);
Result<wire::Value> get_object_legal_hold(S3& s3, Call& call);

}  // namespace gatehouse::service::s3

#include "service/s3control/s3control.h"

#include "model/s3-control.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3control {
namespace {

namespace m = model::s3_control;
using s3::PublicAccessBlock;
using s3::S3;

// The account's own principals decide, by policies that name no resource; of other accounts nobody does.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
Result<Requirements> needs_account(S3&, Call& call) {
  const std::string_view account = call.in[m::AccountId].text();
  if (account.size() != 12 || account.find_first_not_of("0123456789") != std::string_view::npos) {
    return fail(s3::error::invalid_request("Invalid account id."));
  }
  account::Requirement r;
  r.resource_account = account;
  r.key("s3:ResourceAccount", std::string(account));
  return Requirements{std::move(r)};
}

Result<wire::Value> get_public_access_block(S3& s3, Call& call) {
  const auto block = s3.buckets().account_blocks().find(call.in[m::AccountId].text());
  if (!block) {
    return fail("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found",
                404);
  }
  return wire::structure({{m::PublicAccessBlockConfiguration, s3::public_access_value(*block)}});
}

Result<wire::Value> put_public_access_block(S3& s3, Call& call) {
  const auto block = s3::read_public_access(call.in[m::PublicAccessBlockConfiguration]);
  CHECK_OK(s3.buckets().account_blocks().put(call.in[m::AccountId].text(), block));
  return wire::Value();
}

Result<wire::Value> delete_public_access_block(S3& s3, Call& call) {
  CHECK_OK(s3.buckets().account_blocks().put(call.in[m::AccountId].text(), std::nullopt));
  return wire::Value();
}

const Row<S3> kRows[] = {
    {"GetPublicAccessBlock", get_public_access_block,
     resolved<S3>(needs_account, "s3:GetAccountPublicAccessBlock"), Blocking::no},
    {"PutPublicAccessBlock", put_public_access_block,
     resolved<S3>(needs_account, "s3:PutAccountPublicAccessBlock")},
    {"DeletePublicAccessBlock", delete_public_access_block,
     resolved<S3>(needs_account, "s3:PutAccountPublicAccessBlock")},
};

}  // namespace

Service make_service(S3& s3) { return Service("s3control", s3, std::span<const Row<S3>>(kRows)); }

}  // namespace gatehouse::service::s3control

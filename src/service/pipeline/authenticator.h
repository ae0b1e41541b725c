// Who signed a request: the claim in its head, the secret behind the claim, the caller behind the secret.
#pragma once

#include <string>
#include <string_view>

#include "account/sessions.h"
#include "identity/signature/sigv4.h"
#include "wire/http.h"
#include "wire/model.h"

namespace gatehouse::service {

using identity::Claim;
using identity::Family;

Family family_of(const wire::ServiceModel& model);

// The service in the credential's scope, wherever it stands; empty without one.
std::string scope_service(const wire::Head& head);

class Authenticator {
 public:
  explicit Authenticator(const account::Sessions& sessions) : sessions_(sessions) {}

  // Checks the signature and returns who made it. `body_hash`: hex(sha256(body)); S3 declares its own.
  Result<account::Caller> caller_of(const Claim& claim, const wire::Head& head, std::string_view body_hash,
                                    Time now, Family family) const;
  // The same, and the key that signed, for the chunks that follow.
  struct Signer {
    account::Caller caller;
    Sha256 signing_key;
  };
  Result<Signer> signer_of(const Claim& claim, const wire::Head& head, std::string_view body_hash, Time now,
                           Family family) const;
  // Of a form, by its policy.
  Result<account::Caller> signer_of_form(const Claim& claim, std::string_view encoded_policy) const;

 private:
  const account::Sessions& sessions_;
  mutable identity::SigningKeys keys_;
};

}  // namespace gatehouse::service

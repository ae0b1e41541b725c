// Console passwords: nobody signs in with one here, but who may set one, and what it must be like, holds.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "service/iam/principals/principals.h"

namespace gatehouse::service::iam {
namespace {

constexpr int kIterations = 20'000;
constexpr int kDefaultLength = 8;
constexpr size_t kLongestPassword = 128;

std::string hash_of(std::string_view password, std::string_view salt) {
  std::string out(32, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                    kIterations, EVP_sha256(), static_cast<int>(out.size()),
                    reinterpret_cast<unsigned char*>(out.data()));
  return hex(out);
}

std::unexpected<Error> violation(std::string message) {
  return fail("PasswordPolicyViolation", std::move(message), 400);
}

bool has(std::string_view text, int (*is)(int)) {
  return std::any_of(text.begin(), text.end(), [is](unsigned char c) { return is(c) != 0; });
}

// Without a policy of its own an account has AWS's: eight characters, three of the four kinds.
Result<void> check_password(const account::PasswordPolicy& policy, std::string_view password) {
  const bool upper = has(password, std::isupper), lower = has(password, std::islower),
             digit = has(password, std::isdigit), symbol = has(password, std::ispunct);
  const int shortest = policy.set ? policy.minimum_length : kDefaultLength;
  if (password.size() < static_cast<size_t>(shortest))
    return violation(fmt::format("Password should have a minimum length of {}", shortest));
  if (password.size() > kLongestPassword)
    return error::validation("Password must have length less than or equal to 128");
  if (!policy.set) {
    if (upper + lower + digit + symbol < 3)
      return violation("Password should have at least three of: uppercase, lowercase, numbers, symbols");
    return {};
  }
  if (policy.upper && !upper) return violation("Password should have at least one uppercase letter");
  if (policy.lower && !lower) return violation("Password should have at least one lowercase letter");
  if (policy.numbers && !digit) return violation("Password should have at least one number");
  if (policy.symbols && !symbol) return violation("Password should have at least one symbol");
  return {};
}

// The salt stays with the user, so that earlier passwords can be recognised.
Result<void> set_password(const Iam& iam, account::User& user, std::string_view password, Time now) {
  const account::PasswordPolicy& policy = iam.directory.account(user.account)->passwords;
  CHECK_OK(check_password(policy, password));
  account::LoginProfile& login = user.login;
  if (login.salt.empty()) login.salt = iam.random.hex(32);
  std::string hash = hash_of(password, login.salt);
  auto& earlier = login.earlier;
  if (std::find(earlier.begin(), earlier.end(), hash) != earlier.end() && policy.reuse_prevention > 0)
    return violation("Password was used before and cannot be reused");
  const auto keep = static_cast<size_t>(std::max(policy.reuse_prevention, 0));
  earlier.insert(earlier.begin(), hash);
  if (earlier.size() > keep) earlier.resize(keep);
  login.hash = std::move(hash);
  login.changed = now;
  return {};
}

std::unexpected<Error> no_profile(const account::User& user) {
  return error::no_such_entity(fmt::format("Login Profile for User {} cannot be found.", user.name));
}

wire::Value profile_value(const account::User& user) {
  return wire::structure(
      {{m::LoginProfile, wire::structure({{m::UserName, user.name},
                                          {m::CreateDate, user.login.created},
                                          {m::PasswordResetRequired, user.login.reset_required}})}});
}

}  // namespace

Result<wire::Value> create_login_profile(Iam& iam, Call& call) {
  TRY(account::User user, pinned<account::User>(call));
  if (!user.login.hash.empty())
    return error::already_exists(fmt::format("Login Profile for user {} already exists.", user.name));
  user.login = {};
  CHECK_OK(set_password(iam, user, call.in[m::Password].text(), call.now()));
  user.login.created = call.now();
  user.login.reset_required = call.in[m::PasswordResetRequired].boolean();
  CHECK_OK(save(iam, user));
  return profile_value(user);
}

Result<wire::Value> get_login_profile(Iam&, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  if (user.login.hash.empty()) return no_profile(user);
  return profile_value(user);
}

Result<wire::Value> update_login_profile(Iam& iam, Call& call) {
  TRY(account::User user, pinned<account::User>(call));
  if (user.login.hash.empty()) return no_profile(user);
  if (call.in[m::Password]) CHECK_OK(set_password(iam, user, call.in[m::Password].text(), call.now()));
  if (call.in[m::PasswordResetRequired])
    user.login.reset_required = call.in[m::PasswordResetRequired].boolean();
  return save(iam, std::move(user));
}

Result<wire::Value> delete_login_profile(Iam& iam, Call& call) {
  TRY(account::User user, pinned<account::User>(call));
  if (user.login.hash.empty()) return no_profile(user);
  user.login = {};
  return save(iam, std::move(user));
}

// One's own, by the old one. A password policy that lets users change theirs is permission enough.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html
Result<Requirements> at_own_password(Iam& iam, Call& call) {
  TRY(Requirements requirements, at<account::User>(iam, call));
  if (call.caller.type == policy::PrincipalType::user &&
      iam.directory.account(call.account)->passwords.users_may_change) {
    requirements.clear();
  }
  return requirements;
}

Result<wire::Value> change_password(Iam& iam, Call& call) {
  if (call.caller.type != policy::PrincipalType::user)
    return fail("InvalidUserType", "Only IAM Users can change their own password.", 400);
  TRY(account::User user, pinned<account::User>(call));
  if (user.login.hash.empty()) return no_profile(user);
  if (!equal_constant_time(hash_of(call.in[m::OldPassword].text(), user.login.salt), user.login.hash))
    return fail("AccessDenied", "The old password was incorrect.", 403);
  CHECK_OK(set_password(iam, user, call.in[m::NewPassword].text(), call.now()));
  user.login.reset_required = false;
  return save(iam, std::move(user));
}

namespace {

Result<int> number_in(const wire::Value& value, std::string_view field, int from, int to, int otherwise) {
  const std::int64_t number = value.number(otherwise);
  if (value && (number < from || number > to)) {
    return error::constraint(std::to_string(number), field,
                             number < from
                                 ? fmt::format("Member must have value greater than or equal to {}", from)
                                 : fmt::format("Member must have value less than or equal to {}", to));
  }
  return static_cast<int>(number);
}

}  // namespace

// What is not sent gets its default: there is no partial update.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
Result<wire::Value> update_account_password_policy(Iam& iam, Call& call) {
  account::Account account = *iam.directory.account(call.account);
  account::PasswordPolicy policy;
  policy.set = true;
  TRY(policy.minimum_length,
      number_in(call.in[m::MinimumPasswordLength], "minimumPasswordLength", 6, 128, 6));
  TRY(policy.max_age_days, number_in(call.in[m::MaxPasswordAge], "maxPasswordAge", 1, 1095, 0));
  TRY(policy.reuse_prevention,
      number_in(call.in[m::PasswordReusePrevention], "passwordReusePrevention", 1, 24, 0));
  policy.symbols = call.in[m::RequireSymbols].boolean();
  policy.numbers = call.in[m::RequireNumbers].boolean();
  policy.upper = call.in[m::RequireUppercaseCharacters].boolean();
  policy.lower = call.in[m::RequireLowercaseCharacters].boolean();
  policy.users_may_change = call.in[m::AllowUsersToChangePassword].boolean();
  policy.hard_expiry = call.in[m::HardExpiry].boolean();
  account.passwords = policy;
  return save(iam, std::move(account));
}

Result<wire::Value> get_account_password_policy(Iam& iam, Call& call) {
  const account::PasswordPolicy policy = iam.directory.account(call.account)->passwords;
  if (!policy.set) {
    return error::no_such_entity(
        fmt::format("The Password Policy with domain name {} cannot be found.", call.account));
  }
  wire::Value out = wire::structure({{m::MinimumPasswordLength, policy.minimum_length},
                                     {m::RequireSymbols, policy.symbols},
                                     {m::RequireNumbers, policy.numbers},
                                     {m::RequireUppercaseCharacters, policy.upper},
                                     {m::RequireLowercaseCharacters, policy.lower},
                                     {m::AllowUsersToChangePassword, policy.users_may_change},
                                     {m::ExpirePasswords, policy.max_age_days > 0}});
  if (policy.max_age_days > 0)
    out.set(m::MaxPasswordAge, policy.max_age_days).set(m::HardExpiry, policy.hard_expiry);
  if (policy.reuse_prevention > 0) out.set(m::PasswordReusePrevention, policy.reuse_prevention);
  return wire::structure({{m::PasswordPolicy, std::move(out)}});
}

Result<wire::Value> delete_account_password_policy(Iam& iam, Call& call) {
  account::Account account = *iam.directory.account(call.account);
  if (!account.passwords.set) {
    return error::no_such_entity(fmt::format("The account policy with name PasswordPolicy cannot be found."));
  }
  account.passwords = {};
  return save(iam, std::move(account));
}

}  // namespace gatehouse::service::iam

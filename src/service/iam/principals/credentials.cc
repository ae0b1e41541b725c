// What a user has besides access keys and a password: SSH public keys, signing certificates, and names and
// passwords for single services. No service here takes them; they are kept, listed and switched as IAM does.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
#include "base/encoding.h"
#include "base/hash.h"
#include "service/iam/principals/principals.h"
#include "service/iam/principals/ssh_key.h"
#include "service/iam/providers/providers.h"

namespace gatehouse::service::iam {
namespace {

using account::User;
using account::UserCredential;

// Where each kind is kept, how a request names one, and how it is shown.
struct SshKeys {
  static constexpr auto of = &User::ssh_keys;
  static constexpr wire::Member id = m::SSHPublicKeyId, list = m::SSHPublicKeys;
  static constexpr size_t most = 5;
  static constexpr std::string_view quota = "SSHPublicKeysPerUser", word = "SSH Public Key";
  static wire::Value entry(const User& user, const UserCredential& c) {
    return wire::structure({{m::UserName, user.name},
                            {m::SSHPublicKeyId, c.id},
                            {m::Status, c.active ? "Active" : "Inactive"},
                            {m::UploadDate, c.created}});
  }
};
struct Certificates {
  static constexpr auto of = &User::certificates;
  static constexpr wire::Member id = m::CertificateId, list = m::Certificates;
  static constexpr size_t most = 2;
  static constexpr std::string_view quota = "SigningCertificatesPerUser", word = "Certificate";
  static wire::Value entry(const User& user, const UserCredential& c) {
    return wire::structure({{m::UserName, user.name},
                            {m::CertificateId, c.id},
                            {m::CertificateBody, c.text},
                            {m::Status, c.active ? "Active" : "Inactive"},
                            {m::UploadDate, c.created}});
  }
};
struct ServiceCredentials {
  static constexpr auto of = &User::service_credentials;
  static constexpr wire::Member id = m::ServiceSpecificCredentialId;
  static constexpr size_t most = 2;  // for each service
  static constexpr std::string_view quota = "ServiceSpecificCredentialsPerUser",
                                    word = "Service Specific Credential";
  static wire::Value entry(const User& user, const UserCredential& c) {
    return wire::structure({{m::UserName, user.name},
                            {m::ServiceName, c.service},
                            {m::ServiceUserName, c.login},
                            {m::ServiceSpecificCredentialId, c.id},
                            {m::Status, c.active ? "Active" : "Inactive"},
                            {m::CreateDate, c.created}});
  }
};

constexpr std::string_view kServices[] = {"codecommit.amazonaws.com", "cassandra.amazonaws.com"};

template <typename Kind>
Result<UserCredential*> named(User& user, const Call& call) {
  const std::string_view id = call.in[Kind::id].text();
  for (UserCredential& c : user.*Kind::of)
    if (c.id == id) return &c;
  return error::no_such_entity(fmt::format("The {} with id {} cannot be found.", Kind::word, id));
}

template <typename Kind>
Result<void> add(User& user, UserCredential credential) {
  auto& all = user.*Kind::of;
  const auto same = static_cast<size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& c) { return c.service == credential.service; }));
  if (same >= Kind::most)
    return error::limit_exceeded(fmt::format("Cannot exceed quota for {}: {}", Kind::quota, Kind::most));
  all.push_back(std::move(credential));
  return {};
}

template <typename Kind>
Result<wire::Value> list_all(Iam&, Call& call) {
  TRY(const User user, pinned<User>(call));
  return page(call, user.*Kind::of, Kind::list, [&](const auto& c) { return Kind::entry(user, c); });
}

template <typename Kind>
Result<wire::Value> update(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  TRY(UserCredential* const credential, named<Kind>(user, call));
  const std::string_view status = call.in[m::Status].text();
  if (status != "Active" && status != "Inactive")
    return error::not_one_of(status, "status", "Active, Inactive");
  credential->active = status == "Active";
  return save(iam, std::move(user));
}

template <typename Kind>
Result<wire::Value> remove(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  TRY(const UserCredential* const credential, named<Kind>(user, call));
  std::erase_if(user.*Kind::of, [&](const auto& c) { return &c == credential; });
  return save(iam, std::move(user));
}

Result<void> check_service(std::string_view service) {
  if (std::find(std::begin(kServices), std::end(kServices), service) != std::end(kServices)) return {};
  return fail("NotSupportedService", fmt::format("Service {} is not supported.", service), 404);
}

// The user's name, with a number where it is taken, at the account's.
std::string login_of(const User& user, std::string_view service) {
  for (int n = 0;; ++n) {
    std::string login = n == 0 ? fmt::format("{}-at-{}", user.name, user.account)
                               : fmt::format("{}+{}-at-{}", user.name, n, user.account);
    const bool taken = std::any_of(user.service_credentials.begin(), user.service_credentials.end(),
                                   [&](const auto& c) { return c.service == service && c.login == login; });
    if (!taken) return login;
  }
}

// A new password: what is told once, and what is kept.
std::string set_password(const Iam& iam, UserCredential& credential) {
  const std::string password = base64(iam.random.bytes(32)), salt = iam.random.bytes(16);
  credential.text = hex(salt) + hex(as_bytes(sha256(salt + password)));
  return password;
}

wire::Value with_password(const User& user, const UserCredential& credential, const std::string& password) {
  wire::Value value = ServiceCredentials::entry(user, credential);
  value.set(m::ServicePassword, wire::Value(password));
  return wire::structure({{m::ServiceSpecificCredential, std::move(value)}});
}

}  // namespace

Result<wire::Value> upload_ssh_public_key(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  TRY(SshKey key, read_ssh_key(call.in[m::SSHPublicKeyBody].text()));
  const bool there = std::any_of(user.ssh_keys.begin(), user.ssh_keys.end(),
                                 [&](const auto& c) { return c.fingerprint == key.fingerprint; });
  if (there) {
    return fail(
        "DuplicateSSHPublicKey",
        "The request was rejected because the SSH public key is already associated with the specified "
        "IAM user.",
        400);
  }
  UserCredential credential{
      unique_id(iam.random, "APKA"), std::move(key.pem), "", "", key.fingerprint, true, call.now()};
  CHECK_OK(add<SshKeys>(user, credential));
  wire::Value value = SshKeys::entry(user, credential);
  value.set(m::SSHPublicKeyBody, call.in[m::SSHPublicKeyBody].text()).set(m::Fingerprint, key.fingerprint);
  CHECK_OK(save(iam, std::move(user)));
  return wire::structure({{m::SSHPublicKey, std::move(value)}});
}

Result<wire::Value> get_ssh_public_key(Iam&, Call& call) {
  TRY(User user, pinned<User>(call));
  TRY(const UserCredential* const credential, named<SshKeys>(user, call));
  const std::string_view encoding = call.in[m::Encoding].text();
  if (encoding != "SSH" && encoding != "PEM") {
    return fail("UnrecognizedPublicKeyEncoding",
                "The public key encoding format is unsupported or unrecognized.", 400);
  }
  TRY(const SshKey key, read_ssh_key(credential->text));
  wire::Value value = SshKeys::entry(user, *credential);
  value.set(m::SSHPublicKeyBody, encoding == "PEM" ? key.pem : key.openssh)
      .set(m::Fingerprint, key.fingerprint);
  return wire::structure({{m::SSHPublicKey, std::move(value)}});
}

Result<wire::Value> list_ssh_public_keys(Iam& iam, Call& call) { return list_all<SshKeys>(iam, call); }
Result<wire::Value> update_ssh_public_key(Iam& iam, Call& call) { return update<SshKeys>(iam, call); }
Result<wire::Value> delete_ssh_public_key(Iam& iam, Call& call) { return remove<SshKeys>(iam, call); }

Result<wire::Value> upload_signing_certificate(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  const std::string_view pem = call.in[m::CertificateBody].text();
  TRY(const std::string print, certificate_fingerprint(pem));
  const bool there = std::any_of(user.certificates.begin(), user.certificates.end(),
                                 [&](const auto& c) { return c.fingerprint == print; });
  if (there) {
    return fail("DuplicateCertificate",
                "The request was rejected because the same certificate is associated with an IAM user in the "
                "account.",
                409);
  }
  // Thirty-two letters and digits.
  UserCredential credential{unique_id(iam.random, "").substr(0, 16) + unique_id(iam.random, "").substr(0, 16),
                            std::string(pem),
                            "",
                            "",
                            print,
                            true,
                            call.now()};
  CHECK_OK(add<Certificates>(user, credential));
  wire::Value value = Certificates::entry(user, credential);
  CHECK_OK(save(iam, std::move(user)));
  return wire::structure({{m::Certificate, std::move(value)}});
}

Result<wire::Value> list_signing_certificates(Iam& iam, Call& call) {
  return list_all<Certificates>(iam, call);
}
Result<wire::Value> update_signing_certificate(Iam& iam, Call& call) {
  return update<Certificates>(iam, call);
}
Result<wire::Value> delete_signing_certificate(Iam& iam, Call& call) {
  return remove<Certificates>(iam, call);
}

Result<wire::Value> create_service_specific_credential(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  const std::string service(call.in[m::ServiceName].text());
  CHECK_OK(check_service(service));
  UserCredential credential{
      unique_id(iam.random, "ACCA"), "", service, login_of(user, service), "", true, call.now()};
  const std::string password = set_password(iam, credential);
  CHECK_OK(add<ServiceCredentials>(user, credential));
  wire::Value value = with_password(user, credential, password);
  CHECK_OK(save(iam, std::move(user)));
  return value;
}

Result<wire::Value> reset_service_specific_credential(Iam& iam, Call& call) {
  TRY(User user, pinned<User>(call));
  TRY(UserCredential* const credential, named<ServiceCredentials>(user, call));
  const std::string password = set_password(iam, *credential);
  wire::Value value = with_password(user, *credential, password);
  CHECK_OK(save(iam, std::move(user)));
  return value;
}

Result<wire::Value> list_service_specific_credentials(Iam&, Call& call) {
  TRY(User user, pinned<User>(call));
  const std::string_view service = call.in[m::ServiceName].text();
  if (!service.empty()) CHECK_OK(check_service(service));
  std::erase_if(user.service_credentials,
                [&](const auto& c) { return !service.empty() && c.service != service; });
  wire::Value::List list;
  for (const UserCredential& c : user.service_credentials) list.push_back(ServiceCredentials::entry(user, c));
  return wire::structure({{m::ServiceSpecificCredentials, std::move(list)}});
}

Result<wire::Value> update_service_specific_credential(Iam& iam, Call& call) {
  return update<ServiceCredentials>(iam, call);
}
Result<wire::Value> delete_service_specific_credential(Iam& iam, Call& call) {
  return remove<ServiceCredentials>(iam, call);
}

}  // namespace gatehouse::service::iam

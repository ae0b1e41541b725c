// Server certificates: kept for the services that would serve them.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "base/encoding.h"
#include "base/time.h"
#include "service/iam/providers/providers.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::string_view kCertificateId = "ASCA";

Bio reader(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
}

Result<Certificate> certificate_in(std::string_view pem, std::string_view what) {
  Certificate read(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr), &X509_free);
  if (!read)
    return fail("MalformedCertificate",
                fmt::format("Unable to parse {}. Please make sure it is in PEM format.", what), 400);
  return read;
}

Time expiry_of(const Certificate& certificate) {
  std::tm broken{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &broken);
  return from_unix_seconds(::timegm(&broken));
}

// The body and the private key belong together, the chain reads.
Result<Time> check(const account::ServerCertificate& c) {
  TRY(const Certificate certificate, certificate_in(c.body, "certificate"));
  if (!c.chain.empty()) CHECK_OK(certificate_in(c.chain, "certificate chain"));
  // An encrypted key is none: there is nobody to ask for its pass phrase.
  const auto no_phrase = [](char*, int, int, void*) { return -1; };
  const Key key(PEM_read_bio_PrivateKey(reader(c.private_key).get(), nullptr, no_phrase, nullptr),
                &EVP_PKEY_free);
  if (!key) return fail("MalformedCertificate", "Invalid Private Key.", 400);
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return fail("KeyPairMismatch", "The private key does not match the public key of the certificate.", 400);
  return expiry_of(certificate);
}

wire::Value metadata_value(const account::ServerCertificate& c) {
  return wire::structure({{m::Path, c.path},
                          {m::ServerCertificateName, c.name},
                          {m::ServerCertificateId, c.id},
                          {m::Arn, c.arn},
                          {m::UploadDate, c.uploaded},
                          {m::Expiration, c.expires}});
}

}  // namespace

Result<std::string> certificate_fingerprint(std::string_view pem) {
  TRY(const Certificate certificate, certificate_in(pem, "certificate"));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  X509_digest(certificate.get(), EVP_sha256(), digest, &length);
  return hex(std::string_view(reinterpret_cast<const char*>(digest), length));
}

Result<wire::Value> upload_server_certificate(Iam& iam, Call& call) {
  TRY(account::ServerCertificate certificate,
      fresh<account::ServerCertificate>(iam, call, m::ServerCertificateName, kCertificateId));
  TRY(certificate.tags, check_tags(call.in[m::Tags]));
  certificate.body = call.in[m::CertificateBody].text();
  certificate.chain = call.in[m::CertificateChain].text();
  certificate.private_key = call.in[m::PrivateKey].text();
  TRY(certificate.expires, check(certificate));
  certificate.uploaded = call.now();
  std::string taken = taken_message<account::ServerCertificate>(certificate.name);
  TRY(const auto made, create(iam, std::move(certificate), std::move(taken)));
  return wire::structure(
      {{m::ServerCertificateMetadata, metadata_value(*made)}, {m::Tags, tags_or_nothing(made->tags)}});
}

Result<wire::Value> get_server_certificate(Iam&, Call& call) {
  TRY(const account::ServerCertificate c, pinned<account::ServerCertificate>(call));
  wire::Value out = wire::structure({{m::ServerCertificateMetadata, metadata_value(c)},
                                     {m::CertificateBody, c.body},
                                     {m::Tags, tags_or_nothing(c.tags)}});
  if (!c.chain.empty()) out.set(m::CertificateChain, c.chain);
  return wire::structure({{m::ServerCertificate, std::move(out)}});
}

Result<wire::Value> list_server_certificates(Iam& iam, Call& call) {
  return page(call, below_prefix<account::ServerCertificate>(iam, call), m::ServerCertificateMetadataList,
              [](const auto& certificate) { return metadata_value(*certificate); });
}

Result<wire::Value> update_server_certificate(Iam& iam, Call& call) {
  TRY(const account::ServerCertificate certificate, pinned<account::ServerCertificate>(call));
  CHECK_OK(rename(iam, call, certificate, m::NewServerCertificateName));
  return wire::Value();
}

Result<wire::Value> delete_server_certificate(Iam& iam, Call& call) {
  TRY(const account::ServerCertificate certificate, pinned<account::ServerCertificate>(call));
  CHECK_OK(or_concurrent(iam.directory.remove(certificate)));
  return wire::Value();
}

}  // namespace gatehouse::service::iam

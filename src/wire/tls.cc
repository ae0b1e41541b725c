#include "wire/tls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"

namespace gatehouse::wire {
namespace {

using std::chrono::days;

constexpr days kCaLife{3650}, kLeafLife{365}, kRenewBefore{30};
constexpr days kBackdated{1};  // for clients whose clock is slow
constexpr size_t kMaxContexts = 1024;

template <auto free_function>
struct Free {
  template <typename T>
  void operator()(T* p) const {
    free_function(p);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Context = std::shared_ptr<SSL_CTX>;

std::unexpected<Error> tls_error(std::string message) {
  const unsigned long code = ERR_get_error();
  if (code != 0)
    message += fmt::format(": {}", ERR_reason_error_string(code) ? ERR_reason_error_string(code) : "?");
  ERR_clear_error();
  return fail("TlsError", std::move(message), 500);
}

std::string pem_of(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string pem_of(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

// Written aside, synced and renamed, so that a crash leaves the old file or the whole new one.
Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string aside = path + ".new";
  ::unlink(aside.c_str());
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return fail("TlsError", fmt::format("cannot write {}: {}", aside, strerror(errno)), 500);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fchmod(fd, mode) == 0 && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) return fail("TlsError", fmt::format("cannot write {}: {}", aside, strerror(error)), 500);
  if (::rename(aside.c_str(), path.c_str()) != 0)
    return fail("TlsError", fmt::format("cannot write {}: {}", path, strerror(errno)), 500);
  return {};
}

Bio open_pem(const std::string& path) { return Bio(BIO_new_file(path.c_str(), "r")); }

bool is_address(const std::string& host) {
  unsigned char out[16];
  return inet_pton(AF_INET, host.c_str(), out) == 1 || inet_pton(AF_INET6, host.c_str(), out) == 1;
}

// Letters, digits, '-', '_' and dots between: nothing that has a meaning in OpenSSL's extension syntax.
bool is_host_name(const std::string& host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.back() == '.') return false;
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

std::string normal_host(const std::string& host) {
  std::string name = host;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

// Whoever asks for one of this machine's own names gets a certificate for all of them.
std::string subject_alternatives(const std::string& host) {
  static constexpr std::string_view kLocal = "DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1";
  if (host == "localhost" || host == "127.0.0.1" || host == "::1") return std::string(kLocal);
  if (host.ends_with(".localhost")) return fmt::format("DNS:{},{}", host, kLocal);
  return fmt::format("{}:{}", is_address(host) ? "IP" : "DNS", host);
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (!extension) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

struct Naming {
  std::string common_name;
  days life;
};

// What both kinds share: version 3, a random serial (RFC 5280 section 4.1.2.2), the validity, the key.
Certificate blank_certificate(EVP_PKEY* key, const Naming& naming, Time now) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  BIGNUM* serial = BN_new();
  BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate.get()));
  BN_free(serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), unix_seconds(now - kBackdated));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), unix_seconds(now + naming.life));
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto add = [name](const char* field, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  };
  add("O", "Gatehouse");
  if (naming.common_name.size() <= 64) add("CN", naming.common_name);  // ub-common-name
  return certificate;
}

// The extensions are those that Python's VERIFY_X509_STRICT and Go's verifier want.
Certificate make_ca(EVP_PKEY* key, Time now) {
  Certificate ca = blank_certificate(key, {"Gatehouse local CA", kCaLife}, now);
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  const bool made = add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash") &&
                    add_extension(ca.get(), ca.get(), NID_authority_key_identifier, "keyid:always") &&
                    X509_sign(ca.get(), key, EVP_sha256()) > 0;
  return made ? std::move(ca) : nullptr;
}

Certificate make_leaf(EVP_PKEY* leaf_key, X509* ca, EVP_PKEY* ca_key, const std::string& host, Time now) {
  Certificate leaf = blank_certificate(leaf_key, {host, kLeafLife}, now);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca));
  const std::string names = subject_alternatives(host);
  const bool made = add_extension(leaf.get(), ca, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(leaf.get(), ca, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(leaf.get(), ca, NID_ext_key_usage, "serverAuth") &&
                    add_extension(leaf.get(), ca, NID_subject_key_identifier, "hash") &&
                    add_extension(leaf.get(), ca, NID_authority_key_identifier, "keyid:always") &&
                    add_extension(leaf.get(), ca, NID_subject_alt_name, names.c_str()) &&
                    X509_sign(leaf.get(), ca_key, EVP_sha256()) > 0;
  return made ? std::move(leaf) : nullptr;
}

int choose_http1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                 unsigned int in_size, void*) {
  static constexpr unsigned char kHttp1[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp1, sizeof(kHttp1) - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Context new_context() {
  Context context(SSL_CTX_new(TLS_server_method()), Free<SSL_CTX_free>());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http1, nullptr);
  SSL_CTX_set_num_tickets(context.get(), 1);
  return context;
}

}  // namespace

struct Tls::State {
  const Clock* clock = nullptr;
  std::string ca_file, ca_pem;
  Certificate ca;
  Key ca_key;
  Key leaf_key;  // of every leaf: made at each start, never stored
  Context users;

  struct Entry {
    Context context;
    Time renew_at;
  };
  std::mutex mutex;
  std::unordered_map<std::string, Entry> leaves;
  std::unordered_map<std::string, Entry> direct;  // the same certificates, answering SNI

  Context find(std::unordered_map<std::string, Entry>& cache, const std::string& host, bool answers_sni);
  Context make_context(const std::string& host, bool answers_sni);
  static int on_server_name(SSL* ssl, int* alert, void* self);
};

Tls::Tls() : state_(std::make_unique<State>()) {}
Tls::~Tls() = default;

const std::string& Tls::ca_file() const { return state_->ca_file; }
const std::string& Tls::ca_pem() const { return state_->ca_pem; }

namespace {

struct CaFiles {
  std::string certificate, key;
};

Result<void> create_ca(const CaFiles& files, Time now) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return tls_error("cannot make the local CA's key");
  const Certificate ca = make_ca(key.get(), now);
  if (!ca) return tls_error("cannot make the local CA's certificate");
  // The key first: a certificate without its key would be distributed for nothing.
  CHECK_OK(write_file(files.key, pem_of(key.get()), 0600));
  return write_file(files.certificate, pem_of(ca.get()), 0644);
}

Result<Context> load_users_certificate(const std::string& certificate_file, const std::string& key_file) {
  Context context = new_context();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
    return tls_error(fmt::format("cannot read the certificate {}", certificate_file));
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return tls_error(fmt::format("cannot use the key {}", key_file));
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return tls_error(
        fmt::format("the key {} does not belong to the certificate {}", key_file, certificate_file));
  return context;
}

}  // namespace

Result<std::unique_ptr<Tls>> Tls::open(const std::string& directory, const std::string& certificate_file,
                                       const std::string& key_file, const Clock& clock) {
  std::unique_ptr<Tls> tls(new Tls());
  State& state = *tls->state_;
  state.clock = &clock;
  const CaFiles files{directory + "/ca.pem", directory + "/ca.key"};
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  // A certificate is only ever written after its key, so a key alone is a first start that was cut short.
  if (!std::filesystem::exists(files.certificate, ignored)) CHECK_OK(create_ca(files, clock.now()));

  state.ca_file = files.certificate;
  const Bio certificate = open_pem(files.certificate);
  if (certificate) state.ca.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  if (!state.ca)
    return tls_error(fmt::format("cannot read the local CA's certificate {}", files.certificate));
  const Bio key = open_pem(files.key);
  if (key) state.ca_key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  if (!state.ca_key) return tls_error(fmt::format("cannot read the local CA's key {}", files.key));
  if (X509_check_private_key(state.ca.get(), state.ca_key.get()) != 1)
    return tls_error(fmt::format("{} is not the key of {}", files.key, files.certificate));
  time_t now = unix_seconds(clock.now());
  if (X509_cmp_time(X509_get0_notAfter(state.ca.get()), &now) < 0)
    return fail("TlsError", fmt::format("{} has expired; remove it and a new one is made", files.certificate),
                500);
  state.ca_pem = pem_of(state.ca.get());
  state.leaf_key.reset(EVP_EC_gen("P-256"));
  if (!state.leaf_key) return tls_error("cannot make a key");
  if (!certificate_file.empty()) {
    TRY(state.users, load_users_certificate(certificate_file, key_file));
  }
  return tls;
}

int Tls::State::on_server_name(SSL* ssl, int*, void* self) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  auto& state = *static_cast<State*>(self);
  const Context context = state.find(state.leaves, normal_host(name), false);
  if (context) SSL_set_SSL_CTX(ssl, context.get());
  return SSL_TLSEXT_ERR_OK;
}

Context Tls::State::make_context(const std::string& host, bool answers_sni) {
  const Certificate leaf = make_leaf(leaf_key.get(), ca.get(), ca_key.get(), host, clock->now());
  Context context = new_context();
  // The CA is shown too: eksctl and Terraform make an IAM provider's thumbprint of the chain's last
  // certificate, which must not be the leaf's, of a key that the next start replaces.
  if (!leaf || SSL_CTX_use_certificate(context.get(), leaf.get()) != 1 ||
      SSL_CTX_add1_chain_cert(context.get(), ca.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), leaf_key.get()) != 1) {
    ERR_clear_error();
    log::error("cannot make a certificate", {{"host", host}});
    return nullptr;
  }
  if (answers_sni) {
    SSL_CTX_set_tlsext_servername_callback(context.get(), &State::on_server_name);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
  }
  return context;
}

Context Tls::State::find(std::unordered_map<std::string, Entry>& cache, const std::string& host,
                         bool answers_sni) {
  const Time now = clock->now();
  {
    std::lock_guard lock(mutex);
    if (const auto found = cache.find(host); found != cache.end() && now < found->second.renew_at)
      return found->second.context;
  }
  if (!is_address(host) && !is_host_name(host)) return nullptr;
  Context made = make_context(host, answers_sni);
  if (!made) return nullptr;
  std::lock_guard lock(mutex);
  // Anyone may ask for any name; all are cheap to make again.
  if (cache.size() >= kMaxContexts) cache.clear();
  cache[host] = {made, now + kLeafLife - kRenewBefore};
  return made;
}

std::shared_ptr<ssl_ctx_st> Tls::context_for(const std::string& host) {
  return state_->find(state_->leaves, normal_host(host), false);
}

std::shared_ptr<ssl_ctx_st> Tls::direct_context(const std::string& address) {
  if (state_->users) return state_->users;
  return state_->find(state_->direct, normal_host(address), true);
}

std::string Tls::ca_thumbprint() const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(state_->ca.get(), EVP_sha1(), digest, &size);
  return hex({reinterpret_cast<const char*>(digest), size});
}

}  // namespace gatehouse::wire

// Reading and verifying a service-account token, beside its bound: a bare EVP_PKEY_verify of the same
// signature.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/hash.h"
#include "identity/token/jwt.h"
#include "identity/token/rsa_key.h"

namespace gatehouse::identity {
namespace {

json::object claims() {
  return {{"aud", json::array{"sts.amazonaws.com"}},
          {"exp", 1700086400},
          {"iat", 1700000000},
          {"iss", "https://oidc.eks.us-east-1.amazonaws.com/id/5C54DDF35ER19312844C7333374CC09D"},
          {"jti", "0d2ee9a0-3b1f-4e2a-9a63-3e7b9d0bb001"},
          {"kubernetes.io",
           json::object{{"namespace", "ns1"},
                        {"serviceaccount",
                         json::object{{"name", "sdc"}, {"uid", "0d2ee9a0-3b1f-4e2a-9a63-3e7b9d0bb002"}}}}},
          {"nbf", 1700000000},
          {"sub", "system:serviceaccount:ns1:sdc"}};
}

void read_and_verify(benchmark::State& state) {
  const RsaKey key = RsaKey::generate();
  const Jwks keys{{VerifyKey::of(key)}};
  const std::string token = make_jwt(key, claims());
  for (auto _ : state) {
    const auto verified = Jwt::read(token)->verify(keys);
    if (!verified) state.SkipWithError("not verified");
  }
}
BENCHMARK(read_and_verify);

void read_only(benchmark::State& state) {
  const std::string token = make_jwt(RsaKey::generate(), claims());
  for (auto _ : state) benchmark::DoNotOptimize(Jwt::read(token));
}
BENCHMARK(read_only);

void evp_verify_alone(benchmark::State& state) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const Sha256 digest = sha256("x");
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> signer(
      EVP_PKEY_CTX_new(key.get(), nullptr), &EVP_PKEY_CTX_free);
  std::array<unsigned char, 256> signature;
  size_t size = signature.size();
  EVP_PKEY_sign_init(signer.get());
  EVP_PKEY_CTX_set_signature_md(signer.get(), EVP_sha256());
  EVP_PKEY_sign(signer.get(), signature.data(), &size, digest.data(), digest.size());
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> verifier(
      EVP_PKEY_CTX_new(key.get(), nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY_verify_init(verifier.get());
  EVP_PKEY_CTX_set_signature_md(verifier.get(), EVP_sha256());
  for (auto _ : state) {
    if (EVP_PKEY_verify(verifier.get(), signature.data(), size, digest.data(), digest.size()) != 1)
      state.SkipWithError("not verified");
  }
}
BENCHMARK(evp_verify_alone);

void make(benchmark::State& state) {
  const RsaKey key = RsaKey::generate();
  const json::object all = claims();
  for (auto _ : state) benchmark::DoNotOptimize(make_jwt(key, all));
}
BENCHMARK(make);

}  // namespace
}  // namespace gatehouse::identity

BENCHMARK_MAIN();

#include "identity/token/jwt.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/time.h"
#include "identity/token/rsa_key.h"

namespace gatehouse::identity {
namespace {

using Kind = JwtError::Kind;

// RFC 7515 appendix A.2 and A.3: the same payload, signed by an RSA and by a P-256 key.
constexpr std::string_view kRsaJwk =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr std::string_view kEcJwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9"
    "CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
    "eSN9383LcOL"
    "n6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtV"
    "rBp0igcN_IoypGlUPQGe77Rw";
constexpr std::string_view kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// Making a key takes a third of a second.
const RsaKey& test_key() {
  static const RsaKey key = RsaKey::generate();
  return key;
}

std::string token(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url(header) + "." + std::string(payload) + "." + std::string(signature);
}

Jwks key_set(std::initializer_list<std::string_view> jwks) {
  std::string text = R"({"keys":[)";
  for (const auto jwk : jwks) text.append(text.ends_with('[') ? "" : ",").append(jwk);
  auto parsed = Jwks::parse(text + "]}");
  EXPECT_TRUE(parsed);
  return *std::move(parsed);
}

Kind refusal(std::string_view compact, const Jwks& keys) {
  const auto jwt = Jwt::read(compact);
  if (!jwt) return jwt.error().kind;
  const auto claims = jwt->verify(keys);
  EXPECT_FALSE(claims) << compact;
  return claims ? Kind::expired : claims.error().kind;
}

TEST(Jwt, VerifiesRfc7515sRsaExample) {
  const auto jwt = Jwt::read(token(R"({"alg":"RS256"})", kPayload, kRsaSignature));
  ASSERT_TRUE(jwt);
  const auto claims = jwt->verify(key_set({kRsaJwk}));
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ((*claims)->issuer, "joe");
  EXPECT_EQ((*claims)->expires, from_unix_seconds(1300819380));
  EXPECT_EQ((*claims)->subject, "");
  EXPECT_TRUE(json::bool_or((*claims)->all, "http://example.com/is_root", false));
}

TEST(Jwt, VerifiesRfc7515sEcdsaExample) {
  const auto jwt = Jwt::read(token(R"({"alg":"ES256"})", kPayload, kEcSignature));
  ASSERT_TRUE(jwt);
  EXPECT_TRUE(jwt->verify(key_set({kEcJwk})));
}

TEST(Jwt, OneChangedBitAnywhereIsRefused) {
  const RsaKey& key = test_key();
  const Jwks keys{{VerifyKey::of(key)}};
  const std::string good = make_jwt(key, {{"iss", "https://i"}, {"sub", "s"}});
  ASSERT_TRUE(Jwt::read(good)->verify(keys));
  for (size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    const auto jwt = Jwt::read(bad);
    EXPECT_TRUE(!jwt || !jwt->verify(keys)) << i;
  }
}

TEST(Jwt, TheAlgorithmIsTheKeysAndNeverTheTokens) {
  const Jwks rsa = key_set({kRsaJwk});
  EXPECT_EQ(refusal(token(R"({"alg":"none"})", kPayload, ""), rsa), Kind::bad_algorithm);
  EXPECT_EQ(refusal(token(R"({"alg":"None"})", kPayload, kRsaSignature), rsa), Kind::bad_algorithm);
  EXPECT_EQ(refusal(token(R"({"alg":"RS512"})", kPayload, kRsaSignature), rsa), Kind::bad_algorithm);
  EXPECT_EQ(refusal(token(R"({"alg":"ES256"})", kPayload, kEcSignature), rsa), Kind::bad_algorithm);
  // The attack of RFC 8725 section 2.1: an HMAC keyed with the public key.
  const std::string input = base64url(R"({"alg":"HS256"})") + "." + std::string(kPayload);
  const std::string mac = base64url(as_bytes(hmac_sha256(kRsaJwk, input)));
  EXPECT_EQ(refusal(input + "." + mac, rsa), Kind::bad_algorithm);
}

TEST(Jwt, TheKidChoosesTheKey) {
  const RsaKey& ours = test_key();
  const RsaKey other = RsaKey::generate();
  const std::string jwt = make_jwt(ours, {{"iss", "i"}});
  EXPECT_EQ(refusal(jwt, Jwks{{VerifyKey::of(other)}}), Kind::unknown_key);
  EXPECT_EQ(refusal(jwt, Jwks{}), Kind::unknown_key);
  EXPECT_TRUE(Jwt::read(jwt)->verify(Jwks{{VerifyKey::of(other), VerifyKey::of(ours)}}));
  // Without a kid, one key is clear and two are not.
  const std::string anonymous = token(R"({"alg":"RS256"})", kPayload, kRsaSignature);
  EXPECT_EQ(refusal(anonymous, key_set({kRsaJwk, kEcJwk})), Kind::unknown_key);
  // The other cluster's key under our kid.
  auto forged = VerifyKey::of(other).jwk();
  forged["kid"] = ours.kid();
  EXPECT_EQ(refusal(jwt, key_set({json::dump(forged)})), Kind::bad_signature);
}

TEST(Jwt, RefusesWhatIsNoToken) {
  const std::string header = base64url(R"({"alg":"RS256"})");
  const auto with = [&](std::string_view payload) { return header + "." + base64url(payload) + ".AAAA"; };
  const std::string bad[] = {"",
                             ".",
                             "..",
                             "a.b",
                             header + "." + std::string(kPayload),
                             header + "." + std::string(kPayload) + ".a.b",
                             header + "=." + std::string(kPayload) + ".AAAA",
                             token(R"({})", kPayload, "AAAA"),
                             token(R"({"alg":1})", kPayload, "AAAA"),
                             token(R"({"alg":"RS256","kid":7})", kPayload, "AAAA"),
                             token(R"({"alg":"RS256","crit":["b64"],"b64":false})", kPayload, "AAAA"),
                             token(R"(["alg"])", kPayload, "AAAA"),
                             token("{\"alg\":\"RS256\",\"x\":\"\xff\"}", kPayload, "AAAA"),
                             header + "." + std::string(kPayload) + ".A+/A",
                             with("7"),
                             with("{} "
                                  "x"),
                             with(R"({"iss":7})"),
                             with(R"({"sub":null})"),
                             with(R"({"aud":{}})"),
                             with(R"({"aud":["a",1]})"),
                             with(R"({"exp":"soon"})"),
                             with(R"({"exp":1e300})"),
                             with(std::string(70, '[') + std::string(70, ']'))};
  for (const std::string& compact : bad) {
    const auto jwt = Jwt::read(compact);
    ASSERT_FALSE(jwt) << compact;
    EXPECT_EQ(jwt.error().kind, Kind::malformed) << compact;
  }
  EXPECT_EQ(Jwt::read(std::string(kMaxJwt + 1, 'a')).error().kind, Kind::too_large);
}

TEST(Jwt, ReadsTheClaimsOfAServiceAccountToken) {
  const RsaKey& key = test_key();
  const auto jwt = Jwt::read(make_jwt(key, {{"aud", json::array{"sts.amazonaws.com", "b"}},
                                            {"azp", "client"},
                                            {"exp", 1700003600},
                                            {"iat", 1700000000},
                                            {"iss", "https://oidc.eks.us-east-1.amazonaws.com/id/AB"},
                                            {"kubernetes.io", json::object{{"namespace", "ns1"}}},
                                            {"nbf", 1700000000.5},
                                            {"sub", "system:serviceaccount:ns1:sdc"}}));
  ASSERT_TRUE(jwt);
  const Claims& claims = jwt->unverified();
  EXPECT_TRUE(claims.for_audience("sts.amazonaws.com"));
  EXPECT_FALSE(claims.for_audience("sts"));
  EXPECT_EQ(claims.authorized_party, "client");
  EXPECT_EQ(claims.not_before, from_unix_seconds(1700000000) + std::chrono::milliseconds(500));
  EXPECT_EQ(jwt->kid(), key.kid());
  EXPECT_EQ(json::string_or(claims.all.at("kubernetes.io").as_object(), "namespace", ""), "ns1");
}

TEST(Jwt, TimesAreCheckedWithSkew) {
  const Time now = from_unix_seconds(1700000000);
  const auto check = [&](json::object all, std::chrono::seconds skew) {
    const auto result = check_times(Jwt::read(make_jwt(test_key(), all))->unverified(), now, skew);
    return result ? std::optional<Kind>() : result.error().kind;
  };
  using std::chrono::seconds;
  EXPECT_EQ(check({{"exp", 1700000001}}, seconds(0)), std::nullopt);
  EXPECT_EQ(check({{"exp", 1700000000}}, seconds(0)), Kind::expired);
  EXPECT_EQ(check({{"exp", 1700000000}}, seconds(1)), std::nullopt);
  EXPECT_EQ(check({{"exp", 1700000100}, {"nbf", 1700000011}}, seconds(10)), Kind::not_yet_valid);
  EXPECT_EQ(check({{"exp", 1700000100}, {"iat", 1700000011}}, seconds(10)), Kind::not_yet_valid);
  EXPECT_EQ(check({{"nbf", 1700000000}}, seconds(10)), Kind::malformed);
}

TEST(RsaKey, KeepsItsIdentityAsPem) {
  const RsaKey& key = test_key();
  const auto again = RsaKey::from_pem(key.pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kid(), key.kid());
  EXPECT_EQ(key.kid().size(), 43U);
  EXPECT_EQ(key.modulus().size(), 256U);
  EXPECT_EQ(key.exponent(), std::string("\x01\x00\x01", 3));
  EXPECT_EQ(again->sign_rs256("x"), key.sign_rs256("x"));
  EXPECT_FALSE(RsaKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST(Jwks, WritesWhatItReads) {
  const Jwks keys = key_set({kRsaJwk, kEcJwk});
  ASSERT_EQ(keys.keys.size(), 2U);
  const auto again = Jwks::parse(keys.render());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->render(), keys.render());
  EXPECT_EQ(json::string_or(keys.keys[1].jwk(), "x", ""), "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
}

TEST(Jwks, PassesOverOtherKeysAndRefusesNonsense) {
  const auto set = Jwks::parse(R"({"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},
      {"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
      {"kty":"OKP","crv":"Ed25519","x":"AA"}]})");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->keys.empty());
  std::string encryption(kEcJwk);
  encryption.insert(1, R"("use":"enc",)");
  EXPECT_TRUE(key_set({encryption}).keys.empty());
  for (const char* bad : {"", "[]", "{}", R"({"keys":7})", R"({"keys":[7]})"})
    EXPECT_FALSE(Jwks::parse(bad)) << bad;
  EXPECT_FALSE(Jwks::parse(std::string(300 * 1024, ' ')));
}

}  // namespace
}  // namespace gatehouse::identity

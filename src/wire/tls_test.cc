#include "wire/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "wire/server_fixture.h"

namespace gatehouse::wire {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Raw;
using testing::ServerTest;

std::string fresh_directory() {
  static std::atomic<int> next{0};
  const auto path = std::filesystem::temp_directory_path() /
                    ("gatehouse-tls-" + std::to_string(::getpid()) + "-" + std::to_string(next++));
  std::filesystem::remove_all(path);
  return path;
}

std::unique_ptr<Tls> open_tls(const std::string& directory, const Clock& clock) {
  auto tls = Tls::open(directory, "", "", clock);
  if (!tls) ADD_FAILURE() << tls.error().message;
  return tls ? std::move(*tls) : nullptr;
}

// Does a client that trusts only this CA accept this server's chain for `host`?
class TlsClient {
 public:
  // `sni` and `host` may differ from what the connection is to.
  TlsClient(Raw& raw, const Tls& tls, const std::string& sni, const std::string& host)
      : context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
    SSL_CTX_load_verify_file(context_, tls.ca_file().c_str());
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_), X509_V_FLAG_X509_STRICT);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    ssl_ = SSL_new(context_);
    if (!sni.empty()) SSL_set_tlsext_host_name(ssl_, sni.c_str());
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) SSL_set1_host(ssl_, host.c_str());
    SSL_set_fd(ssl_, raw.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  std::string why() const { return X509_verify_cert_error_string(SSL_get_verify_result(ssl_)); }

  std::string ask(const std::string& request) {
    SSL_write(ssl_, request.data(), static_cast<int>(request.size()));
    std::string out;
    char buffer[4096];
    while (out.find("\r\n\r\n") == std::string::npos) {
      const int count = SSL_read(ssl_, buffer, sizeof buffer);
      if (count <= 0) break;
      out.append(buffer, static_cast<size_t>(count));
    }
    return out;
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
  bool connected_ = false;
};

X509* certificate_of(const std::shared_ptr<ssl_ctx_st>& context) {
  return SSL_CTX_get0_certificate(context.get());
}

TEST(TlsTest, CaIsMadeOnceAndItsKeyIsPrivate) {
  const std::string directory = fresh_directory();
  const SystemClock clock;
  const auto first = open_tls(directory, clock);
  struct stat status{};
  ASSERT_EQ(::stat((directory + "/ca.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat((directory + "/ca.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644U);
  const auto second = open_tls(directory, clock);
  EXPECT_EQ(first->ca_pem(), second->ca_pem());
  EXPECT_EQ(first->ca_thumbprint(), second->ca_thumbprint());
  EXPECT_EQ(first->ca_thumbprint().size(), 40U);
  std::filesystem::remove_all(directory);
}

TEST(TlsTest, DamagedFilesAreToldAndKept) {
  const std::string directory = fresh_directory();
  const SystemClock clock;
  open_tls(directory, clock);
  std::ofstream(directory + "/ca.key") << "nonsense";
  const auto damaged = Tls::open(directory, "", "", clock);
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().message.find("ca.key"), std::string::npos) << damaged.error().message;
  EXPECT_TRUE(std::filesystem::exists(directory + "/ca.pem"));
  EXPECT_FALSE(Tls::open(directory, "/nonexistent.pem", "/nonexistent.key", clock));
  std::filesystem::remove_all(directory);
}

TEST(TlsTest, LeavesAreCachedAndRenewed) {
  const std::string directory = fresh_directory();
  ManualClock clock(SystemClock().now());
  const auto tls = open_tls(directory, clock);
  const auto leaf = tls->context_for("sts.amazonaws.com");
  ASSERT_TRUE(leaf);
  EXPECT_EQ(tls->context_for("STS.amazonaws.com"), leaf);
  EXPECT_NE(tls->context_for("iam.amazonaws.com"), leaf);
  clock.advance(std::chrono::days(300));
  EXPECT_EQ(tls->context_for("sts.amazonaws.com"), leaf);
  clock.advance(std::chrono::days(40));
  const auto renewed = tls->context_for("sts.amazonaws.com");
  EXPECT_NE(renewed, leaf);
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notAfter(certificate_of(leaf)),
                 X509_get0_notAfter(certificate_of(renewed)));
  EXPECT_EQ(days, 340);
  EXPECT_EQ(tls->context_for("a\nb,DNS:evil"), nullptr);
  EXPECT_EQ(tls->context_for(""), nullptr);
  std::filesystem::remove_all(directory);
}

TEST(TlsTest, ManyNamesStayBounded) {
  const std::string directory = fresh_directory();
  const SystemClock clock;
  const auto tls = open_tls(directory, clock);
  const auto first = tls->context_for("n0.example");
  for (int i = 1; i < 1500; ++i) ASSERT_TRUE(tls->context_for("n" + std::to_string(i) + ".example"));
  EXPECT_TRUE(tls->context_for("n0.example"));  // made again, while `first` is still alive
  EXPECT_TRUE(certificate_of(first));
  std::filesystem::remove_all(directory);
}

class TlsServerTest : public ServerTest {
 protected:
  void SetUp() override {
    directory_ = fresh_directory();
    tls = open_tls(directory_, clock_);
    testing::Script script;
    script.finish = [](const Head& head, std::string) {
      return testing::text(std::string(head.tls ? "tls " : "plain ") + head.target + " " + head.proxied_host +
                           " " + std::string(head.headers.get("host")));
    };
    ServerOptions options;
    options.proxied = [](std::string_view host) { return host.ends_with(".amazonaws.com"); };
    start(std::move(script), std::move(options));
  }
  void TearDown() override {
    ServerTest::TearDown();
    std::filesystem::remove_all(directory_);
  }

  SystemClock clock_;
  std::string directory_;
};

TEST_F(TlsServerTest, DirectConnectionsByNameAndAddress) {
  for (const auto& [sni, host] :
       {std::pair{"localhost", "localhost"}, std::pair{"", "127.0.0.1"},
        std::pair{"bucket.localhost", "bucket.localhost"}, std::pair{"s3.example", "s3.example"}}) {
    Raw raw(port);
    TlsClient client(raw, *tls, sni, host);
    ASSERT_TRUE(client.connected()) << host << ": " << client.why();
    EXPECT_NE(client.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").find("tls /x"), std::string::npos);
  }
  Raw raw(port);
  EXPECT_FALSE(TlsClient(raw, *tls, "", "example.com").connected());
}

TEST_F(TlsServerTest, PlainAndTlsShareThePort) {
  Raw plain(port);
  EXPECT_EQ(plain.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").body, "plain /x  h");
}

TEST_F(TlsServerTest, ConnectEndsHereUnderTheHostsName) {
  Raw raw(port);
  raw.send(
      "CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com:443\r\n\r\n");
  EXPECT_EQ(raw.answer(true).status, 200);
  TlsClient client(raw, *tls, "sts.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com");
  ASSERT_TRUE(client.connected()) << client.why();
  const std::string answer = client.ask("GET /x HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com\r\n\r\n");
  EXPECT_NE(answer.find("200 OK"), std::string::npos) << answer;
}

TEST_F(TlsServerTest, PlainHttpInsideATunnel) {
  Raw raw(port);
  raw.send("CONNECT STS.amazonaws.com:80 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(raw.answer(true).status, 200);
  EXPECT_EQ(raw.ask("GET /x HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n").body,
            "plain /x sts.amazonaws.com sts.amazonaws.com");
  EXPECT_EQ(raw.ask("CONNECT sts.amazonaws.com:80 HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
}

TEST_F(TlsServerTest, AbsoluteFormIsAProxyToo) {
  Raw raw(port);
  EXPECT_EQ(raw.ask("GET http://sts.amazonaws.com/a?b HTTP/1.1\r\nHost: other\r\n\r\n").body,
            "plain /a?b sts.amazonaws.com sts.amazonaws.com");
  EXPECT_EQ(raw.ask("GET http://sts.amazonaws.com HTTP/1.1\r\nHost: other\r\n\r\n").body,
            "plain / sts.amazonaws.com sts.amazonaws.com");
  // This server itself, asked for in absolute form (RFC 9112 section 3.2.2 has every server accept it).
  const std::string self = "127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(raw.ask("GET http://" + self + "/own HTTP/1.1\r\nHost: other\r\n\r\n").body,
            "plain /own  " + self);
}

struct NotProxied {
  std::string request;
  int status;
};

TEST_F(TlsServerTest, OtherHostsAreRefused) {
  const NotProxied cases[] = {
      {"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 403},
      {"CONNECT sts.amazonaws.com.evil.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 403},
      {"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n", 403},
      {"CONNECT localhost:22 HTTP/1.1\r\nHost: x\r\n\r\n", 403},
      {"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 403},
      {"GET http://evil.com@sts.amazonaws.com/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET http://example.com#.amazonaws.com/ HTTP/1.1\r\nHost: x\r\n\r\n", 403},
      {"GET ftp://sts.amazonaws.com/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"CONNECT sts.amazonaws.com:99999 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 400}};
  for (const auto& [request, status] : cases) {
    Raw raw(port);
    EXPECT_EQ(raw.ask(request).status, status) << request;
  }
  Raw raw(port);
  EXPECT_NE(raw.ask(cases[0].request).body.find("\"example.com:443\" is not one of them"), std::string::npos);
}

TEST_F(TlsServerTest, BrokenHandshakesHarmNobody) {
  for (const std::string& bytes :
       {std::string("\x16"), std::string("\x16\x03\x01\xff\xff") + std::string(70000, 'x'),
        std::string("\x16\x03\x01\x00\x05hello")}) {
    Raw raw(port);
    raw.send(bytes);
    ::shutdown(raw.fd(), SHUT_WR);
    EXPECT_TRUE(raw.closes());
  }
  Raw plain(port);
  EXPECT_EQ(plain.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace gatehouse::wire

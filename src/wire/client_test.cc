#include "wire/client.h"

#include <filesystem>

#include "wire/server_fixture.h"

namespace gatehouse::wire {
namespace {

class ClientTest : public testing::ServerTest {
 protected:
  void serve(testing::Script script) {
    path_ =
        std::filesystem::temp_directory_path() / ("gatehouse-client-" + std::to_string(::getpid()) + ".sock");
    ServerOptions options;
    options.unix_socket = path_;
    start(std::move(script), std::move(options));
  }
  std::string path_;
};

TEST_F(ClientTest, AsksAndIsAnswered) {
  serve({});
  ClientRequest request;
  request.method = "POST";
  request.target = "/env";
  request.body = "body";
  const auto response = request_unix(path_, request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.get("content-type"), "text/plain");
  EXPECT_EQ(response->body, "POST /env body");
}

TEST_F(ClientTest, LargeAnswers) {
  testing::Script script;
  script.finish = [](const Head&, std::string) { return testing::text(std::string(1'000'000, 'x')); };
  serve(script);
  ClientRequest request;
  EXPECT_EQ(request_unix(path_, request)->body.size(), 1'000'000U);
  request.max_body = 999'999;
  const auto refused = request_unix(path_, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ConnectionError");
}

TEST_F(ClientTest, StreamsUntilToldToStop) {
  class Endless final : public EventSource {
   public:
    State next(std::string& out) override {
      out += "line\n";
      return State::more;
    }
    void on_ready(std::function<void()>) override {}
  };
  testing::Script script;
  script.finish = [](const Head&, std::string) {
    Response response;
    response.body = std::make_unique<Endless>();
    return response;
  };
  serve(script);
  size_t got = 0;
  const auto status = stream_unix(path_, {}, [&](std::string_view piece) {
    got += piece.size();
    return got < 1'000'000;
  });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(*status, 200);
  EXPECT_GE(got, 1'000'000U);
}

TEST_F(ClientTest, NobodyThere) {
  const auto refused = request_unix("/nonexistent/gatehouse.sock", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ConnectionError");
  EXPECT_NE(refused.error().message.find("No such file"), std::string::npos);
  EXPECT_FALSE(request_unix(std::string(200, 'x'), {}));
}

TEST_F(ClientTest, SlowAnswersTimeOut) {
  testing::Script script;
  script.start = [](const Head&) {
    BodyPlan plan;
    plan.blocking = true;
    return plan;
  };
  script.finish = [](const Head&, std::string) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return testing::text("late");
  };
  serve(script);
  ClientRequest request;
  request.timeout = std::chrono::milliseconds(100);
  EXPECT_FALSE(request_unix(path_, request));
}

}  // namespace
}  // namespace gatehouse::wire

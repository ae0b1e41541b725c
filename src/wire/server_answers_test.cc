#include "wire/server.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "wire/server_fixture.h"

namespace gatehouse::wire {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::eventually;
using testing::Raw;
using testing::Script;
using testing::ServerTest;
using testing::text;

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

// ---- answers that are not text ----

class Numbers final : public BodySource {
 public:
  Numbers(std::uint64_t size, std::uint64_t fails_at) : size_(size), fails_at_(fails_at) {}
  std::uint64_t size() const override { return size_; }
  Result<size_t> read(std::span<char> out) override {
    if (at_ >= fails_at_) return fail("Disk", "broken", 500);
    const size_t count = std::min<std::uint64_t>(out.size(), size_ - at_);
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<char>('a' + (at_ + i) % 23);
    at_ += count;
    return count;
  }

 private:
  std::uint64_t size_, fails_at_, at_ = 0;
};

Script sources(std::uint64_t size, std::uint64_t fails_at = ~0ULL) {
  Script script;
  script.finish = [=](const Head&, std::string) {
    Response response;
    response.body = std::make_unique<Numbers>(size, fails_at);
    return response;
  };
  return script;
}

TEST_F(ServerTest, SourceIsSentWhole) {
  start(sources(3'000'001));
  Raw client(port);
  for (int round = 0; round < 2; ++round) {
    const Answer answer = client.ask(get("/"));
    ASSERT_EQ(answer.body.size(), 3'000'001U);
    for (size_t i = 0; i < answer.body.size(); i += 997)
      ASSERT_EQ(answer.body[i], static_cast<char>('a' + i % 23));
  }
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.answer(true).has("content-length: 3000001\r\n"));
}

TEST_F(ServerTest, EmptySource) {
  start(sources(0));
  Raw client(port);
  EXPECT_TRUE(client.ask(get("/")).has("content-length: 0\r\n"));
  EXPECT_EQ(client.ask(get("/")).status, 200);
}

TEST_F(ServerTest, SourceThatFailsAtOnceIsA500) {
  start(sources(1000, 0));
  Raw client(port);
  EXPECT_EQ(client.ask(get("/")).status, 500);
}

TEST_F(ServerTest, SourceThatFailsLaterBreaksTheConnectionOff) {
  start(sources(1'000'000, 500'000));
  Raw client(port);
  const Answer answer = client.ask(get("/"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_LT(answer.body.size(), 1'000'000U);
}

TEST_F(ServerTest, ClientThatLeavesASourceAlone) {
  start(sources(1U << 30));
  {
    Raw client(port);
    client.send(get("/"));
    client.receive();
    client.tear();
  }
  EXPECT_TRUE(eventually([&] { return server->counters().connections_open == 0; }));
}

class Ticks final : public EventSource {
 public:
  struct Feed {
    std::mutex mutex;
    std::string text;
    bool ended = false;
    std::function<void()> wake;
    std::atomic<bool> gone{false};

    void push(std::string more, bool end = false) {
      std::function<void()> call;
      {
        std::lock_guard lock(mutex);
        text += more;
        ended = end;
        call = wake;
      }
      if (call) call();
    }
  };
  explicit Ticks(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) {}
  ~Ticks() override { feed_->gone = true; }
  State next(std::string& out) override {
    std::lock_guard lock(feed_->mutex);
    out += std::exchange(feed_->text, {});
    return feed_->ended ? State::end : State::wait;
  }
  void on_ready(std::function<void()> wake) override {
    std::lock_guard lock(feed_->mutex);
    feed_->wake = std::move(wake);
  }

 private:
  std::shared_ptr<Feed> feed_;
};

Script ticking(const std::shared_ptr<Ticks::Feed>& feed) {
  Script script;
  script.finish = [feed](const Head&, std::string) {
    Response response;
    response.body = std::make_unique<Ticks>(feed);
    return response;
  };
  return script;
}

TEST_F(ServerTest, EventsComeAsTheyAreMade) {
  const auto feed = std::make_shared<Ticks::Feed>();
  start(ticking(feed));
  Raw client(port);
  client.send(get("/"));
  EXPECT_TRUE(client.answer(true).has("transfer-encoding: chunked"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.silent(30ms));
    feed->push("tick" + std::to_string(i));
    client.receive();
    EXPECT_EQ(std::exchange(const_cast<std::string&>(client.received()), {}),
              "5\r\ntick" + std::to_string(i) + "\r\n");
  }
  feed->push("end", true);
  EXPECT_EQ(client.rest(), "3\r\nend\r\n0\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return feed->gone.load(); }));
  feed->push("nobody listens");  // waking after the end is harmless
}

TEST_F(ServerTest, EventsEndWhenTheClientLeaves) {
  const auto feed = std::make_shared<Ticks::Feed>();
  start(ticking(feed));
  {
    Raw client(port);
    client.send(get("/"));
    client.answer(true);
  }
  EXPECT_TRUE(eventually([&] { return feed->gone.load(); }));
}

TEST_F(ServerTest, EventsForHttp10EndWithTheConnection) {
  const auto feed = std::make_shared<Ticks::Feed>();
  feed->push("all", true);
  start(ticking(feed));
  Raw client(port);
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(client.answer(true).has("chunked"));
  EXPECT_EQ(client.rest(), "all");
}

// ---- time ----

TEST_F(ServerTest, SlowHeadAndIdleConnectionsEnd) {
  ServerOptions options;
  options.head_timeout = 1s;
  options.idle_timeout = 1s;
  start({}, options);
  Raw slow(port), idle(port), silent(port);
  slow.send("GET / HTT");
  idle.ask(get("/"));
  EXPECT_EQ(slow.answer().status, 408);
  EXPECT_TRUE(slow.closes());
  EXPECT_TRUE(idle.closes());
  EXPECT_TRUE(silent.closes());
}

TEST_F(ServerTest, SlowBodyEnds) {
  ServerOptions options;
  options.body_timeout = 1s;
  start({}, options);
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.answer().status, 408);
}

// ---- listening and stopping ----

TEST_F(ServerTest, PortTaken) {
  start();
  ServerOptions options;
  options.port = port;
  Server second(options, handler, pool, nullptr);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_F(ServerTest, StopLetsRequestsFinishAndClosesIdleConnections) {
  std::atomic<bool> entered{false};
  Script script;
  script.start = [](const Head& head) {
    BodyPlan plan;
    plan.blocking = head.path() == "/slow";
    return plan;
  };
  script.finish = [&](const Head& head, std::string) {
    if (head.path() == "/slow") {
      entered = true;
      std::this_thread::sleep_for(200ms);
    }
    return text("done");
  };
  start(script);
  Raw idle(port), busy(port);
  idle.ask(get("/"));
  busy.send(get("/slow"));
  ASSERT_TRUE(eventually([&] { return entered.load(); }));
  const auto begin = std::chrono::steady_clock::now();
  server->stop(5000ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  const Answer answer = busy.answer();
  EXPECT_EQ(answer.body, "done");
  EXPECT_TRUE(answer.has("connection: close"));
  EXPECT_TRUE(idle.closes());
  EXPECT_FALSE(Raw(port).connected());
  server->stop(0ms);  // again
}

TEST_F(ServerTest, StopDoesNotWaitForEverForAClient) {
  const auto feed = std::make_shared<Ticks::Feed>();
  start(ticking(feed));
  Raw stuck(port), watching(port);
  stuck.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  watching.send(get("/"));
  watching.answer(true);
  const auto begin = std::chrono::steady_clock::now();
  server->stop(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_EQ(watching.rest(), "0\r\n\r\n");  // told, not cut off
}

TEST_F(ServerTest, UnixSocket) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("gatehouse-" + std::to_string(::getpid()) + ".sock");
  ServerOptions options;
  options.unix_socket = path;
  start({}, options);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(Raw(path).ask(get("/over-unix")).body, "GET /over-unix ");
  Server second(options, handler, pool, nullptr);
  const auto refused = second.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("another server is running there"), std::string::npos);
  server->stop(0ms);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, StaleUnixSocketIsReplacedButAFileIsNot) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("gatehouse-stale-" + std::to_string(::getpid()) + ".sock");
  ::unlink(path.c_str());
  {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(fd);  // the file stays, as after a kill
  }
  ServerOptions options;
  options.unix_socket = path;
  start({}, options);
  EXPECT_EQ(Raw(path).ask(get("/")).status, 200);
  server->stop(0ms);
  std::ofstream(path) << "precious";
  Server second(options, handler, pool, nullptr);
  EXPECT_FALSE(second.start());
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace gatehouse::wire

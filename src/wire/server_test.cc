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

// ---- requests, one after the other ----

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  Raw client(port);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.ask(get("/a?" + std::to_string(i)));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET /a?" + std::to_string(i) + " ");
    EXPECT_TRUE(answer.has("\r\ndate: ")) << answer.head;
    EXPECT_FALSE(answer.has("connection:")) << answer.head;
  }
  EXPECT_EQ(server->counters().requests_total, 3U);
  EXPECT_EQ(server->counters().connections_total, 1U);
  EXPECT_EQ(server->counters().connections_open, 1U);
}

TEST_F(ServerTest, HeadReachesTheExchangeAsSent) {
  Head seen;
  Script script;
  script.start = [&](const Head& head) {
    seen = head;
    return BodyPlan{};
  };
  start(script);
  Raw client(port);
  client.ask(
      "POST /a%20b?c=d HTTP/1.1\r\nHost: example:1\r\nX-Thing:  two  words \r\nx-thing: "
      "again\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/a%20b?c=d");
  EXPECT_EQ(seen.path(), "/a%20b");
  EXPECT_EQ(seen.query(), "c=d");
  EXPECT_EQ(seen.headers.get("x-thing"), "two  words");
  EXPECT_EQ(seen.headers.fields.size(), 4U);
  EXPECT_EQ(seen.peer, "127.0.0.1");
  EXPECT_EQ(seen.port, port);
  EXPECT_FALSE(seen.tls);
  EXPECT_EQ(seen.content_length, 2U);
  EXPECT_TRUE(seen.proxied_host.empty());
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  Raw client(port);
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  // In two writes, cut within a request.
  client.send(all.substr(0, 777));
  std::this_thread::sleep_for(20ms);
  client.send(all.substr(777));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.answer().body, "POST /" + std::to_string(i) + " abc");
}

TEST_F(ServerTest, AByteAtATime) {
  start();
  Raw client(port);
  for (const char c : std::string("\r\nPOST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n3;e=f\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n"))
    client.send(std::string(1, c));
  EXPECT_EQ(client.answer().body, "POST /x abcde");
  EXPECT_EQ(client.ask(get("/next")).body, "GET /next ");
}

TEST_F(ServerTest, Http10) {
  start();
  Raw once(port);
  EXPECT_TRUE(once.ask("GET / HTTP/1.0\r\n\r\n").has("connection: close"));
  EXPECT_TRUE(once.closes());
  Raw kept(port);
  EXPECT_TRUE(kept.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").has("connection: keep-alive"));
  EXPECT_EQ(kept.ask("GET /2 HTTP/1.0\r\n\r\n").body, "GET /2 ");
}

TEST_F(ServerTest, ConnectionClose) {
  start();
  Raw client(port);
  EXPECT_TRUE(client.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").has("connection: close"));
  EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, HeadAndBodilessStatuses) {
  Script script;
  script.finish = [](const Head& head, std::string) {
    Response response = text("five!");
    if (head.path() == "/204") response.status = 204;
    if (head.path() == "/304") response.status = 304;
    if (head.path() == "/known") response.head_length = 123456;
    return response;
  };
  start(script);
  Raw client(port);
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.answer(true).has("content-length: 5\r\n"));
  client.send("HEAD /known HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.answer(true).has("content-length: 123456\r\n"));
  client.send(get("/204"));
  EXPECT_FALSE(client.answer(true).has("content-length"));
  client.send(get("/304"));
  EXPECT_FALSE(client.answer(true).has("content-length"));
  EXPECT_EQ(client.ask(get("/")).body, "five!");  // nothing was left between
}

TEST_F(ServerTest, HeaderValuesCannotBreakTheLine) {
  Script script;
  script.finish = [](const Head&, std::string) {
    Response response = text("");
    response.headers.add("x-a", "b\r\nx-evil: 1");
    response.headers.add("content-length", "77");
    return response;
  };
  start(script);
  Raw client(port);
  const Answer answer = client.ask(get("/"));
  EXPECT_TRUE(answer.has("x-a: b  x-evil: 1\r\n")) << answer.head;
  EXPECT_TRUE(answer.has("content-length: 0\r\n")) << answer.head;
}

// ---- what is not HTTP, or could be two things ----

struct Bad {
  const char* name;
  std::string request;
  int status;
};

class Refused : public ServerTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(Refused, AndTheConnectionEnds) {
  start();
  Raw client(port);
  client.send(GetParam().request);
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, GetParam().status) << answer.head << answer.body;
  EXPECT_TRUE(answer.has("connection: close"));
  ::shutdown(client.fd(), SHUT_WR);
  EXPECT_TRUE(client.closes());
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    ::testing::Values(
        Bad{"Nonsense", "hello\r\n\r\n", 400}, Bad{"BareNewline", "GET / HTTP/1.1\nHost: h\n\n", 400},
        Bad{"Version2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        Bad{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Bad{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Bad{"BlankBeforeColon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        Bad{"FoldedLine", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
        Bad{"LengthAndChunked",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400},
        Bad{"ChunkedAndLength",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            400},
        Bad{"TwoLengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            400},
        Bad{"TheSameLengthTwice",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
        Bad{"LengthList", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
        Bad{"SignedLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400},
        Bad{"HugeLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
            400},
        Bad{"TwoEncodings",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
            "chunked\r\n\r\n0\r\n\r\n",
            400},
        Bad{"OtherEncoding",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        Bad{"HiddenEncoding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            501},
        Bad{"ChunkedHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Bad{"BadChunkSize",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n", 400},
        Bad{"ChunkLongerThanSaid",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400},
        Bad{"HugeChunkSize",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
        Bad{"EndlessChunkExtension",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(200000, 'a'),
            400},
        Bad{"OtherExpectation", "POST / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\nContent-Length: 0\r\n\r\n",
            417},
        Bad{"LongTarget", "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
        Bad{"LongTargetWithoutEnd", "GET /" + std::string(20000, 'a'), 414},
        Bad{"LongHead", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70000, 'a') + "\r\n\r\n", 431},
        Bad{"LongHeadWithoutEnd", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70000, 'a'), 431},
        Bad{"RelativeTarget", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Bad{"NulInHeader", std::string("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 35), 400}),
    [](const auto& bad) { return std::string(bad.param.name); });

// ---- bodies ----

TEST_F(ServerTest, ContinueIsSentWhereTheBodyIsWanted) {
  start();
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("abc");
  EXPECT_EQ(client.answer().body, "PUT / abc");
  EXPECT_EQ(client.ask(get("/next")).status, 200);
}

// A botocore that gets its answer without this reads the next request's answer wrongly, and waits for ever.
TEST_F(ServerTest, ContinueIsSentForAnEmptyBodyToo) {
  start();
  Raw client(port);
  client.send("PUT /1 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  EXPECT_EQ(client.answer().body, "PUT /1 ");
  client.send("PUT /2 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("abc");
  EXPECT_EQ(client.answer().body, "PUT /2 abc");
}

TEST_F(ServerTest, ARefusalInsteadOfContinueEndsTheConnection) {
  Script script;
  script.start = [](const Head&) { return text("no", 403); };
  start(script);
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(client.answer().has("connection: close"));
  EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, ContinueIsNotSentBeforeARefusal) {
  Script script;
  script.start = [](const Head&) { return text("no", 403); };
  start(script);
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.has("connection: close"));  // the client may send the body or not: nobody could tell
  ::shutdown(client.fd(), SHUT_WR);
  EXPECT_TRUE(client.closes());
}

TEST_F(ServerTest, ContinueIsNotSentWhenTheBodyIsHereOrTheClientIsOld) {
  start();
  Raw client(port);
  EXPECT_EQ(
      client.ask("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc").status,
      200);
  Raw old(port);
  old.send("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(old.silent(50ms));
  EXPECT_EQ(old.ask("abc").body, "PUT / abc");
}

TEST_F(ServerTest, EarlyAnswerKeepsTheConnectionIfTheBodyIsHere) {
  Script script;
  script.start = [](const Head& head) -> std::variant<BodyPlan, Response> {
    if (head.path() == "/no") return text("no", 403);
    return BodyPlan{};
  };
  start(script);
  Raw client(port);
  EXPECT_EQ(client.ask("PUT /no HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").status, 403);
  EXPECT_EQ(client.ask(get("/yes")).status, 200);
}

TEST_F(ServerTest, EarlyAnswerIsNotLostToAReset) {
  Script script;
  script.start = [](const Head&) { return text("no", 403); };
  start(script);
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\n\r\n");
  const std::string piece(100000, 'x');
  for (int i = 0; i < 20; ++i) client.send(piece);  // still sending after the refusal
  EXPECT_EQ(client.answer().status, 403);
}

TEST_F(ServerTest, BodyLimit) {
  Script script;
  script.start = [](const Head&) {
    BodyPlan plan;
    plan.limit = 10;
    return plan;
  };
  start(script);
  Raw fits(port);
  EXPECT_EQ(fits.ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789").status, 200);
  Raw said(port);
  said.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(said.answer().status, 413);
  Raw chunked(port);
  EXPECT_EQ(chunked
                .ask("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n")
                .status,
            413);
}

// Streams in pieces, both framings, on the I/O thread and on the pool.
class Streamed : public ServerTest, public ::testing::WithParamInterface<std::tuple<bool, bool>> {};

TEST_P(Streamed, ArrivesWholeAndInPieces) {
  const auto [blocking, chunked] = GetParam();
  std::string got;
  size_t largest = 0;
  std::atomic<int> inside{0};
  std::set<std::thread::id> threads;
  Script script;
  script.start = [blocking_ = blocking](const Head&) {
    BodyPlan plan;
    plan.streams = true;
    plan.blocking = blocking_;
    plan.limit = 1U << 30;
    return plan;
  };
  script.data = [&](std::string_view piece) -> std::optional<Response> {
    EXPECT_EQ(++inside, 1) << "two at once";
    threads.insert(std::this_thread::get_id());
    largest = std::max(largest, piece.size());
    got += piece;
    --inside;
    return std::nullopt;
  };
  script.finish = [&](const Head&, std::string body) {
    EXPECT_EQ(body, "");
    return text(std::to_string(got.size()));
  };
  start(script);
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i) + ",";
  Raw client(port);
  if (chunked) {
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 100003 + 1) {
      const std::string_view piece = std::string_view(body).substr(at, size);
      char head[20];
      std::snprintf(head, sizeof head, "%zx\r\n", piece.size());
      client.send(std::string(head) + std::string(piece) + "\r\n");
    }
    client.send("0\r\n\r\n");
  } else {
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
  }
  EXPECT_EQ(client.answer().body, std::to_string(body.size()));
  EXPECT_TRUE(got == body);
  EXPECT_LE(largest, 256U * 1024);
  got.clear();
  EXPECT_EQ(client.ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi").body, "2");
}

INSTANTIATE_TEST_SUITE_P(All, Streamed, ::testing::Combine(::testing::Bool(), ::testing::Bool()));

TEST_F(ServerTest, AnswerFromTheMiddleOfAStream) {
  std::atomic<int> pieces{0};
  Script script;
  script.start = [](const Head&) {
    BodyPlan plan;
    plan.streams = plan.blocking = true;
    plan.limit = 1U << 30;
    return plan;
  };
  script.data = [&](std::string_view) -> std::optional<Response> {
    ++pieces;
    return text("enough", 400);
  };
  start(script);
  Raw client(port);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n" + std::string(2'000'000, 'x'));
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.has("connection: close"));
  EXPECT_EQ(pieces, 1);
}

TEST_F(ServerTest, TornBodyNeverFinishes) {
  std::atomic<bool> finished{false};
  Script script;
  script.start = [](const Head&) {
    BodyPlan plan;
    plan.streams = plan.blocking = true;
    plan.limit = 1U << 30;
    return plan;
  };
  script.finish = [&](const Head&, std::string) {
    finished = true;
    return text("");
  };
  start(script);
  for (const bool reset : {false, true}) {
    auto client = std::make_unique<Raw>(port);
    client->send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(400'000, 'x'));
    if (reset) client->tear();
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server->counters().connections_open == 0 && handler.alive == 0; }));
  EXPECT_FALSE(finished);
}

TEST_F(ServerTest, WhatIsThrownBecomesA500) {
  Script script;
  script.start = [](const Head& head) -> BodyPlan {
    if (head.path() == "/start") throw std::runtime_error("boo");
    BodyPlan plan;
    plan.streams = head.path() == "/data";
    plan.blocking = head.query() == "pool";
    return plan;
  };
  script.data = [](std::string_view) -> std::optional<Response> { throw 1; };
  script.finish = [](const Head&, std::string) -> Response { throw std::bad_alloc(); };
  start(script);
  for (const char* target : {"/start", "/data", "/data?pool", "/finish", "/finish?pool"}) {
    Raw client(port);
    EXPECT_EQ(
        client.ask("PUT " + std::string(target) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            .status,
        500)
        << target;
    EXPECT_TRUE(client.closes());
  }
}

}  // namespace
}  // namespace gatehouse::wire

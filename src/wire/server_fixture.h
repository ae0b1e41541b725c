// For the server's tests: a handler made of closures, and a client that writes exactly the bytes it is told.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "wire/server.h"

namespace gatehouse::wire::testing {

// What a test wants of its exchange; what is left out answers like a small echo.
struct Script {
  std::function<std::variant<BodyPlan, Response>(const Head&)> start;
  std::function<std::optional<Response>(std::string_view)> data;
  std::function<Response(const Head&, std::string)> finish;
};

inline Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.headers.add("content-type", "text/plain");
  response.body = std::move(body);
  return response;
}

class ScriptedExchange final : public Exchange {
 public:
  ScriptedExchange(Script script, std::atomic<int>& alive) : script_(std::move(script)), alive_(alive) {
    ++alive_;
  }
  ~ScriptedExchange() override { --alive_; }

  std::variant<BodyPlan, Response> start(const Head& head) override {
    head_ = &head;
    if (script_.start) return script_.start(head);
    return BodyPlan{};
  }
  std::optional<Response> data(std::string_view piece) override {
    if (script_.data) return script_.data(piece);
    return std::nullopt;
  }
  Response finish(std::string body) override {
    if (script_.finish) return script_.finish(*head_, std::move(body));
    return text(head_->method + " " + head_->target + " " + body);
  }
  Response too_large() override { return text("too large", 413); }

 private:
  Script script_;
  std::atomic<int>& alive_;
  const Head* head_ = nullptr;
};

class ScriptedHandler final : public Handler {
 public:
  std::unique_ptr<Exchange> exchange() override { return std::make_unique<ScriptedExchange>(script, alive); }

  Script script;
  std::atomic<int> alive{0};  // exchanges not destroyed yet
};

struct Answer {
  int status = 0;
  std::string head;  // with the status line, lower-case names as sent
  std::string body;

  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

// A blocking connection that fails the test rather than hang.
class Raw {
 public:
  explicit Raw(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  explicit Raw(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Raw() {
    if (fd_ >= 0) ::close(fd_);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  // Closes with a reset instead of a farewell.
  void tear() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

  // Waits for the end of a head and its body; status 0 if the connection ends first.
  Answer answer(bool head_only = false) {
    Answer out;
    size_t end = std::string::npos;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return out;
    out.head = in_.substr(0, end + 4);
    in_.erase(0, end + 4);
    if (out.head.size() > 12) out.status = std::stoi(out.head.substr(9, 3));
    if (head_only || out.status == 100 || out.status == 204) return out;
    if (const size_t at = out.head.find("content-length: "); at != std::string::npos) {
      const size_t size = std::stoul(out.head.substr(at + 16));
      while (in_.size() < size)
        if (!receive()) break;
      out.body = in_.substr(0, size);
      in_.erase(0, size);
    } else if (out.has("transfer-encoding: chunked")) {
      while (in_.find("0\r\n\r\n") == std::string::npos)
        if (!receive()) break;
      out.body = std::exchange(in_, {});
    }
    return out;
  }

  Answer ask(std::string_view request) {
    send(request);
    return answer();
  }

  // Everything until the server closes.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(in_, {});
  }

  // Has the server closed, within the time? What it still sends is dropped.
  bool closes(std::chrono::milliseconds within = std::chrono::milliseconds(3000)) {
    while (receive(within)) {
    }
    return ended_;
  }

  bool silent(std::chrono::milliseconds during) {
    pollfd wait{fd_, POLLIN, 0};
    return in_.empty() && ::poll(&wait, 1, static_cast<int>(during.count())) == 0;
  }

  bool receive(std::chrono::milliseconds within = std::chrono::milliseconds(5000)) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(within.count())) <= 0) return false;
    char buffer[16384];
    const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    in_.append(buffer, static_cast<size_t>(count));
    return true;
  }
  const std::string& received() const { return in_; }

 private:
  int fd_;
  bool connected_ = false, ended_ = false;
  std::string in_;
};

class ServerTest : public ::testing::Test {
 protected:
  void start(Script script = {}, ServerOptions options = {}) {
    handler.script = std::move(script);
    options.io_threads = 2;
    server = std::make_unique<Server>(std::move(options), handler, pool, tls.get());
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().message;
    port = server->port();
  }
  void TearDown() override {
    if (server) server->stop(std::chrono::milliseconds(2000));
    EXPECT_EQ(handler.alive, 0) << "an exchange outlived its connection";
  }

  Pool pool{2};
  ScriptedHandler handler;
  std::unique_ptr<Tls> tls;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

inline bool eventually(const std::function<bool()>& true_yet) {
  for (int i = 0; i < 300; ++i) {
    if (true_yet()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace gatehouse::wire::testing

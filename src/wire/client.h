// A small HTTP client for our own needs: the administration socket, and (with verified TLS) other people's
// keys.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "wire/http.h"

namespace gatehouse::wire {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{10000};
  std::uint64_t max_body = 16 << 20;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// Blocking. The error's code is "ConnectionError" with a message for people.
Result<ClientResponse> request_unix(const std::string& socket_path, const ClientRequest& request);
// Calls `on_data` for each piece of the answer's body until the end, or until it returns false.
Result<int> stream_unix(const std::string& socket_path, const ClientRequest& request,
                        const std::function<bool(std::string_view piece)>& on_data);

}  // namespace gatehouse::wire

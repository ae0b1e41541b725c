// Errors as values.
//
// Everything that can be refused returns Result<T>. An Error is what AWS would answer: a code that programs
// read
// ("NoSuchEntity"), a message that people read, and the HTTP status. wire renders it, once per protocol.
// Exceptions are for faults (out of memory, a broken invariant); the pipeline turns them into
// InternalFailure.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse {

struct Error {
  std::string code;
  std::string message;
  int status = 400;
  // Further members of the error's body, by their wire names, in order: S3's BucketName, STS's none.
  std::vector<std::pair<std::string, std::string>> details;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

// `return fail("NoSuchEntity", "...", 404);`
inline std::unexpected<Error> fail(std::string code, std::string message, int status = 400) {
  return std::unexpected(Error{std::move(code), std::move(message), status, {}});
}

inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

// A fault of ours, told without its inside: the cause goes to the log, not to the client.
inline std::unexpected<Error> internal_failure() {
  return fail("InternalFailure",
              "The request processing has failed because of an unknown error, exception or failure.", 500);
}

}  // namespace gatehouse

#define GATEHOUSE_CONCAT_(a, b) a##b
#define GATEHOUSE_CONCAT(a, b) GATEHOUSE_CONCAT_(a, b)

// TRY(auto role, find_role(name)); — the value, or return the error.
#define TRY(declaration, expression) TRY_(GATEHOUSE_CONCAT(try_result_, __COUNTER__), declaration, expression)
#define TRY_(result, declaration, expression)                     \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = std::move(*result)

// CHECK_OK(commit(batch)); — go on, or return the error. For Result<void> and for values nobody wants.
#define CHECK_OK(expression) CHECK_OK_(GATEHOUSE_CONCAT(check_result_, __COUNTER__), expression)
#define CHECK_OK_(result, expression) \
  if (auto result = (expression); !result) return std::unexpected(std::move(result).error())

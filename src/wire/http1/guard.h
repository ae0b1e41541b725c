// Calls what rooms above wrote. What it throws is logged and becomes a plain 500 that ends the connection.
#pragma once

#include <string_view>
#include <utility>

#include "wire/http.h"

namespace gatehouse::wire::http1 {

Response internal_error(std::string_view what);

template <typename F>
auto guarded(F&& call) -> decltype(call()) {
  try {
    return std::forward<F>(call)();
  } catch (const std::exception& e) {
    return internal_error(e.what());
  } catch (...) {
    return internal_error("not a std::exception");
  }
}

}  // namespace gatehouse::wire::http1

// The slow walk over all statements, for explanations and for "what if".
#pragma once

#include "policy/decide/layers.h"

namespace gatehouse::policy {

// One thing that is not so, for asking what would then be.
struct Supposition {
  enum class What : std::uint8_t {
    nothing,
    without_statement,  // `at` did not exist
    with_statement,     // `at` matched
    with_allow,         // a policy of `layer` allowed, naming the caller itself; for SCPs at every level
  };
  What what = What::nothing;
  StatementRef at;
  Layer layer = Layer::identity;
};

Decision decide_supposing(const Request& request, const PolicyView& policies, const Supposition& supposition);

}  // namespace gatehouse::policy

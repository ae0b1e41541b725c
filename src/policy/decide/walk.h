// The slow walk over all statements, for "what if" and to compare the others with.
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

// explain() without the index, to compare it with.
Explanation explain_by_scanning(const Request& request, const PolicyView& policies);

Decision decide_supposing(const Request& request, const PolicyView& policies, const Supposition& supposition);

}  // namespace gatehouse::policy

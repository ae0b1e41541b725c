// What a cluster has before anybody wrote anything, and what each namespace gets: the work of
// kube-controller-manager and kube-apiserver at start.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

struct Makers {
  const Clock& clock;
  Random& random;
  const std::string& ca_pem;
};

// The four first namespaces and the built-in roles, as far as they are missing; ends what a crash
// interrupted. Repeating it changes nothing.
Result<void> bootstrap(Objects& objects, const Makers& makers);

// The `default` service account and the kube-root-ca.crt config map.
Result<void> furnish_namespace(Objects& objects, const Makers& makers, std::string_view ns);

// Gives an object about to be created its uid and time.
void stamp(json::object& object, const Makers& makers);

}  // namespace gatehouse::kube

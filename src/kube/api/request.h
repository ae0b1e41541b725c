// A request as the API understands it: what resource or path, which verb, with which options.
// https://kubernetes.io/docs/reference/using-api/api-concepts/ and .../access-authn-authz/authorization/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/error.h"
#include "kube/access/rbac.h"
#include "kube/objects/present.h"
#include "kube/schema/kind_set.h"
#include "wire/http.h"

namespace gatehouse::kube {

struct Request {
  std::string method, path;  // the path decoded, below the cluster's address
  QueryParameters query;
  std::string content_type, accept;  // the content type without parameters
  std::string user_agent;
  std::string_view body;

  // Of a resource request: /api/v1/… or /apis/GROUP/VERSION/…
  bool resource_request = false;
  std::string group, version, plural, ns, name, subresource;
  std::string verb;  // get, list, watch, create, update, patch, delete, deletecollection; else the method's
  KindSetPtr kinds;  // what the cluster served when the request came
  const Kind* kind = nullptr;  // null: no such resource
  const Subresource* part = nullptr;

  View view;
  bool dry_run = false;

  static Result<Request> parse(const wire::Head& head, std::string_view target, std::string_view body,
                               KindSetPtr kinds);

  std::string_view parameter(std::string_view name) const;  // "" if absent
  bool flag(std::string_view name) const;                   // true, 1 or present without a value
  // Who changes fields: fieldManager, or the program that asks.
  std::string field_manager() const;
  Attributes attributes() const;
  std::string scope() const;  // the namespace in which its objects are kept
};

}  // namespace gatehouse::kube

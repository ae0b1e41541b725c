// Defaults and validation of each kind beyond types and metadata: what
// k8s.io/kubernetes/pkg/apis/*/validation refuses, in its words, because people search for them.
#pragma once

#include "kube/schema/schema.h"

namespace gatehouse::kube::rules {

using Causes = std::vector<Cause>;

void complete_namespace(json::object& object, const json::object* old);
void complete_secret(json::object& object, const json::object* old);
void complete_binding(json::object& object, const json::object* old);
void complete_webhooks(json::object& object, const json::object* old);
void complete_mutating(json::object& object, const json::object* old);
void complete_policy(json::object& object, const json::object* old);
void complete_policy_binding(json::object& object, const json::object* old);
void complete_definition(json::object& object, const json::object* old);

void check_namespace(const json::object& object, const json::object* old, Causes& causes);
void check_config_map(const json::object& object, const json::object* old, Causes& causes);
void check_secret(const json::object& object, const json::object* old, Causes& causes);
void check_event(const json::object& object, const json::object* old, Causes& causes);
void check_role(const json::object& object, const json::object* old, Causes& causes);
void check_cluster_role(const json::object& object, const json::object* old, Causes& causes);
void check_role_binding(const json::object& object, const json::object* old, Causes& causes);
void check_cluster_role_binding(const json::object& object, const json::object* old, Causes& causes);
void check_reported_event(const json::object& object, const json::object* old, Causes& causes);
void check_webhooks(const json::object& object, const json::object* old, Causes& causes);
void check_policy(const json::object& object, const json::object* old, Causes& causes);
void check_policy_binding(const json::object& object, const json::object* old, Causes& causes);
void check_definition(const json::object& object, const json::object* old, Causes& causes);

// metadata of every kind: names, labels, annotations, finalizers, what may not change.
void check_metadata(const Kind& kind, const json::object& object, const json::object* old, Causes& causes);

bool is_dns_label(std::string_view text);      // RFC 1123, 63 characters
bool is_dns_subdomain(std::string_view text);  // RFC 1123, 253 characters

Cause required(std::string field, std::string_view detail = "");
Cause invalid(std::string field, std::string_view value, std::string_view detail);
Cause unsupported(std::string field, std::string_view value, std::string_view supported);

}  // namespace gatehouse::kube::rules

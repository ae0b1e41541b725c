// admissionregistration.k8s.io/v1 and apiextensions.k8s.io/v1: what installers write so that others extend or
// guard the API.
#include "kube/schema/fields.h"
#include "kube/schema/messages.h"

namespace gatehouse::kube::messages {
namespace {

using namespace fields;

#define ADMISSION "io.k8s.api.admissionregistration.v1."

constexpr Field metadata() { return part("metadata", 1, kObjectMeta); }

constexpr Field kRuleFields[] = {texts("apiGroups", 1), texts("apiVersions", 2), texts("resources", 3),
                                 text("scope", 4)};
constexpr Message kRule{ADMISSION "Rule", kRuleFields};
constexpr Field kRuleWithOperationsFields[] = {texts("operations", 1), inlined(part("rule", 2, kRule))};
constexpr Message kRuleWithOperations{ADMISSION "RuleWithOperations", kRuleWithOperationsFields};
constexpr Field kServiceReferenceFields[] = {text("namespace", 1), text("name", 2), text("path", 3),
                                             number32("port", 4)};
constexpr Message kServiceReference{ADMISSION "ServiceReference", kServiceReferenceFields};
constexpr Field kClientConfigFields[] = {part("service", 1, kServiceReference),
                                         scalar(Type::bytes, "caBundle", 2), text("url", 3)};
constexpr Message kClientConfig{ADMISSION "WebhookClientConfig", kClientConfigFields};
constexpr Field kMatchConditionFields[] = {text("name", 1), text("expression", 2)};
constexpr Message kMatchCondition{ADMISSION "MatchCondition", kMatchConditionFields};

constexpr Field kMutatingWebhookFields[] = {text("name", 1),
                                            part("clientConfig", 2, kClientConfig),
                                            parts("rules", 3, kRuleWithOperations),
                                            text("failurePolicy", 4),
                                            always(part("namespaceSelector", 5, kLabelSelector)),
                                            text("sideEffects", 6),
                                            number32("timeoutSeconds", 7),
                                            texts("admissionReviewVersions", 8),
                                            text("matchPolicy", 9),
                                            text("reinvocationPolicy", 10),
                                            always(part("objectSelector", 11, kLabelSelector)),
                                            parts("matchConditions", 12, kMatchCondition, "name")};
constexpr Message kMutatingWebhook{ADMISSION "MutatingWebhook", kMutatingWebhookFields};
constexpr Field kValidatingWebhookFields[] = {text("name", 1),
                                              part("clientConfig", 2, kClientConfig),
                                              parts("rules", 3, kRuleWithOperations),
                                              text("failurePolicy", 4),
                                              always(part("namespaceSelector", 5, kLabelSelector)),
                                              text("sideEffects", 6),
                                              number32("timeoutSeconds", 7),
                                              texts("admissionReviewVersions", 8),
                                              text("matchPolicy", 9),
                                              always(part("objectSelector", 10, kLabelSelector)),
                                              parts("matchConditions", 11, kMatchCondition, "name")};
constexpr Message kValidatingWebhook{ADMISSION "ValidatingWebhook", kValidatingWebhookFields};
constexpr Field kMutatingFields[] = {metadata(), parts("webhooks", 2, kMutatingWebhook, "name")};
constexpr Field kValidatingFields[] = {metadata(), parts("webhooks", 2, kValidatingWebhook, "name")};

constexpr Field kParamKindFields[] = {text("apiVersion", 1), text("kind", 2)};
constexpr Message kParamKind{ADMISSION "ParamKind", kParamKindFields};
constexpr Field kNamedRuleFields[] = {texts("resourceNames", 1),
                                      inlined(part("ruleWithOperations", 2, kRuleWithOperations))};
constexpr Message kNamedRule{ADMISSION "NamedRuleWithOperations", kNamedRuleFields};
constexpr Field kMatchResourcesFields[] = {
    always(part("namespaceSelector", 1, kLabelSelector)), always(part("objectSelector", 2, kLabelSelector)),
    parts("resourceRules", 3, kNamedRule), parts("excludeResourceRules", 4, kNamedRule),
    text("matchPolicy", 7)};
constexpr Message kMatchResources{ADMISSION "MatchResources", kMatchResourcesFields};
constexpr Field kValidationFields[] = {text("expression", 1), text("message", 2), text("reason", 3),
                                       text("messageExpression", 4)};
constexpr Message kValidation{ADMISSION "Validation", kValidationFields};
constexpr Field kAuditAnnotationFields[] = {text("key", 1), text("valueExpression", 2)};
constexpr Message kAuditAnnotation{ADMISSION "AuditAnnotation", kAuditAnnotationFields};
constexpr Field kVariableFields[] = {text("name", 1), text("expression", 2)};
constexpr Message kVariable{ADMISSION "Variable", kVariableFields};
constexpr Field kPolicySpecFields[] = {part("paramKind", 1, kParamKind),
                                       part("matchConstraints", 2, kMatchResources),
                                       parts("validations", 3, kValidation),
                                       text("failurePolicy", 4),
                                       parts("auditAnnotations", 5, kAuditAnnotation),
                                       parts("matchConditions", 6, kMatchCondition, "name"),
                                       parts("variables", 7, kVariable, "name")};
constexpr Message kPolicySpec{ADMISSION "ValidatingAdmissionPolicySpec", kPolicySpecFields};
constexpr Message kOpenStatus{"", {}, /*open=*/true};
constexpr Field kPolicyFields[] = {metadata(), part("spec", 2, kPolicySpec), part("status", 3, kOpenStatus)};
constexpr Field kParamRefFields[] = {text("name", 1), text("namespace", 2),
                                     part("selector", 3, kLabelSelector), text("parameterNotFoundAction", 4)};
constexpr Message kParamRef{ADMISSION "ParamRef", kParamRefFields};
constexpr Field kPolicyBindingSpecFields[] = {text("policyName", 1), part("paramRef", 2, kParamRef),
                                              part("matchResources", 3, kMatchResources),
                                              text_set("validationActions", 4)};
constexpr Message kPolicyBindingSpec{ADMISSION "ValidatingAdmissionPolicyBindingSpec",
                                     kPolicyBindingSpecFields};
constexpr Field kPolicyBindingFields[] = {metadata(), part("spec", 2, kPolicyBindingSpec)};

}  // namespace

constexpr Message kMutatingWebhookConfiguration{ADMISSION "MutatingWebhookConfiguration", kMutatingFields};
constexpr Message kValidatingWebhookConfiguration{ADMISSION "ValidatingWebhookConfiguration",
                                                  kValidatingFields};
constexpr Message kValidatingAdmissionPolicy{ADMISSION "ValidatingAdmissionPolicy", kPolicyFields};
constexpr Message kValidatingAdmissionPolicyBinding{ADMISSION "ValidatingAdmissionPolicyBinding",
                                                    kPolicyBindingFields};

namespace {

#define EXTENSIONS "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."

constexpr Field numeric(std::string_view name, std::uint32_t number) {
  return always(scalar(Type::number, name, number));
}
constexpr Field schema(std::string_view name, std::uint32_t number) {
  return {.name = name, .number = number, .type = Type::schema_or, .message = &kSchemaProps};
}
constexpr Field schemas(std::string_view name, std::uint32_t number, Shape shape) {
  return {.name = name, .number = number, .type = Type::schema_or, .shape = shape, .message = &kSchemaProps};
}

constexpr Field kExternalDocsFields[] = {text("description", 1), text("url", 2)};
constexpr Message kExternalDocs{EXTENSIONS "ExternalDocumentation", kExternalDocsFields};
constexpr Field kRuleInCelFields[] = {
    text("rule", 1),   text("message", 2),   text("messageExpression", 3),
    text("reason", 4), text("fieldPath", 5), always(flag("optionalOldSelf", 6))};
constexpr Message kRuleInCel{EXTENSIONS "ValidationRule", kRuleInCelFields};
constexpr Field kSchemaPropsFields[] = {
    text("id", 1),
    text("$schema", 2),
    text("$ref", 3),
    text("description", 4),
    text("type", 5),
    text("format", 6),
    text("title", 7),
    always(any("default", 8)),
    numeric("maximum", 9),
    flag("exclusiveMaximum", 10),
    numeric("minimum", 11),
    flag("exclusiveMinimum", 12),
    always(number64("maxLength", 13)),
    always(number64("minLength", 14)),
    text("pattern", 15),
    always(number64("maxItems", 16)),
    always(number64("minItems", 17)),
    flag("uniqueItems", 18),
    numeric("multipleOf", 19),
    {.name = "enum", .number = 20, .type = Type::any, .shape = Shape::list},
    always(number64("maxProperties", 21)),
    always(number64("minProperties", 22)),
    texts("required", 23),
    always(schema("items", 24)),
    schemas("allOf", 25, Shape::list),
    schemas("oneOf", 26, Shape::list),
    schemas("anyOf", 27, Shape::list),
    always(schema("not", 28)),
    schemas("properties", 29, Shape::map),
    always(schema("additionalProperties", 30)),
    schemas("patternProperties", 31, Shape::map),
    any("dependencies", 32),
    schema("additionalItems", 33),
    schemas("definitions", 34, Shape::map),
    part("externalDocs", 35, kExternalDocs),
    always(any("example", 36)),
    flag("nullable", 37),
    flag("x-kubernetes-preserve-unknown-fields", 38),
    flag("x-kubernetes-embedded-resource", 39),
    flag("x-kubernetes-int-or-string", 40),
    texts("x-kubernetes-list-map-keys", 41),
    text("x-kubernetes-list-type", 42),
    text("x-kubernetes-map-type", 43),
    parts("x-kubernetes-validations", 44, kRuleInCel, "rule")};

constexpr Field kNamesFields[] = {text("plural", 1), text("singular", 2), texts("shortNames", 3),
                                  text("kind", 4),   text("listKind", 5), texts("categories", 6)};
constexpr Message kNames{EXTENSIONS "CustomResourceDefinitionNames", kNamesFields};
constexpr Field kCustomValidationFields[] = {always(part("openAPIV3Schema", 1, kSchemaProps))};
constexpr Message kCustomValidation{EXTENSIONS "CustomResourceValidation", kCustomValidationFields};
constexpr Field kScaleFields[] = {text("specReplicasPath", 1), text("statusReplicasPath", 2),
                                  text("labelSelectorPath", 3)};
constexpr Message kCustomScale{EXTENSIONS "CustomResourceSubresourceScale", kScaleFields};
constexpr Message kCustomStatus{EXTENSIONS "CustomResourceSubresourceStatus", {}};
constexpr Field kSubresourcesFields[] = {always(part("status", 1, kCustomStatus)),
                                         part("scale", 2, kCustomScale)};
constexpr Message kSubresources{EXTENSIONS "CustomResourceSubresources", kSubresourcesFields};
constexpr Field kColumnFields[] = {text("name", 1),        text("type", 2),         text("format", 3),
                                   text("description", 4), number32("priority", 5), text("jsonPath", 6)};
constexpr Message kColumn{EXTENSIONS "CustomResourceColumnDefinition", kColumnFields};
constexpr Field kSelectableFields[] = {text("jsonPath", 1)};
constexpr Message kSelectable{EXTENSIONS "SelectableField", kSelectableFields};
constexpr Field kVersionFields[] = {text("name", 1),
                                    always(flag("served", 2)),
                                    always(flag("storage", 3)),
                                    part("schema", 4, kCustomValidation),
                                    part("subresources", 5, kSubresources),
                                    parts("additionalPrinterColumns", 6, kColumn),
                                    flag("deprecated", 7),
                                    text("deprecationWarning", 8),
                                    parts("selectableFields", 9, kSelectable)};
constexpr Message kVersion{EXTENSIONS "CustomResourceDefinitionVersion", kVersionFields};
constexpr Field kWebhookConversionFields[] = {part("clientConfig", 2, kClientConfig),
                                              texts("conversionReviewVersions", 3)};
constexpr Message kWebhookConversion{EXTENSIONS "WebhookConversion", kWebhookConversionFields};
constexpr Field kConversionFields[] = {text("strategy", 1), part("webhook", 2, kWebhookConversion)};
constexpr Message kConversion{EXTENSIONS "CustomResourceConversion", kConversionFields};
constexpr Field kDefinitionSpecFields[] = {text("group", 1),
                                           part("names", 3, kNames),
                                           text("scope", 4),
                                           parts("versions", 7, kVersion),
                                           part("conversion", 9, kConversion),
                                           flag("preserveUnknownFields", 10)};
constexpr Message kDefinitionSpec{EXTENSIONS "CustomResourceDefinitionSpec", kDefinitionSpecFields};
constexpr Field kDefinitionConditionFields[] = {
    text("type", 1), text("status", 2), time("lastTransitionTime", 3), text("reason", 4), text("message", 5)};
constexpr Message kDefinitionCondition{EXTENSIONS "CustomResourceDefinitionCondition",
                                       kDefinitionConditionFields};
constexpr Field kDefinitionStatusFields[] = {parts("conditions", 1, kDefinitionCondition, "type"),
                                             part("acceptedNames", 2, kNames), texts("storedVersions", 3)};
constexpr Message kDefinitionStatus{EXTENSIONS "CustomResourceDefinitionStatus", kDefinitionStatusFields};
constexpr Field kDefinitionFields[] = {metadata(), part("spec", 2, kDefinitionSpec),
                                       part("status", 3, kDefinitionStatus)};

}  // namespace

// Its schemas have forms in protobuf that nothing but Go's own clients write.
constexpr Message kSchemaProps{EXTENSIONS "JSONSchemaProps", kSchemaPropsFields};
constexpr Message kCustomResourceDefinition{EXTENSIONS "CustomResourceDefinition", kDefinitionFields,
                                            /*open=*/false, /*json_only=*/true};

}  // namespace gatehouse::kube::messages

// A structural schema: what a CustomResourceDefinition says its resources are made of.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
//
// Points into the definition it was made from. Rules in CEL (x-kubernetes-validations) are not evaluated.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kube/schema/schema.h"

namespace re2 {
class RE2;
}

namespace gatehouse::kube {

class Structural {
 public:
  // `schema` is an openAPIV3Schema; null: anything goes.
  explicit Structural(const json::object* schema);
  ~Structural();
  Structural(const Structural&) = delete;
  Structural& operator=(const Structural&) = delete;

  const json::object* source() const { return source_; }
  // The object's members as far as apply and strategic validation need to know them: which lists are joined
  // by key. Everything else is left open.
  const Message& message() const { return *message_; }

  // Takes out what the schema does not know, and names it: `unknown field "spec.foo"`.
  void prune(json::object& object, std::vector<std::string>* complaints) const;
  // Nulls that are not allowed go, and defaults are filled in.
  void complete(json::object& object) const;
  void check(const json::object& object, std::vector<Cause>& causes) const;

 private:
  class Checker;
  const Message* describe(const json::object& schema, bool root);
  const re2::RE2* pattern(const json::object& schema) const;
  void learn_patterns(const json::object& schema, int depth);

  const json::object* source_;
  std::deque<std::string> names_;
  std::deque<std::vector<Field>> fields_;
  std::deque<Message> messages_;
  const Message* message_ = nullptr;
  std::vector<std::pair<const json::object*, std::unique_ptr<re2::RE2>>> patterns_;
};

// What is wrong with an openAPIV3Schema; `field` is where it stands.
void check_schema(const json::object& schema, const std::string& field, std::vector<Cause>& causes);

}  // namespace gatehouse::kube

// A policy ready for deciding: immutable, shared between threads, complete in itself.
//
// The document it was made from is gone, but its text stays, so that whoever needs places and the rest of it
// can parse it again (parse_document(compiled.source())).
#pragma once

#include <string>
#include <string_view>

#include "policy/decide/program.h"
#include "policy/policy.h"

namespace gatehouse::policy {

class alignas(64) Compiled {
 public:
  Kind kind() const { return kind_; }
  std::string_view source() const { return source_; }

  std::size_t statement_count() const { return program_.statements().size(); }
  std::string_view sid(std::size_t statement) const { return names_[statement].sid; }
  int line(std::size_t statement) const { return names_[statement].line; }
  bool allows(std::size_t statement) const { return program_.statements()[statement].allow; }

  const Program& program() const { return program_; }

 private:
  friend class Compiler;
  Compiled(std::string_view source, Kind kind) : kind_(kind), source_(source), arena_(1024 + source.size()) {}

  Program program_;  // first: its first cache line is all that most requests ask for
  Kind kind_;
  std::string source_;
  Arena arena_;
  std::span<const StatementName> names_;
};

}  // namespace gatehouse::policy

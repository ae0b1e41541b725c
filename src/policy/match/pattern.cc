#include "policy/match/pattern.h"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "policy/document/json_tree.h"
#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

using Kind = Piece::Kind;

// Collects pieces, joining neighbouring literals and stars.
class PatternBuilder {
 public:
  PatternBuilder(std::string_view text, PatternOptions options, Arena& arena)
      : text_(text), options_(options), arena_(arena) {}

  Pattern build() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (options_.variables && c == '$' && text_.substr(at_).starts_with("${") && variable()) continue;
      ++at_;
      if (options_.wildcards && c == '*') {
        flush();
        if (pieces_.empty() || pieces_.back().kind != Kind::star)
          pieces_.push_back({Kind::star, {}, nullptr});
      } else if (options_.wildcards && c == '?') {
        flush();
        pieces_.push_back({Kind::any_one, {}, nullptr});
      } else {
        literal_ += options_.lowercase ? lower(c) : c;
      }
    }
    flush();
    return finish();
  }

 private:
  // At "${". False if no variable follows.
  bool variable() {
    const std::size_t from = at_ + 2;
    std::size_t end = text_.find_first_of(",}", from);
    if (end == text_.npos || end == from) return false;
    const std::string_view key = text_.substr(from, end - from);
    if (text_[end] == '}' && (key == "*" || key == "?" || key == "$")) {
      literal_ += key;
      at_ = end + 1;
      return true;
    }
    Variable found;
    found.key = key;
    if (text_[end] == ',') {
      const std::size_t open = text_.find_first_not_of(' ', end + 1);
      if (open == text_.npos || text_[open] != '\'') return false;
      const std::size_t close = text_.find('\'', open + 1);
      if (close == text_.npos) return false;
      end = text_.find_first_not_of(' ', close + 1);
      if (end == text_.npos || text_[end] != '}') return false;
      found.has_otherwise = true;
      found.otherwise = arena_.copy(text_.substr(open + 1, close - open - 1));
    }
    flush();
    found.key = arena_.copy(key);
    found.hash = hash_folded(key);
    has_variables_ = true;
    pieces_.push_back({Kind::variable, {}, arena_.copy(std::span<const Variable>(&found, 1)).data()});
    at_ = end + 1;
    return true;
  }

  void flush() {
    if (literal_.empty()) return;
    pieces_.push_back({Kind::literal, arena_.copy(literal_), nullptr});
    literal_.clear();
  }

  Pattern finish() {
    Pattern p;
    p.fold = options_.fold;
    p.has_variables = has_variables_;
    const bool begins_literally = !pieces_.empty() && pieces_[0].kind == Kind::literal;
    if (begins_literally) p.text = pieces_[0].text;
    const std::size_t after = begins_literally ? 1 : 0;
    if (pieces_.size() == after) {
      p.shape = Pattern::Shape::exact;
    } else if (pieces_.size() == after + 1 && pieces_[after].kind == Kind::star) {
      p.shape = Pattern::Shape::prefix;
    } else {
      p.shape = Pattern::Shape::general;
      p.first_piece = arena_.copy(std::span<const Piece>(pieces_)).data();
      p.piece_count = static_cast<std::uint32_t>(pieces_.size());
    }
    return p;
  }

  std::string_view text_;
  PatternOptions options_;
  Arena& arena_;
  std::size_t at_ = 0;
  std::string literal_;
  std::vector<Piece> pieces_;
  bool has_variables_ = false;
};

// One character of UTF-8; a byte where it is not UTF-8.
std::size_t character(std::string_view text) {
  std::size_t size = 1;
  while (size < 4 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

std::size_t last_character(std::string_view text) {
  std::size_t size = 1;
  while (size < 4 && size < text.size() &&
         (static_cast<unsigned char>(text[text.size() - size]) & 0xC0) == 0x80) {
    ++size;
  }
  return size;
}

bool equal(std::string_view a, std::string_view b, bool fold) {
  return fold ? equal_ignoring_case(a, b) : same_text(a, b);
}

class Matcher {
 public:
  Matcher(std::span<const Piece> pieces, bool fold, const Context* context)
      : pieces_(pieces), fold_(fold), context_(context) {}

  bool every_variable_has_a_value() const {
    for (const Piece& piece : pieces_) {
      if (piece.kind == Kind::variable && !value(*piece.variable)) return false;
    }
    return true;
  }

  bool match(std::string_view text) const {
    std::size_t from = 0, to = run_end(0);
    if (!run_at(from, to, text)) return false;
    if (to == pieces_.size()) return text.empty();
    while (true) {
      from = to + 1;
      to = run_end(from);
      if (to == pieces_.size()) return run_at_end(from, to, text);
      if (!find_run(from, to, text)) return false;
    }
  }

 private:
  std::optional<std::string_view> value(const Variable& variable) const {
    if (context_ != nullptr) {
      if (const auto* entry = context_->find(variable.hash, variable.key);
          entry != nullptr && !entry->multivalued) {
        const auto values = context_->values(*entry);
        if (!values.empty()) return values[0];
      }
    }
    if (variable.has_otherwise) return variable.otherwise;
    return std::nullopt;
  }

  std::string_view text_of(const Piece& piece) const {
    return piece.kind == Kind::literal ? piece.text : *value(*piece.variable);
  }

  // The end of the run of pieces that begins at `from`: the next star, or the end.
  std::size_t run_end(std::size_t from) const {
    while (from < pieces_.size() && pieces_[from].kind != Kind::star) ++from;
    return from;
  }

  // Whether the run matches at the text's beginning; takes what it matched off the text.
  bool run_at(std::size_t from, std::size_t to, std::string_view& text) const {
    std::string_view rest = text;
    for (; from < to; ++from) {
      if (pieces_[from].kind == Kind::any_one) {
        if (rest.empty()) return false;
        rest.remove_prefix(character(rest));
      } else {
        const std::string_view expected = text_of(pieces_[from]);
        if (!equal(rest.substr(0, expected.size()), expected, fold_)) return false;
        rest.remove_prefix(expected.size());
      }
    }
    text = rest;
    return true;
  }

  bool run_at_end(std::size_t from, std::size_t to, std::string_view text) const {
    while (to > from) {
      --to;
      if (pieces_[to].kind == Kind::any_one) {
        if (text.empty()) return false;
        text.remove_suffix(last_character(text));
      } else {
        const std::string_view expected = text_of(pieces_[to]);
        if (text.size() < expected.size() ||
            !equal(text.substr(text.size() - expected.size()), expected, fold_)) {
          return false;
        }
        text.remove_suffix(expected.size());
      }
    }
    return true;
  }

  // Leftmost is best: it leaves the most text to the runs behind.
  bool find_run(std::size_t from, std::size_t to, std::string_view& text) const {
    if (to == from + 1 && pieces_[from].kind == Kind::literal && !fold_) {
      const std::string_view wanted = pieces_[from].text;
      const void* found = text.size() < wanted.size()
                              ? nullptr
                              : ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
      if (found == nullptr) return false;
      const auto offset = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      text.remove_prefix(offset + wanted.size());
      return true;
    }
    while (true) {
      if (run_at(from, to, text)) return true;
      if (text.empty()) return false;
      text.remove_prefix(character(text));
    }
  }

  std::span<const Piece> pieces_;
  bool fold_;
  const Context* context_;
};

}  // namespace

Pattern compile_pattern(std::string_view text, PatternOptions options, Arena& arena) {
  return PatternBuilder(text, options, arena).build();
}

bool match_literally(const Pattern& pattern, std::string_view text) {
  switch (pattern.shape) {
    case Pattern::Shape::exact:
      return equal(text, pattern.text, pattern.fold);
    case Pattern::Shape::prefix:
      return begins_with(text, pattern.text);
    case Pattern::Shape::general:
      return Matcher(pattern.pieces(), pattern.fold, nullptr).match(text);
  }
  return false;
}

Match match(const Pattern& pattern, std::string_view text, const Context& context) {
  if (!pattern.has_variables) return match_literally(pattern, text) ? Match::yes : Match::no;
  const Matcher matcher(pattern.pieces(), pattern.fold, &context);
  if (!matcher.every_variable_has_a_value()) return Match::unknown;
  return matcher.match(text) ? Match::yes : Match::no;
}

}  // namespace gatehouse::policy

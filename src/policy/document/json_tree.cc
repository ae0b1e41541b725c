#include "policy/document/json_tree.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/encoding.h"

namespace gatehouse::policy {
namespace {

constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 256; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
// What may stand in a string as it is.
constexpr auto kPlain = plain_bytes();

constexpr std::array<bool, 256> token_bytes() {
  std::array<bool, 256> token{};
  for (const char c : std::string_view("{}[]\",:-0123456789tfn")) token[static_cast<unsigned char>(c)] = true;
  return token;
}
constexpr auto kBeginsToken = token_bytes();

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<std::string_view, 4> kCurlyQuotes = {"\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x98",
                                                          "\xE2\x80\x99"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '+' || c == '.' || c == ':' || c == '*';
}

void append_utf8(std::string& out, std::uint32_t c) {
  auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

// RFC 8259 section 6.
bool is_number(std::string_view s) {
  std::size_t i = 0;
  auto digits = [&] {
    const std::size_t from = i;
    while (i < s.size() && s[i] >= '0' && s[i] <= '9') ++i;
    return i > from;
  };
  if (i < s.size() && s[i] == '-') ++i;
  const std::size_t whole = i;
  if (!digits() || (s[whole] == '0' && i - whole > 1)) return false;
  if (i < s.size() && s[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == s.size();
}

// Recursive descent; a container's children wait on a stack until it closes, then move to the arena together.
class Reader {
 public:
  Reader(std::string_view source, Arena& arena, std::vector<DocumentProblem>& problems)
      : source_(source), arena_(arena), problems_(problems) {
    members_.reserve(64);
    items_.reserve(64);
  }

  JsonNode read() {
    if (source_.size() > kMaxSource) return give_up("The document is larger than 16 MiB.");
    if (source_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    skip_blank();
    if (at_ == source_.size()) return give_up("The document is empty.");
    JsonNode root = value(0);
    skip_blank();
    if (at_ < source_.size() && !stopped_) {
      report(at_, root.kind == JsonKind::string && peek() == ':'
                      ? "This is a fragment: a policy begins with { and ends with }."
                      : "There is something after the end of the document.");
    }
    return root;
  }

 private:
  char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }
  bool done() const { return stopped_ || at_ >= source_.size(); }
  bool looking_at(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  std::uint32_t here() const { return static_cast<std::uint32_t>(at_); }

  void report(std::size_t offset, std::string message, Problem problem = Problem::syntax) {
    if (problems_.size() >= kMaxProblems) {
      stopped_ = true;
      return;
    }
    problems_.push_back({problem, static_cast<std::uint32_t>(offset), std::move(message)});
  }

  JsonNode give_up(std::string message) {
    report(at_, std::move(message));
    stopped_ = true;
    JsonNode node;
    node.kind = JsonKind::invalid;
    return node;
  }

  void skip_blank() {
    const char* const end = source_.data() + source_.size();
    const char* p = source_.data() + at_;
    while (p != end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) ++p;
    at_ = static_cast<std::size_t>(p - source_.data());
    if (p != end && !kBeginsToken[static_cast<unsigned char>(*p)]) skip_foreign();
  }

  // What people write between tokens although JSON has no place for it.
  void skip_foreign() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '#' || looking_at("//")) {
        report(at_, "JSON has no comments: remove it.");
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (looking_at("/*")) {
        report(at_, "JSON has no comments: remove it.");
        const std::size_t close = source_.find("*/", at_ + 2);
        at_ = close == source_.npos ? source_.size() : close + 2;
      } else if (looking_at("...") || looking_at(kEllipsis)) {
        report(at_, "\"...\" stands for something left out: write it out, or remove it.");
        at_ += 3;
        elided_ = true;
      } else if (looking_at("\xC2\xA0")) {
        report(at_, "A no-break space stands here: replace it by a space.");
        at_ += 2;
      } else {
        return;
      }
    }
  }

  JsonNode value(int depth) {
    skip_blank();
    JsonNode node;
    node.begin = here();
    if (done()) {
      report(at_, "The document ends where a value should be.");
      stopped_ = true;
      node.kind = JsonKind::invalid;
    } else if (peek() == '{' || peek() == '[') {
      if (depth >= kMaxDepth) return give_up("The document is nested too deeply.");
      if (peek() == '{') {
        object(node, depth);
      } else {
        array(node, depth);
      }
    } else if (peek() == '"') {
      node.kind = JsonKind::string;
      node.text = string();
    } else if (at_foreign_quote()) {
      node.kind = JsonKind::string;
      node.text = foreign_string();
    } else {
      word(node);
    }
    node.end = here();
    return node;
  }

  void object(JsonNode& node, int depth) {
    node.kind = JsonKind::object;
    const std::size_t opened = at_++;
    const std::size_t base = members_.size();
    separated(opened, '}', [&] {
      JsonMember member;
      if (!key(member)) return;
      member.value = value(depth + 1);
      members_.push_back(member);
    });
    const auto mine = std::span<const JsonMember>(members_).subspan(base);
    report_duplicates(mine);
    node.members = arena_.copy(mine);
    members_.resize(base);
  }

  void array(JsonNode& node, int depth) {
    node.kind = JsonKind::array;
    const std::size_t opened = at_++;
    const std::size_t base = items_.size();
    separated(opened, ']', [&] {
      const JsonNode item = value(depth + 1);
      if (item.kind != JsonKind::invalid) items_.push_back(item);
    });
    node.items = arena_.copy(std::span<const JsonNode>(items_).subspan(base));
    items_.resize(base);
  }

  // What both containers share: things with commas between them up to `close`. Always moves forward.
  template <typename One>
  void separated(std::size_t opened, char close, One one) {
    std::size_t comma = source_.npos;
    bool first = true;
    elided_ = false;
    while (true) {
      skip_blank();
      if (done()) return unclosed(opened, close);
      const char c = peek();
      if (c == '}' || c == ']') {
        if (comma != source_.npos && !elided_) report(comma, "Remove this comma: nothing follows it.");
        if (c != close) report(at_, std::string("\"") + close + "\" is expected here, not \"" + c + "\".");
        ++at_;
        elided_ = false;
        return;
      }
      if (c == ',') {
        if ((first || comma != source_.npos) && !elided_)
          report(at_, "Remove this comma: nothing stands before it.");
        comma = at_++;
        first = false;
        continue;
      }
      if (!first && comma == source_.npos && !elided_) report(at_, "A comma is missing before this.");
      elided_ = false;
      first = false;
      comma = source_.npos;
      const std::size_t before = at_;
      one();
      if (at_ == before) ++at_;
    }
  }

  void unclosed(std::size_t opened, char close) {
    if (!stopped_) {
      report(opened, std::string("This \"") + (close == '}' ? '{' : '[') + "\" is never closed.");
      stopped_ = true;
    }
  }

  bool key(JsonMember& member) {
    member.key_begin = here();
    if (peek() == '"') {
      member.key = string();
    } else if (at_foreign_quote()) {
      member.key = foreign_string();
    } else if (is_word(peek())) {
      const std::size_t from = at_;
      while (!done() && is_word(peek()) && peek() != ':') ++at_;
      member.key = source_.substr(from, at_ - from);
      report(from, "The name of an element must be in double quotes.");
    } else {
      report(at_,
             peek() == '{'
                 ? "The name of an element is expected here; a { needs a name before it, or a list around it."
                 : "The name of an element, in double quotes, is expected here.");
      skip_to_separator();
      return false;
    }
    skip_blank();
    if (done()) return false;
    if (peek() == ':') {
      ++at_;
    } else if (peek() == ',' || peek() == '}' || peek() == ']') {
      report(at_, "A colon and a value are missing here.");
      return false;
    } else {
      report(at_, peek() == '=' ? "A colon is expected here, not \"=\"." : "A colon is missing before this.");
      if (peek() == '=') ++at_;
      if (looking_at(">")) ++at_;
    }
    return true;
  }

  void skip_to_separator() {
    while (!done() && peek() != ',' && peek() != '}' && peek() != ']') ++at_;
  }

  bool at_foreign_quote() const {
    if (peek() == '\'' || peek() == '`') return true;
    return std::ranges::any_of(kCurlyQuotes, [&](auto quote) { return looking_at(quote); });
  }

  // 'x', `x` and “x”: reported, then read as if they were right.
  std::string_view foreign_string() {
    report(at_, "Strings need straight double quotes.");
    const bool ascii = peek() == '\'' || peek() == '`';
    const std::string_view open = source_.substr(at_, ascii ? 1 : 3);
    at_ += open.size();
    const std::size_t from = at_;
    while (!done() && peek() != '\n') {
      const bool closed = ascii ? looking_at(open) : (peek() == '"' || at_foreign_quote());
      if (closed) {
        const std::string_view text = source_.substr(from, at_ - from);
        at_ += static_cast<unsigned char>(peek()) < 0x80 ? 1 : 3;
        return text;
      }
      ++at_;
    }
    return source_.substr(from, at_ - from);
  }

  std::string_view string() {
    const std::size_t from = ++at_;
    while (at_ < source_.size() && kPlain[static_cast<unsigned char>(source_[at_])]) ++at_;
    if (peek() == '"' && at_ < source_.size()) return source_.substr(from, at_++ - from);
    std::string decoded(source_.substr(from, at_ - from));
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '"') {
        ++at_;
        return arena_.copy(decoded);
      }
      if (c == '\\') {
        escape(decoded);
      } else if (c == '\n' || c == '\r') {
        report(from - 1, "This string is not closed on its line.");
        elided_ = true;  // its comma may be inside
        return arena_.copy(decoded);
      } else {
        if (static_cast<unsigned char>(c) < 0x20)
          report(at_, "A control character in a string must be escaped.");
        decoded += c;
        ++at_;
      }
    }
    report(from - 1, "This string is never closed.");
    stopped_ = true;
    return arena_.copy(decoded);
  }

  void escape(std::string& out) {
    const std::size_t from = at_++;
    const char c = peek();
    constexpr std::string_view kShort = "\"\\/bfnrt";
    constexpr std::string_view kMeans = "\"\\/\b\f\n\r\t";
    if (const auto i = kShort.find(c); at_ < source_.size() && i != kShort.npos) {
      out += kMeans[i];
      ++at_;
    } else if (c == 'u') {
      unicode_escape(out, from);
    } else {
      report(from, "JSON knows no such escape; a backslash itself is written \\\\.");
    }
  }

  void unicode_escape(std::string& out, std::size_t from) {
    std::uint32_t code = 0;
    if (!hex4(code)) return report(from, "\\u needs four hexadecimal digits.");
    if (code >= 0xD800 && code < 0xE000) {
      std::uint32_t low = 0;
      const bool paired =
          code < 0xDC00 && looking_at("\\u") && (++at_, hex4(low)) && low >= 0xDC00 && low < 0xE000;
      if (!paired) return report(from, "This half of a surrogate pair stands alone.");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }

  // At the 'u' of an escape; on success past its digits.
  bool hex4(std::uint32_t& code) {
    ++at_;
    if (source_.size() - at_ < 4) return false;
    code = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const char c = lower(source_[at_ + i]);
      if (c >= '0' && c <= '9') {
        code = code * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        code = code * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
      } else {
        return false;
      }
    }
    at_ += 4;
    return true;
  }

  void word(JsonNode& node) {
    const std::size_t from = at_;
    while (!done() && is_word(peek())) ++at_;
    node.text = source_.substr(from, at_ - from);
    if (node.text == "true" || node.text == "false") {
      node.kind = JsonKind::boolean;
    } else if (node.text == "null") {
      node.kind = JsonKind::null;
    } else if (is_number(node.text)) {
      node.kind = JsonKind::number;
    } else {
      node.kind = JsonKind::invalid;
      report(from, node.text == "True" || node.text == "False" || node.text == "None"
                       ? "JSON writes true, false and null in lower case."
                       : "A value is expected here: text must be in double quotes.");
      skip_to_separator();
    }
  }

  void report_duplicates(std::span<const JsonMember> members) {
    constexpr std::size_t kFew = 24;
    if (members.size() <= kFew) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (equal_ignoring_case(members[i].key, members[j].key)) {
            report_duplicate(members[i], members[i].key == members[j].key);
            break;
          }
        }
      }
      return;
    }
    std::unordered_set<std::string> seen;
    for (const JsonMember& member : members) {
      std::string folded(member.key);
      std::ranges::transform(folded, folded.begin(), lower);
      if (!seen.insert(std::move(folded)).second) report_duplicate(member, true);
    }
  }

  void report_duplicate(const JsonMember& member, bool exact) {
    report(member.key_begin,
           "\"" + std::string(member.key) + "\" stands twice in one object" +
               (exact ? "." : ", apart from its case."),
           Problem::duplicate_key);
  }

  std::string_view source_;
  Arena& arena_;
  std::vector<DocumentProblem>& problems_;
  std::size_t at_ = 0;
  bool stopped_ = false;  // nothing more can be read
  bool elided_ = false;   // `...` stands where a comma or a value would
  std::vector<JsonMember> members_;
  std::vector<JsonNode> items_;
};

void report_invalid_utf8(std::string_view source, std::vector<DocumentProblem>& problems) {
  if (std::ranges::all_of(source, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return;
  if (is_valid_utf8(source)) return;
  std::size_t good = 0;
  while (good < source.size()) {
    std::size_t length = 1;
    while (length <= 4 && !is_valid_utf8(source.substr(good, length))) ++length;
    if (length > 4) break;
    good += length;
  }
  problems.push_back(
      {Problem::syntax, static_cast<std::uint32_t>(good), "The document is not valid UTF-8 here."});
}

}  // namespace

std::string_view to_string(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::number:
      return "a number";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "a list";
    case JsonKind::object:
      return "an object";
    case JsonKind::invalid:
      return "nothing readable";
  }
  return "";
}

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const JsonMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

JsonNode read_json(std::string_view source, Arena& arena, std::vector<DocumentProblem>& problems) {
  report_invalid_utf8(source, problems);
  return Reader(source, arena, problems).read();
}

}  // namespace gatehouse::policy

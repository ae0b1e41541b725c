#include "kube/schema/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <sstream>

#include "kube/schema/decode.h"

namespace gatehouse::kube {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxNodes = 200'000;  // aliases can make a small text a huge tree

struct TooLarge {};

json::value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return json::value(text);  // quoted
  if (text.empty() || text == "~" || text == "null") return json::value(nullptr);
  if (text == "true" || text == "false") return json::value(text == "true");
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(text.data(), text.data() + text.size(), integer);
      r.ec == std::errc{} && r.ptr == text.data() + text.size()) {
    return json::value(integer);
  }
  double real = 0;
  const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (const auto r = std::from_chars(text.data(), text.data() + text.size(), real);
      numeric && r.ec == std::errc{} && r.ptr == text.data() + text.size()) {
    return json::value(real);
  }
  return json::value(text);
}

json::value convert(const YAML::Node& node, int depth, size_t& nodes) {
  if (depth > kMaxDepth || ++nodes > kMaxNodes) throw TooLarge{};
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      json::array out;
      for (const auto& element : node) out.push_back(convert(element, depth + 1, nodes));
      return out;
    }
    case YAML::NodeType::Map: {
      json::object out;
      for (const auto& member : node) out[member.first.Scalar()] = convert(member.second, depth + 1, nodes);
      return out;
    }
    default:
      return nullptr;
  }
}

bool begins_document(std::string_view line) { return line.starts_with("---"); }

// Says where the last document that was begun begins, and nothing of what is in it.
class DocumentStarts final : public YAML::EventHandler {
 public:
  YAML::Mark last;

  void OnDocumentStart(const YAML::Mark& mark) override { last = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// The first document. yaml-cpp takes what stands behind a finished node for another document, whether or not
// a line of dashes divides them; without one it is a fault, as it is to every other reader. Of some faulty
// texts it makes documents without end, so that no more are looked at than there may be.
YAML::Node load(std::string_view text) {
  size_t divided = 0;
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
    divided += begins_document(text.substr(at + 1)) ? 1 : 0;
  std::istringstream in{std::string(text)};
  YAML::Parser parser(in);
  DocumentStarts starts;
  for (size_t documents = 1; parser.HandleNextDocument(starts); ++documents) {
    if (documents > divided + 1) throw YAML::ParserException(starts.last, "the text goes on behind its end");
  }
  return YAML::Load(std::string(text));
}

YamlPlace place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

}  // namespace

std::optional<YamlFault> yaml_fault(std::string_view text) {
  try {
    load(text);
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    return YamlFault{place_of(e.mark), e.msg};
  }
}

std::vector<YamlPlace> yaml_elements(std::string_view text) {
  std::vector<YamlPlace> out;
  if (yaml_fault(text)) return out;
  const YAML::Node root = load(text);
  if (!root.IsSequence()) return out;
  for (const auto& element : root) out.push_back(place_of(element.Mark()));
  return out;
}

std::optional<YamlPlace> yaml_member(std::string_view text, std::string_view outer, std::string_view member) {
  if (yaml_fault(text)) return std::nullopt;
  const YAML::Node root = load(text);
  if (!root.IsMap() || !root[std::string(outer)] || !root[std::string(outer)].IsMap()) return std::nullopt;
  const YAML::Node found = root[std::string(outer)][std::string(member)];
  return found ? std::optional(place_of(found.Mark())) : std::nullopt;
}

Result<json::value> parse_yaml(std::string_view text) {
  try {
    size_t nodes = 0;
    return convert(load(text), 0, nodes);
  } catch (const YAML::Exception& e) {
    return fail("BadRequest",
                fmt::format("error converting YAML to JSON: yaml: line {}: {}", e.mark.line + 1, e.msg));
  } catch (const TooLarge&) {
    return fail("BadRequest", "error converting YAML to JSON: yaml: the document is too deep or too large");
  }
}

}  // namespace gatehouse::kube

// Values as XML, the same for query, ec2 and rest-xml. Writing is direct; reading is pugixml's, behind this
// header.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/model.h"

namespace gatehouse::wire::codec {

inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// Text escaped for an element or an attribute. Control characters become references, as S3 lists them.
void append_escaped(std::string& out, std::string_view text);
void append_element(std::string& out, std::string_view name, std::string_view text);

class XmlWriter {
 public:
  XmlWriter(const ServiceModel& service, std::string& out);

  // The members of a structure that travel in the body, without the element around them.
  void members(const Shape& shape, const Value& value);
  // A whole body: the structure in an element that declares the service's namespace.
  void root(std::string_view name, const Shape& shape, const Value& value);

 private:
  void element(std::string_view name, const Shape& shape, const Value& value);
  void member(const MemberModel& member, const Value& value);
  void list_items(std::string_view name, const Shape& shape, const Value& value);
  void map_entries(std::string_view name, const Shape& shape, const Value& value);
  void open(std::string_view name, const Shape& shape, const Value& value);

  const ServiceModel& service_;
  std::string& out_;
};

struct XmlReading {
  bool strict = false;  // elements of no member are an error, as S3's schema makes them
};

// The structure in the document's root element, or, with a `wrapper`, in that child of it.
// Errors are "MalformedXML"; DOCTYPE, several roots, bytes that are not UTF-8 and absurd depth are among
// them.
Result<Value> read_xml(const ServiceModel& service, const Shape& shape, std::string_view text,
                       std::string_view root, std::string_view wrapper, XmlReading reading);

// The root element's text.
Result<std::string> read_xml_text(std::string_view text);

// Code, message and other members of an error answer of any XML protocol.
Error read_xml_error(std::string_view text, int status);

std::unexpected<Error> malformed_xml();

}  // namespace gatehouse::wire::codec

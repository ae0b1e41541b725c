#include "wire/multipart.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace gatehouse::wire {
namespace {

struct Form final : FormReader::Sink {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string filename, content_type, data;

  Result<void> field(std::string name, std::string value) override {
    fields.emplace_back(std::move(name), std::move(value));
    return {};
  }
  Result<void> file_begins(std::string name, std::string type) override {
    filename = std::move(name);
    content_type = std::move(type);
    return {};
  }
  Result<void> file_data(std::string_view piece) override {
    data += piece;
    return {};
  }
};

std::string part(std::string_view name, std::string_view value) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}
std::string file(std::string_view data) {
  return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\x\\f.txt\"\r\nContent-Type: "
         "text/plain\r\n\r\n" +
         std::string(data) + "\r\n";
}

// Fed in pieces of each size: where it is cut must not matter.
TEST(FormReader, ReadsFieldsAndTheFileHoweverItIsCut) {
  for (const std::string& data : {std::string("data"), std::string(), std::string("\r\n--"),
                                  std::string("\r\n-\r\n--a\r\n"), std::string("--b--")}) {
    const std::string body =
        part("Key", "a b") + part("empty", "") + file(data) + part("late", "x") + "--b--\r\n";
    for (size_t size = 1; size <= body.size(); ++size) {
      FormReader reader("b");
      Form form;
      for (size_t at = 0; at < body.size(); at += size)
        ASSERT_TRUE(reader.feed(std::string_view(body).substr(at, size), form)) << size;
      ASSERT_TRUE(reader.finish()) << size;
      EXPECT_EQ(form.data, data) << size;
      ASSERT_EQ(form.fields.size(), 2U);
      EXPECT_EQ(form.fields[0], (std::pair<std::string, std::string>("key", "a b")));
      EXPECT_EQ(form.fields[1], (std::pair<std::string, std::string>("empty", "")));
      EXPECT_EQ(form.filename, "f.txt");
      EXPECT_EQ(form.content_type, "text/plain");
    }
  }
}

std::string code_of(std::string_view body) {
  FormReader reader("b");
  Form form;
  if (auto fed = reader.feed(body, form); !fed) return fed.error().code;
  const auto ended = reader.finish();
  return ended ? "" : ended.error().code;
}

TEST(FormReader, RefusesWhatIsNoForm) {
  EXPECT_EQ(code_of(""), "MalformedPOSTRequest");
  EXPECT_EQ(code_of("nonsense"), "MalformedPOSTRequest");
  EXPECT_EQ(code_of("--b\r\n\r\nvalue\r\n--b--\r\n"), "MalformedPOSTRequest");
  EXPECT_EQ(code_of(part("key", "k") + file("data")), "MalformedPOSTRequest");
  EXPECT_EQ(code_of(part("key", "k") + "--b--\r\n"), "InvalidArgument");
  EXPECT_EQ(code_of(part("key", "k") + file("data") + "--b--\r\n"), "");
}

TEST(FormReader, HoldsLittleBeforeTheFile) {
  const std::string long_field = part("x", std::string(21'000, 'x'));
  EXPECT_EQ(code_of(long_field), "MaxPostPreDataLengthExceededError");
  EXPECT_EQ(code_of(long_field + file("data") + "--b--\r\n"), "MaxPostPreDataLengthExceededError");
  EXPECT_EQ(code_of(file(std::string(100'000, 'x')) + "--b--\r\n"), "");
}

TEST(FormReader, FindsTheBoundary) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("Multipart/Form-Data;boundary=\"a b\"; charset=x"), "a b");
  EXPECT_EQ(boundary_of("multipart/form-data"), std::nullopt);
  EXPECT_EQ(boundary_of("multipart/mixed; boundary=abc"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::wire

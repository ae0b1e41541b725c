#include "wire/multipart.h"

#include <algorithm>

namespace gatehouse::wire {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, MaxPostPreDataLengthExceededError
constexpr size_t kMostBeforeFile = 20 * 1024;
constexpr size_t kLongestHead = 4 * 1024;

std::unexpected<Error> malformed() {
  return fail("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.",
              400);
}

std::unexpected<Error> too_much_before() {
  return fail("MaxPostPreDataLengthExceededError",
              "Your POST request fields preceding the upload file were too large.", 400);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// A parameter of a header: name="value", or without quotes.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  const std::string folded = lower(header);
  const std::string wanted = "; " + std::string(name) + "=";
  auto at = folded.find(wanted);
  size_t skip = wanted.size();
  if (at == std::string::npos) {
    at = folded.find(";" + std::string(name) + "=");
    skip = wanted.size() - 1;
  }
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = header.substr(at + skip);
  if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find(';')));
  const auto end = rest.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(1, end - 1));
}

// The value of a header among a part's header lines.
std::string_view header_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && lower(line.substr(0, colon)) == name) {
      std::string_view value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      return value;
    }
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 2);
  }
  return {};
}

// What a browser says of a file may be a path: only the last part is its name.
std::string base_name(std::string_view filename) {
  const auto slash = filename.find_last_of("/\\");
  return std::string(slash == std::string_view::npos ? filename : filename.substr(slash + 1));
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
  if (!lower(content_type).starts_with("multipart/form-data")) return std::nullopt;
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;
  return boundary;
}

Result<void> FormReader::feed(std::string_view piece, Sink& sink) {
  if (state_ == State::after) return {};
  pending_.append(piece);
  fed_ += piece.size();
  while (true) {
    TRY(const bool more, step(sink));
    if (!more) break;
  }
  if (!had_file_ && fed_ > kMostBeforeFile) return too_much_before();
  return {};
}

Result<void> FormReader::finish() const {
  if (state_ == State::after && had_file_) return {};
  if (state_ == State::after) {
    return fail(Error{"InvalidArgument",
                      "POST requires exactly one file upload per request.",
                      400,
                      {{"ArgumentName", "file"}, {"ArgumentValue", "0"}}});
  }
  return malformed();
}

// False: more bytes are needed, or none are wanted.
Result<bool> FormReader::step(Sink& sink) {
  switch (state_) {
    case State::preamble: {
      // The first delimiter may stand at the very beginning, without a line end before it.
      const std::string_view first = std::string_view(delimiter_).substr(2);
      if (pending_.size() < first.size() + 2) return false;
      if (!pending_.starts_with(first)) return malformed();
      pending_.erase(0, first.size());
      const auto another = another_part();
      if (!another) return false;
      state_ = *another ? State::head : State::after;
      return true;
    }
    case State::head:
      return read_head(sink);
    case State::value:
      return read_value(sink);
    case State::file:
      return read_file(sink);
    case State::after:
      break;
  }
  pending_.clear();
  return false;
}

std::optional<bool> FormReader::another_part() {
  if (pending_.size() < 2) return std::nullopt;
  const bool ends = pending_.starts_with("--");
  pending_.erase(0, 2);
  return !ends;
}

Result<bool> FormReader::read_head(Sink& sink) {
  const auto end = pending_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (pending_.size() > kLongestHead) return malformed();
    return false;
  }
  const std::string head = pending_.substr(0, end);
  // The delimiter may follow the head at once, sharing its line end.
  pending_.erase(0, end + 2);
  const std::string_view disposition = header_of(head, "content-disposition");
  const auto name = parameter(disposition, "name");
  if (!lower(disposition).starts_with("form-data") || !name) return malformed();
  name_ = lower(*name);
  if (name_ != "file") {
    state_ = State::value;
    return true;
  }
  had_file_ = true;
  state_ = State::file;
  pending_.erase(0, 2);
  if (fed_ - pending_.size() > kMostBeforeFile) return too_much_before();
  CHECK_OK(sink.file_begins(base_name(parameter(disposition, "filename").value_or("")),
                            std::string(header_of(head, "content-type"))));
  return true;
}

Result<bool> FormReader::read_value(Sink& sink) {
  const auto end = pending_.find(delimiter_, 0);
  if (end == std::string::npos || pending_.size() < end + delimiter_.size() + 2) return false;
  std::string value = end >= 2 ? pending_.substr(2, end - 2) : std::string();
  pending_.erase(0, end + delimiter_.size());
  const auto another = another_part();
  CHECK_OK(sink.field(name_, std::move(value)));
  state_ = *another ? State::head : State::after;
  return true;
}

Result<bool> FormReader::read_file(Sink& sink) {
  const auto end = pending_.find(delimiter_);
  if (end == std::string::npos) {
    // All but what may be the beginning of the delimiter.
    if (pending_.size() >= delimiter_.size()) {
      const size_t sure = pending_.size() - delimiter_.size() + 1;
      CHECK_OK(sink.file_data(std::string_view(pending_).substr(0, sure)));
      pending_.erase(0, sure);
    }
    return false;
  }
  if (end > 0) CHECK_OK(sink.file_data(std::string_view(pending_).substr(0, end)));
  state_ = State::after;
  return true;
}

}  // namespace gatehouse::wire

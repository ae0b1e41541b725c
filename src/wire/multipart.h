// A browser's multipart/form-data body as it comes: its fields, and then its file, piece by piece (RFC 7578).
//
// The file is the part named "file", whatever follows it is passed over, and what comes before it must be
// small: it is held in memory. Errors have S3's codes, whose forms these are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gatehouse::wire {

class FormReader {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual Result<void> field(std::string name, std::string value) = 0;
    virtual Result<void> file_begins(std::string filename, std::string content_type) = 0;
    virtual Result<void> file_data(std::string_view piece) = 0;
  };

  // `boundary`: of the Content-Type, see boundary_of().
  explicit FormReader(std::string_view boundary) : delimiter_("\r\n--" + std::string(boundary)) {}

  Result<void> feed(std::string_view piece, Sink& sink);
  // After the last piece: the file came, and ended.
  Result<void> finish() const;

 private:
  enum class State : std::uint8_t { preamble, head, value, file, after };
  Result<bool> step(Sink& sink);
  Result<bool> read_head(Sink& sink);
  Result<bool> read_value(Sink& sink);
  Result<bool> read_file(Sink& sink);
  // Past a delimiter: whether another part follows. Nullopt: not all there yet.
  std::optional<bool> another_part();

  std::string delimiter_;
  std::string pending_;
  std::string name_;
  std::uint64_t fed_ = 0;
  State state_ = State::preamble;
  bool had_file_ = false;
};

// Nullopt for what is no multipart/form-data.
std::optional<std::string> boundary_of(std::string_view content_type);

}  // namespace gatehouse::wire

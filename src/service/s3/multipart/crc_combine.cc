#include "service/s3/multipart/crc_combine.h"

namespace gatehouse::service::s3 {
namespace {

// A CRC is a polynomial over GF(2), reflected: the highest bit is x^0.
struct Field {
  std::uint64_t polynomial;
  int width;
  std::uint64_t one() const { return std::uint64_t{1} << (width - 1); }
};

Field field_of(Digest::Kind kind) {
  if (kind == Digest::Kind::crc32) return {0xedb88320, 32};
  if (kind == Digest::Kind::crc32c) return {0x82f63b78, 32};
  return {0x9a6c9329ac4bc9b5, 64};
}

std::uint64_t multiply(const Field& f, std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (std::uint64_t bit = f.one(); bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ f.polynomial : b >> 1;
  }
  return product;
}

// x^(8 * bytes): what appending that many bytes multiplies a CRC with.
std::uint64_t shift(const Field& f, std::uint64_t bytes) {
  std::uint64_t power = f.one() >> 8;  // x^8
  std::uint64_t result = f.one();
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) result = multiply(f, power, result);
    power = multiply(f, power, power);
  }
  return result;
}

std::uint64_t read(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

// The initial value and the final complement cancel out: both are all ones in these three.
std::string combine_crc(Digest::Kind kind, std::string_view a, std::string_view b, std::uint64_t size_of_b) {
  const Field f = field_of(kind);
  const std::uint64_t value = multiply(f, shift(f, size_of_b), read(a)) ^ read(b);
  std::string out;
  for (int at = f.width - 8; at >= 0; at -= 8) out += static_cast<char>(value >> at & 0xff);
  return out;
}

}  // namespace gatehouse::service::s3

#pragma once
/// Numbers and strings inside packets: big-endian, and ended by a NUL.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace milterd::milter {

void append_u16(std::string& out, std::uint16_t number);
void append_u32(std::string& out, std::uint32_t number);
/// Up to the first NUL of `text`, and a NUL.
void append_string(std::string& out, std::string_view text);

/// `bytes` has at least four.
std::uint32_t read_u32(std::string_view bytes);

/// Reads fields one after the other; nothing once one is missing.
class FieldReader {
 public:
  explicit FieldReader(std::string_view data) : rest_(data) {}

  std::optional<std::uint32_t> u32();
  /// Ended by a NUL, or by the end of the data where at least one byte is left: some filters leave
  /// the last NUL out.
  std::optional<std::string_view> string();
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace milterd::milter

#include "plugins/clamav/scanning/zip_methods.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace milterd::clamav {
namespace {

constexpr std::string_view local_header = "PK\x03\x04";
constexpr std::string_view directory_entry = "PK\x01\x02";
constexpr std::string_view directory_end = "PK\x05\x06";
constexpr std::size_t directory_end_size = 22;
constexpr std::size_t most_comment = 65'535;

/// Where the facts of a member are in its header.
struct Layout {
  std::string_view mark;
  std::size_t size;
  std::size_t flags;
  std::size_t method;
  std::size_t packed_size;
  std::array<std::size_t, 3> lengths;  ///< Of what follows: name, extra field, comment.
  bool data_follows;
};
constexpr Layout local = {local_header, 30, 6, 8, 18, {26, 28, 0}, true};
constexpr Layout in_directory = {directory_entry, 46, 8, 10, 20, {28, 30, 32}, false};

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

/// stored, imploded, deflated, deflated with 64 KiB, bzip2
constexpr std::array<std::uint32_t, 5> known_methods = {0, 6, 8, 9, 12};

/// Looks at one header after the other, as long as there are any.
bool has_unknown_method(std::string_view headers, const Layout& layout) {
  while (headers.size() >= layout.size && headers.starts_with(layout.mark)) {
    const bool encrypted = (number(headers, layout.flags, 2) & 1U) != 0;
    const std::uint32_t packed_size = number(headers, layout.packed_size, 4);
    if (!encrypted && packed_size > 0 &&
        std::ranges::find(known_methods, number(headers, layout.method, 2)) ==
            known_methods.end()) {
      return true;
    }
    std::size_t next = layout.size + (layout.data_follows ? packed_size : 0);
    for (const std::size_t length : layout.lengths) {
      next += length > 0 ? number(headers, length, 2) : 0;
    }
    headers.remove_prefix(std::min(next, headers.size()));
  }
  return false;
}

}  // namespace

bool has_unknown_method(std::string_view file) {
  const std::size_t tail = directory_end_size + most_comment;
  const std::string_view end = file.substr(file.size() > tail ? file.size() - tail : 0);
  const std::size_t found = end.rfind(directory_end);
  if (found != std::string_view::npos && end.size() - found >= directory_end_size) {
    const std::size_t begin = number(end, found + 16, 4);
    if (begin < file.size() && file.substr(begin).starts_with(directory_entry)) {
      return has_unknown_method(file.substr(begin), in_directory);
    }
  }
  return has_unknown_method(file, local);
}

}  // namespace milterd::clamav

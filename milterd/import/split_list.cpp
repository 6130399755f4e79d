#include "milterd/import/split_list.hpp"

#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd {

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    std::string_view piece = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    while (!piece.empty() && is_space(piece.front())) {
      piece.remove_prefix(1);
    }
    while (!piece.empty() && is_space(piece.back())) {
      piece.remove_suffix(1);
    }
    if (!piece.empty()) {
      pieces.emplace_back(piece);
    }
  }
  return pieces;
}

}  // namespace milterd

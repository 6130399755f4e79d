#pragma once
/// Case of ASCII letters, without the locale: mail bytes mean the same on every machine.

#include <string_view>

namespace milterd {

/// Bytes that are no ASCII capital letter stay what they are.
constexpr char to_lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace milterd

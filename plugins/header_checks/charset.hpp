#pragma once
/// Text of mail's charsets in UTF-8.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milterd::header_checks {

/// Keeps what it has opened: opening a charset may mean to load a library.
class Utf8Converter {
 public:
  Utf8Converter();
  ~Utf8Converter();

  /// `bytes` in UTF-8; what is no character in `charset` becomes U+FFFD. Nothing where the charset
  /// is not one of the known ones (or the C library lacks it). Names in any letter case.
  std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes);

 private:
  struct Open;
  std::vector<Open> open_;
};

}  // namespace milterd::header_checks

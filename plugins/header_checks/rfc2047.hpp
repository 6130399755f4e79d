#pragma once
/// Encoded words in header fields (RFC 2047).

#include <string>
#include <string_view>

namespace milterd::header_checks {

/// A logical header as a mail reader shows it, in UTF-8: "=?iso-8859-1?q?caf=E9?=" is "café". Words
/// are decoded wherever they stand, whatever their length, as mail readers do; white space between
/// two of them goes; bytes that are none in their charset become U+FFFD; NUL, CR and LF from within
/// a word become spaces. A word that is malformed or of a charset that we do not know stays as it
/// is, and so does all other text, folds included. The result has at most four times the bytes.
std::string decode_header(std::string_view logical_header);

}  // namespace milterd::header_checks

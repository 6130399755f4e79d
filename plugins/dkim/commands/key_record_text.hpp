#pragma once
/// A key record as people put it into DNS.

#include <string>
#include <string_view>

namespace milterd::dkim {

/// What the owner of a key says about it (RFC 6376 section 3.6.1).
struct KeyRecordWishes {
  bool test_mode = false;      ///< t=y
  bool no_subdomains = false;  ///< t=s
  bool only_email = false;     ///< s=email
  std::string note;            ///< n=
};

/// `public_record` is SigningKey's "v=DKIM1; k=...; p=...".
std::string key_record_text(std::string_view public_record, const KeyRecordWishes& wishes);

/// The record as a line of a zone file, for any origin: quoted pieces of at most 255 bytes in
/// parentheses, and a comment.
std::string zone_file_text(std::string_view record, std::string_view selector,
                           std::string_view domain);

}  // namespace milterd::dkim

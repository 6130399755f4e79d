#pragma once
/// Messages to scan, built in memory.

#include <string>
#include <string_view>
#include <vector>

namespace milterd::test {

/// The EICAR anti-malware test file.
std::string eicar();
std::string base64(std::string_view bytes);  ///< In CRLF lines of 76.
/// A zip archive with one stored (not compressed) file in it.
std::string zip(std::string_view name, std::string_view content);
/// The same, but marked as packed by another method.
std::string zip_of_method(std::string_view name, std::string_view content, int method);
/// The same, but marked as encrypted.
std::string encrypted_zip(std::string_view name, std::string_view content);
/// 100,000 zero bytes, packed into a hundred.
std::string gzip_of_zeros();
std::string zip_of_zeros();
/// `content` in `levels` archives, one in the other.
std::string nested_zip(int levels, std::string content);

/// A plain text message. `first_fields` ("Name: value\r\n"...) come first.
std::string text_mail(std::string_view text, std::string_view first_fields = "");
/// A message with one attachment in base64.
std::string attachment_mail(std::string_view file_name, std::string_view content,
                            std::string_view first_fields = "");
/// What the host makes of `mail` for scanners.
std::string image(std::string_view mail);
/// Each part in base64.
std::string parts_mail(const std::vector<std::string>& parts);

}  // namespace milterd::test

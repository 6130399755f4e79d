#pragma once
/// Files of kinds that libclamav takes apart, as small as it accepts them.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milterd::test {

/// A Windows program of one section, which begins with `content`.
std::string windows_program(std::string_view content);
/// A compound file (OLE2) with one stream.
std::string compound_file(std::string_view stream_name, std::string content);
/// The stream "Workbook" of an Excel file that has a sheet of macros.
std::string workbook_with_macros();
/// A disk image of 16 sectors with these partitions (first sector, number of sectors).
std::string disk_image(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& partitions);
/// `content` in hexadecimal digits.
std::string pdf_file(std::string_view content);
std::string encrypted_pdf();
std::string compressed_flash_with_eicar();
std::string png_image();

}  // namespace milterd::test

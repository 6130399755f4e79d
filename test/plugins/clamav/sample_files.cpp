#include "sample_files.hpp"

#include <initializer_list>

#include "sample_mail.hpp"

namespace milterd::test {
namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return text;
}

std::string shorts(std::initializer_list<std::uint32_t> values) {
  std::string text;
  for (const std::uint32_t value : values) {
    text += number(value, 2);
  }
  return text;
}

std::string longs(std::initializer_list<std::uint32_t> values) {
  std::string text;
  for (const std::uint32_t value : values) {
    text += number(value, 4);
  }
  return text;
}

std::string padded(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

constexpr std::size_t sector = 512;
constexpr std::uint32_t free_sector = 0xFFFFFFFF;
constexpr std::uint32_t end_of_chain = 0xFFFFFFFE;
constexpr std::uint32_t allocation_table = 0xFFFFFFFD;

std::string directory_entry(std::string_view name, int type, std::uint32_t child,
                            std::uint32_t first_sector, std::uint64_t size) {
  std::string wide;
  for (const char c : name) {
    wide += c;
    wide += '\0';
  }
  return padded(wide, 64) + number(wide.size() + 2, 2) +
         number(static_cast<std::uint64_t>(type), 1) + number(1, 1) +
         longs({free_sector, free_sector, child}) + std::string(36, '\0') +
         number(first_sector, 4) + number(size, 8);
}

std::string record(std::uint32_t type, const std::string& content) {
  return shorts({type, static_cast<std::uint32_t>(content.size())}) + content;
}

}  // namespace

std::string windows_program(std::string_view content) {
  const std::string dos = padded("MZ", 60) + number(64, 4);
  const std::string coff = shorts({0x14C, 1}) + longs({0, 0, 0}) + shorts({224, 0x102});
  const std::string optional =
      shorts({0x10B, 0}) + longs({512, 0, 0, 0x1000, 0x1000, 0x2000, 0x400000, 0x1000, 0x200}) +
      shorts({4, 0, 0, 0, 4, 0}) + longs({0, 0x2000, 0x200, 0}) + shorts({2, 0}) +
      longs({0x100000, 0x1000, 0x100000, 0x1000, 0, 16}) + std::string(128, '\0');
  const std::string section =
      padded(".text", 8) + longs({0x1000, 0x1000, 0x200, 0x200, 0, 0, 0, 0x60000020});
  return padded(dos + padded("PE", 4) + coff + optional + section, sector) +
         padded(std::string(content), sector);
}

std::string compound_file(std::string_view stream_name, std::string content) {
  constexpr std::size_t stream_size = 4096;
  const std::string header = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(16, '\0') +
                             shorts({0x3E, 3, 0xFFFE, 9, 6}) + std::string(6, '\0') +
                             longs({0, 1, 1, 0, stream_size, end_of_chain, 0, end_of_chain, 0, 0}) +
                             std::string(432, '\xFF');
  std::string table = longs({allocation_table, end_of_chain, 3, 4, 5, 6, 7, 8, 9, end_of_chain});
  table.resize(sector, '\xFF');
  const std::string directory = directory_entry("Root Entry", 5, 1, end_of_chain, 0) +
                                directory_entry(stream_name, 2, free_sector, 2, stream_size) +
                                directory_entry("", 0, free_sector, end_of_chain, 0) +
                                directory_entry("", 0, free_sector, end_of_chain, 0);
  return header + table + directory + padded(std::move(content), stream_size);
}

std::string workbook_with_macros() {
  const std::string begin_globals = record(0x809, shorts({0x600, 5}) + std::string(12, '\0'));
  const std::string macro_sheet =
      record(0x85, number(100, 4) + number(0, 1) + number(1, 1) + shorts({6}) + "Macro1");
  return begin_globals + macro_sheet + record(0x0A, "");
}

std::string disk_image(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& partitions) {
  std::string image(446, '\0');
  bool active = true;
  for (const auto& [first, count] : partitions) {
    image += number(active ? 0x80 : 0, 4) + number(0x83, 4) + longs({first, count});
    active = false;
  }
  return padded(padded(image, sector - 2) + "\x55\xAA", 16 * sector);
}

std::string pdf_file(std::string_view content) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string stream;
  for (const char c : content) {
    stream += digits[static_cast<unsigned char>(c) >> 4U];
    stream += digits[static_cast<unsigned char>(c) & 15U];
  }
  stream += '>';
  return "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
         "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
         "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length " +
         std::to_string(stream.size()) + "/Filter/ASCIIHexDecode>>\nstream\n" + stream +
         "\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n";
}

std::string encrypted_pdf() {
  const std::string objects =
      "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
      "5 0 obj\n<</Filter/Standard/V 1/R 2/O<" +
      std::string(64, '4') + ">/U<" + std::string(64, '5') + ">/P -44>>\nendobj\n";
  const std::string id = "<" + std::string(32, '6') + ">";
  return objects +
         "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 6/Root 1 0 R/Encrypt 5 0 R/ID[" + id +
         id + "]>>\nstartxref\n" + std::to_string(objects.size()) + "\n%%EOF\n";
}

std::string compressed_flash_with_eicar() {
  constexpr unsigned char deflated[] = {
      0x78, 0x9C, 0x8B, 0x30, 0xF5, 0x57, 0x0C, 0x50, 0x75, 0x70, 0x0C, 0x88, 0x36,
      0x89, 0x09, 0x88, 0x8A, 0x30, 0x35, 0xD1, 0x08, 0x88, 0xD3, 0x34, 0x77, 0x76,
      0xD6, 0x34, 0xAF, 0x55, 0x71, 0xF5, 0x74, 0x76, 0x0C, 0xD2, 0x0D, 0x0E, 0x71,
      0xF4, 0x73, 0x71, 0x0C, 0x72, 0xD1, 0x75, 0xF4, 0x0B, 0xF1, 0x0C, 0xF3, 0x0C,
      0x0A, 0x0D, 0xD6, 0x0D, 0x71, 0x0D, 0x0E, 0xD1, 0x75, 0xF3, 0xF4, 0x71, 0x55,
      0x54, 0xF1, 0xD0, 0xF6, 0xD0, 0x02, 0x00, 0x74, 0x54, 0x12, 0x0F,
  };
  std::string file = "CWS\x06" + number(8 + eicar().size(), 4);
  for (const unsigned char byte : deflated) {
    file += static_cast<char>(byte);
  }
  return file;
}

std::string png_image() {
  constexpr unsigned char bytes[] = {
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
      0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
      0x00, 0x3A, 0x7E, 0x9B, 0x55, 0x00, 0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78,
      0x9C, 0x63, 0xF8, 0x0F, 0x00, 0x01, 0x01, 0x01, 0x00, 0xB1, 0x38, 0xF6, 0x14, 0x00,
      0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
  };
  std::string file;
  for (const unsigned char byte : bytes) {
    file += static_cast<char>(byte);
  }
  return file;
}

}  // namespace milterd::test

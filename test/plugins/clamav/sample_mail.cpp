#include "sample_mail.hpp"

#include <cstdint>

#include "test/support/received_transaction.hpp"

namespace milterd::test {
namespace {

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return text;
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320U : crc >> 1U;
    }
  }
  return ~crc;
}

constexpr std::uint32_t zeros = 100'000;

/// So many zero bytes as one block of deflate.
std::string deflated_zeros() {
  return std::string("\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0", 15) +
         std::string(96, '\0') + std::string("\x80\x57\x03");
}

}  // namespace

std::string eicar() {
  std::string text = R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-)";
  text += "ANTIVIRUS-TEST-FILE!$H+H*";
  return text;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto byte = i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
      group = group << 8U | byte;
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 0x3FU];
    }
    if (i % 57 == 54) {
      text += "\r\n";
    }
  }
  return text + "\r\n";
}

std::string zip(std::string_view name, std::string_view content) {
  const auto size = little_endian(static_cast<std::uint32_t>(content.size()), 4);
  const auto name_size = little_endian(static_cast<std::uint32_t>(name.size()), 2);
  // version needed, flags, method (stored), time, date, crc, both sizes, name, no extra field
  const std::string common = little_endian(20, 2) + std::string(8, '\0') +
                             little_endian(crc32(content), 4) + size + size + name_size +
                             little_endian(0, 2);
  std::string file = "PK\x03\x04" + common;
  file += name;
  file += content;
  std::string directory = "PK\x01\x02" + little_endian(20, 2) + common + std::string(14, '\0');
  directory += name;
  const auto one = little_endian(1, 2);
  return file + directory + "PK\x05\x06" + little_endian(0, 4) + one + one +
         little_endian(static_cast<std::uint32_t>(directory.size()), 4) +
         little_endian(static_cast<std::uint32_t>(file.size()), 4) + little_endian(0, 2);
}

std::string zip_of_method(std::string_view name, std::string_view content, int method) {
  std::string file = zip(name, content);
  file[8] = static_cast<char>(method);
  file[file.find("PK\x01\x02") + 10] = static_cast<char>(method);
  return file;
}

std::string gzip_of_zeros() {
  return std::string("\x1f\x8b\x08\0\0\0\0\0\x02\x03", 10) + deflated_zeros() +
         little_endian(crc32(std::string(zeros, '\0')), 4) + little_endian(zeros, 4);
}

std::string zip_of_zeros() {
  std::string file = zip_of_method("zeros", deflated_zeros(), 8);
  const std::string facts = little_endian(crc32(std::string(zeros, '\0')), 4) +
                            little_endian(deflated_zeros().size(), 4) + little_endian(zeros, 4);
  const std::size_t directory = file.find("PK\x01\x02");
  return file.replace(14, 12, facts).replace(directory + 16, 12, facts);
}

std::string encrypted_zip(std::string_view name, std::string_view content) {
  std::string file = zip(name, content);
  file[6] = 1;  // the flags of the local header, and of the directory's entry
  file[file.find("PK\x01\x02") + 8] = 1;
  return file;
}

std::string nested_zip(int levels, std::string content) {
  std::string name = "file.com";
  for (int level = 0; level < levels; ++level) {
    content = zip(name, content);
    name = "file.zip";
  }
  return content;
}

std::string text_mail(std::string_view text, std::string_view first_fields) {
  std::string mail(first_fields);
  mail += "From: <a@example.org>\r\nTo: <b@example.net>\r\nSubject: a message\r\n\r\n";
  mail += text;
  return mail + "\r\n";
}

std::string attachment_mail(std::string_view file_name, std::string_view content,
                            std::string_view first_fields) {
  std::string mail(first_fields);
  mail +=
      "From: <a@example.org>\r\nTo: <b@example.net>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n"
      "--b1\r\nContent-Type: text/plain\r\n\r\nsee the attachment\r\n"
      "--b1\r\nContent-Type: application/octet-stream\r\n"
      "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"";
  mail += file_name;
  mail += "\"\r\n\r\n" + base64(content) + "--b1--\r\n";
  return mail;
}

std::string parts_mail(const std::vector<std::string>& parts) {
  std::string mail = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n";
  for (const std::string& part : parts) {
    mail +=
        "--b1\r\nContent-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        base64(part);
  }
  return mail + "--b1--\r\n";
}

std::string image(std::string_view mail) {
  ReceivedTransaction received;
  return std::string(received.receive(mail).image());
}

}  // namespace milterd::test

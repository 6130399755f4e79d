#include "plugins/dkim/commands/key_record_text.hpp"

#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t longest_piece = 255;

/// RFC 6376 section 2.11. What zone files and web forms treat in a way of their own is encoded too.
std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-_.,:+@/()!?*&%#~";
  std::string result;
  for (const char byte : text) {
    if (is_alphanumeric(byte) || plain.contains(byte)) {
      result += byte;
    } else {
      const auto code = static_cast<unsigned char>(byte);
      result += '=';
      result += digits[code >> 4U];
      result += digits[code & 0x0FU];
    }
  }
  return result;
}

}  // namespace

std::string key_record_text(std::string_view public_record, const KeyRecordWishes& wishes) {
  const std::size_t key = public_record.find("p=");
  std::string text(public_record.substr(0, key));
  if (wishes.only_email) {
    text += "s=email; ";
  }
  if (wishes.test_mode || wishes.no_subdomains) {
    text += "t=";
    text += !wishes.test_mode ? "s" : wishes.no_subdomains ? "y:s" : "y";
    text += "; ";
  }
  if (!wishes.note.empty()) {
    text += "n=" + quoted_printable(wishes.note) + "; ";
  }
  return text + std::string(public_record.substr(key));
}

std::string zone_file_text(std::string_view record, std::string_view selector,
                           std::string_view domain) {
  std::string text(selector);
  text += "._domainkey.";
  text += domain;
  text += ".\tIN\tTXT\t(";
  while (!record.empty()) {
    text += "\n\t\"";
    text += record.substr(0, longest_piece);
    text += '"';
    record.remove_prefix(record.size() < longest_piece ? record.size() : longest_piece);
  }
  text += " )  ; DKIM key ";
  text += selector;
  text += " for ";
  text += domain;
  return text + "\n";
}

}  // namespace milterd::dkim

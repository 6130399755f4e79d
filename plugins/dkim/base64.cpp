#include "plugins/dkim/base64.hpp"

#include <cstddef>
#include <openssl/evp.h>

#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string encode_base64(std::string_view data) {
  // One more than the text, for the NUL that OpenSSL puts behind it.
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(bytes(text), bytes(data), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (!is_base64(text)) {
    return std::nullopt;
  }
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  const std::size_t missing = (4 - text.size() % 4) % 4;
  if (missing == 3) {
    return std::nullopt;
  }
  const std::string padded = std::string(text) + std::string(missing, '=');
  std::string data(padded.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes(data), bytes(std::string_view(padded)),
                      static_cast<int>(padded.size())) < 0) {
    return std::nullopt;
  }
  data.resize(data.size() - missing);
  return data;
}

}  // namespace milterd::dkim

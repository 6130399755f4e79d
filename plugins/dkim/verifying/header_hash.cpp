#include "plugins/dkim/verifying/header_hash.hpp"

#include <openssl/evp.h>
#include <string_view>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

/// RFC 6376 sections 3.4.1 and 3.4.2, without the last line end.
std::string canonical(const HeaderField& field, bool relaxed) {
  if (!relaxed) {
    return std::string(field.text());
  }
  std::string text = to_lower(trimmed_name(field)) + ':';
  const std::size_t begin = text.size();
  bool space = false;
  for (const char c : field.value()) {
    if (is_space(c) || c == '\r' || c == '\n') {
      space = true;
      continue;
    }
    if (space && text.size() > begin) {
      text += ' ';
    }
    space = false;
    text += c;
  }
  return text;
}

/// The field with an empty b=.
std::string without_signature(std::string_view field) {
  std::string text;
  bool in_name = true;
  bool in_signature = false;
  std::string name;
  std::size_t colon = field.find(':');
  text = field.substr(0, colon + 1);
  for (const char c : field.substr(colon + 1)) {
    if (c == ';') {
      in_name = true;
      in_signature = false;
      name.clear();
    } else if (in_name && c == '=') {
      in_name = false;
      in_signature = name == "b";
      text += c;
      continue;
    } else if (in_name && is_alphanumeric(c)) {
      name += c;
    }
    if (!in_signature) {
      text += c;
    }
  }
  return text;
}

/// Each name of h= stands for the lowest field of that name that is not named yet, or for none
/// (RFC 6376 section 5.4.2).
std::vector<std::size_t> named_fields(std::span<const HeaderField> headers, std::size_t signature,
                                      const SignatureHeader& read) {
  std::vector<std::size_t> found;
  std::vector<bool> used(headers.size());
  used[signature] = true;
  for (const std::string_view name : split_at_colons(read.signed_headers)) {
    for (std::size_t i = headers.size(); i-- > 0;) {
      if (!used[i] && equal_ignoring_case(trimmed_name(headers[i]), name)) {
        used[i] = true;
        found.push_back(i);
        break;
      }
    }
  }
  return found;
}

}  // namespace

Result<std::string> hash_named_fields(std::span<const HeaderField> headers, std::size_t signature,
                                      const SignatureHeader& read) {
  std::string text;
  for (const std::size_t i : named_fields(headers, signature, read)) {
    text += canonical(headers[i], read.relaxed_header) + "\r\n";
  }
  const std::string own = without_signature(headers[signature].text());
  text += canonical(HeaderField(own, headers[signature].name().size()), read.relaxed_header);
  const bool sha1 = read.known_algorithm == Algorithm::rsa_sha1;
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(hash.data()), &size,
                 sha1 ? EVP_sha1() : EVP_sha256(), nullptr) != 1) {
    return fail("cannot hash the header: OpenSSL has no memory");
  }
  hash.resize(size);
  return hash;
}

}  // namespace milterd::dkim

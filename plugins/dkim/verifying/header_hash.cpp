#include "plugins/dkim/verifying/header_hash.hpp"

#include <algorithm>
#include <openssl/evp.h>
#include <string_view>
#include <vector>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"
#include "plugins/dkim/verifying/body_hash.hpp"

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
  const std::string_view value = field.value();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    // Where a line end is, a fold is.
    const bool is_fold = c == '\r' && i + 1 < value.size() && value[i + 1] == '\n';
    if (is_space(c) || is_fold) {
      i += is_fold ? 1 : 0;
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

bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
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
    } else if (in_name && (is_alphanumeric(c) || c == '_')) {
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

bool is_misread(const HeaderField& field) {
  return field.value().find_first_of("\v\f") != std::string_view::npos ||
         has_stray_line_end(field.value());
}

bool has_misread_tag(const HeaderField& signature) {
  std::string_view rest = signature.value();
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view tag = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    std::string_view name = tag.substr(0, tag.find('='));
    while (!name.empty() && !is_alphanumeric(name.front()) && name.front() != '_') {
      name.remove_prefix(1);
    }
    if (name != "b" && (name.ends_with('b') || (name.starts_with('b') && !is_name(name)))) {
      return true;
    }
  }
  return false;
}

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

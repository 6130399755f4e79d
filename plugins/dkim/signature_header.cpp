#include "plugins/dkim/signature_header.hpp"

#include <algorithm>
#include <charconv>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t longest_field = 32 * 1024;
constexpr std::size_t longest_h = 4000;  // libopendkim cuts h= at 4096.
constexpr std::size_t most_h_names = 256;
constexpr std::size_t longest_identity = 200;  // libopendkim's buffer holds 256.
constexpr std::size_t longest_signature = 4096;
constexpr std::size_t longest_body_hash = 128;
constexpr std::size_t longest_length = 15;
constexpr std::size_t longest_time = 12;
constexpr std::size_t most_named_skipped = 5;

bool is_number(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_digit);
}

std::optional<std::uint64_t> number(const std::string* text) {
  std::uint64_t value = 0;
  if (text == nullptr ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Every "=" is followed by two hexadecimal digits.
bool is_quoted_printable(std::string_view text) {
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 3)) {
    if (at + 2 >= text.size() || !is_hexadecimal(text[at + 1]) || !is_hexadecimal(text[at + 2])) {
      return false;
    }
  }
  return true;
}

bool is_same_or_below(std::string_view domain, std::string_view parent) {
  if (domain.size() <= parent.size()) {
    return equal_ignoring_case(domain, parent);
  }
  const std::string_view end = domain.substr(domain.size() - parent.size());
  return equal_ignoring_case(end, parent) && domain[domain.size() - parent.size() - 1] == '.';
}

std::string identity_fault(std::string_view identity, std::string_view domain) {
  const std::size_t at = identity.rfind('@');
  if (identity.size() > longest_identity || !is_quoted_printable(identity) ||
      at == std::string_view::npos) {
    return "i= is malformed";
  }
  if (!is_same_or_below(identity.substr(at + 1), domain)) {
    return "the domain of i= is not d= or below it";
  }
  return {};
}

std::string header_list_fault(std::string_view list) {
  if (list.empty() || list.size() > longest_h) {
    return list.empty() ? "h= is empty" : "h= is too long";
  }
  const auto names = split_at_colons(list);
  if (names.size() > most_h_names) {
    return "h= names more than " + std::to_string(most_h_names) + " fields";
  }
  if (std::ranges::find(names, std::string_view{}) != names.end()) {
    return "h= has an empty name";
  }
  return std::ranges::none_of(names, [](auto name) { return equal_ignoring_case(name, "from"); })
             ? "h= does not name From"
             : std::string{};
}

/// c=, where what is not said is simple. False: not known.
bool read_canonicalization(std::string_view text, SignatureHeader& header) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view body = slash == text.size() ? "simple" : text.substr(slash + 1);
  const auto is_word = [](std::string_view word) { return word == "simple" || word == "relaxed"; };
  header.relaxed_header = text.substr(0, slash) == "relaxed";
  header.relaxed_body = body == "relaxed";
  return is_word(text.substr(0, slash)) && is_word(body);
}

/// Methods that are not known are no fault as long as one is (RFC 6376 section 3.5).
bool has_known_query_method(std::string_view list) {
  return std::ranges::any_of(split_at_colons(list), [](std::string_view method) {
    return equal_ignoring_case(method, "dns/txt") || equal_ignoring_case(method, "dns");
  });
}

std::optional<Algorithm> known_algorithm(std::string_view name) {
  for (const Algorithm algorithm :
       {Algorithm::rsa_sha256, Algorithm::ed25519_sha256, Algorithm::rsa_sha1}) {
    if (name == to_string(algorithm)) {
      return algorithm;
    }
  }
  return std::nullopt;
}

/// Fills in `header` and tells the first fault, or "".
std::string read_tags(const TagList& tags, SignatureHeader& header) {
  const std::string* domain = tags.find("d");
  const std::string* selector = tags.find("s");
  const std::string* algorithm = tags.find("a");
  const std::string* signature = tags.find("b");
  if (domain != nullptr && is_domain_name(*domain)) {
    header.domain = *domain;
  }
  if (selector != nullptr && is_domain_name(*selector)) {
    header.selector = *selector;
  }
  if (algorithm != nullptr) {
    header.algorithm = *algorithm;
  }
  if (signature != nullptr && is_base64(*signature) && signature->size() <= longest_signature) {
    header.signature = *signature;
  }
  for (const char* name : {"v", "a", "b", "bh", "d", "h", "s"}) {
    if (tags.find(name) == nullptr) {
      return std::string(name) + "= is missing";
    }
  }
  if (*tags.find("v") != "1") {
    return "v= is not 1";
  }
  const auto known = known_algorithm(*algorithm);
  if (!known) {
    return "a= is not an algorithm that is known";
  }
  header.known_algorithm = *known;
  if (header.domain.empty() || header.selector.empty() || !is_domain_name(header.key_name())) {
    return header.domain.empty() ? "d= is not a domain name" : "s= is not a selector";
  }
  if (header.signature.empty()) {
    return "b= is not base64";
  }
  if (const std::string& hash = *tags.find("bh");
      !is_base64(hash) || hash.size() > longest_body_hash) {
    return "bh= is not base64";
  }
  header.body_hash = *tags.find("bh");
  if (std::string fault = header_list_fault(*tags.find("h")); !fault.empty()) {
    return fault;
  }
  header.signed_headers = *tags.find("h");
  if (const std::string* value = tags.find("c");
      value != nullptr && !read_canonicalization(*value, header)) {
    return "c= is not a canonicalization that is known";
  }
  if (const std::string* value = tags.find("q");
      value != nullptr && !has_known_query_method(*value)) {
    return "q= is not a method that is known";
  }
  if (const std::string* value = tags.find("i"); value != nullptr) {
    if (std::string fault = identity_fault(*value, header.domain); !fault.empty()) {
      return fault;
    }
    header.identity = *value;
  }
  if (const std::string* value = tags.find("l");
      value != nullptr && !is_number(*value, longest_length)) {
    return "l= is not a number";
  }
  header.length = number(tags.find("l"));
  for (const char* name : {"t", "x"}) {
    if (const std::string* value = tags.find(name);
        value != nullptr && !is_number(*value, longest_time)) {
      return std::string(name) + "= is not a time";
    }
  }
  header.time = number(tags.find("t"));
  header.expiry = number(tags.find("x"));
  if (header.time && header.expiry && *header.expiry <= *header.time) {
    return "x= is not after t=";
  }
  return {};
}

}  // namespace

const char* to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rsa_sha256: return "rsa-sha256";
    case Algorithm::ed25519_sha256: return "ed25519-sha256";
    case Algorithm::rsa_sha1: return "rsa-sha1";
  }
  return "?";
}

std::string SignatureHeader::key_name() const {
  return to_lower(selector) + "._domainkey." + to_lower(domain);
}

std::size_t SignatureHeader::times_signed(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      split_at_colons(signed_headers),
      [name](std::string_view signed_name) { return equal_ignoring_case(signed_name, name); }));
}

SignatureHeader read_signature_header(std::string_view value) {
  SignatureHeader header;
  if (value.size() > longest_field) {
    header.fault = "longer than " + std::to_string(longest_field) + " bytes";
    return header;
  }
  const auto tags = TagList::parse(value);
  header.fault = tags ? read_tags(*tags, header) : tags.error().message;
  return header;
}

std::string_view trimmed_name(const HeaderField& field) {
  std::string_view name = field.name();
  while (!name.empty() && is_space(name.back())) {
    name.remove_suffix(1);
  }
  return name;
}

bool is_signature_field(const HeaderField& field) {
  return equal_ignoring_case(trimmed_name(field), "DKIM-Signature");
}

Signatures find_signatures(std::span<const HeaderField> headers, SignatureLimits limits) {
  Signatures found;
  std::size_t sound = 0;
  std::vector<std::string> domains;
  for (std::size_t field = 0; field < headers.size(); ++field) {
    if (!is_signature_field(headers[field])) {
      continue;
    }
    if (sound == limits.signatures && found.named_skipped.size() == most_named_skipped) {
      ++found.skipped;
      continue;
    }
    SignatureHeader header = read_signature_header(headers[field].value());
    const std::size_t malformed = found.entries.size() - sound;
    const bool is_sound = header.fault.empty();
    std::string domain = to_lower(header.domain);
    const bool new_domain = is_sound && std::ranges::find(domains, domain) == domains.end();
    if ((is_sound ? sound : malformed) == limits.signatures ||
        (new_domain && domains.size() == limits.domains)) {
      ++found.skipped;
      if (found.named_skipped.size() < most_named_skipped) {
        found.named_skipped.push_back({field, std::move(header)});
      }
      continue;
    }
    if (new_domain) {
      domains.push_back(std::move(domain));
    }
    sound += is_sound ? 1 : 0;
    found.entries.push_back({field, std::move(header)});
  }
  return found;
}

}  // namespace milterd::dkim

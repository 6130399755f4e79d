#include "plugins/dkim/signing/signing_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/signing/header_names.hpp"

namespace milterd::dkim {

namespace {

/// RFC 6376 section 5.4.1, with Message-ID and the MIME fields. Trace and list software changes
/// none of them.
constexpr std::array<std::string_view, 29> usually_signed = {
    "From",
    "Sender",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Content-Description",
    "Content-Disposition",
    "Resent-Date",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Message-ID",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
};

/// As opendkim.conf(5) says it.
constexpr std::array<std::string_view, 7> usually_omitted = {
    "Return-Path", "Received", "Comments", "Keywords", "Bcc", "Resent-Bcc", "DKIM-Signature"};

constexpr std::string_view signature_name = "DKIM-Signature";
constexpr std::size_t most_oversigned_bytes = 1000;
constexpr std::chrono::hours longest_ttl{24 * 3650};
constexpr std::uint64_t most_signed_bytes = 1ULL << 40;

/// One word is the header's; the body's is simple then, as in opendkim.
Canonicalization read_canonicalization(Section& section) {
  const std::string text = section.string("canonicalization", "relaxed/relaxed");
  const std::size_t slash = text.find('/');
  Canonicalization read{.header = text.substr(0, slash),
                        .body = slash == std::string::npos ? "simple" : text.substr(slash + 1)};
  const auto is_word = [](std::string_view word) { return word == "simple" || word == "relaxed"; };
  if (!is_word(read.header) || !is_word(read.body)) {
    section.error("canonicalization", "'" + text +
                                          "' is no canonicalization: use simple or relaxed for the "
                                          "header, a / and the same for the body");
    return {};
  }
  return read;
}

/// sign_headers without what omit_headers has.
void read_sign_headers(Section& section, SigningRules& rules, HeaderNames& omitted) {
  HeaderNames read = read_header_names(section, "sign_headers", usually_signed);
  omitted = read_header_names(section, "omit_headers", usually_omitted);
  if (omitted.contains("From")) {
    section.error("omit_headers",
                  "omit_headers leaves out From, which every signature has to "
                  "cover (RFC 6376 section 5.4)");
  }
  for (std::string& name : read.names) {
    if (equal_ignoring_case(name, signature_name)) {
      section.warning("sign_headers", "DKIM-Signature is never signed");
    } else if (omitted.contains(name)) {
      if (std::ranges::find(usually_signed, name) == usually_signed.end()) {
        section.warning("sign_headers", "'" + name + "' is not signed: omit_headers leaves it out");
      }
    } else {
      rules.sign_headers.push_back(std::move(name));
    }
  }
  rules.sign_patterns = std::move(read.patterns);
  for (const std::string& name : omitted.names) {
    rules.omit_headers.add(name);
  }
  for (const NamePattern& pattern : omitted.patterns) {
    rules.omit_headers.add(pattern);
  }
}

void read_oversign_headers(Section& section, SigningRules& rules, const HeaderNames& omitted) {
  constexpr std::string_view key = "oversign_headers";
  std::size_t bytes = 0;
  for (std::string& name : read_plain_header_names(section, key, "From")) {
    if (equal_ignoring_case(name, signature_name)) {
      section.error(key, "DKIM-Signature is never signed");
    } else if (omitted.contains(name) && !equal_ignoring_case(name, "From")) {
      section.error(key, "'" + name +
                             "' cannot be oversigned: omit_headers leaves it out; \"*\" and \"-" +
                             name + "\" there take it off the list");
    } else {
      bytes += name.size() + 1;
      rules.oversign_headers.push_back(std::move(name));
    }
  }
  if (bytes > most_oversigned_bytes) {
    section.error(key, "the names have more than " + std::to_string(most_oversigned_bytes) +
                           " bytes together: verifiers could not read the list");
  }
}

void read_signature_ttl(Section& section, SigningRules& rules) {
  using std::chrono::milliseconds;
  const milliseconds ttl =
      section.duration("signature_ttl", milliseconds(0), milliseconds(0), longest_ttl);
  rules.signature_ttl = std::chrono::floor<std::chrono::seconds>(ttl);
  if (rules.signature_ttl != ttl) {
    section.error("signature_ttl", "signatures count whole seconds");
  }
}

void read_maximum_signed_bytes(Section& section, SigningRules& rules) {
  const std::uint64_t most = section.size("maximum_signed_bytes", 0, 0, most_signed_bytes);
  if (most == 0) {
    return;
  }
  rules.maximum_signed_bytes = most;
  section.warning("maximum_signed_bytes",
                  "anybody can append text to a message that is signed so, and the signature "
                  "still verifies (RFC 6376 section 8.2); without this key the whole body is "
                  "signed");
}

}  // namespace

SigningRules read_signing_rules(Section& section) {
  SigningRules rules;
  HeaderNames omitted;
  rules.canonicalization = read_canonicalization(section);
  read_sign_headers(section, rules, omitted);
  read_oversign_headers(section, rules, omitted);
  read_signature_ttl(section, rules);
  read_maximum_signed_bytes(section, rules);
  rules.remove_old_signatures = section.boolean("remove_old_signatures", false);
  rules.software_header = section.boolean("software_header", false);
  rules.at_end = section.choice("sign_at", 0, {"stage", "end"}) == 1;
  return rules;
}

}  // namespace milterd::dkim

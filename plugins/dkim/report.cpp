#include "plugins/dkim/report.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace milterd::dkim {

namespace {

constexpr std::size_t usual_prefix = 8;
constexpr std::size_t most_in_note = 4;

std::string_view dnssec_text(KeyRecord::Dnssec dnssec) {
  switch (dnssec) {
    case KeyRecord::Dnssec::unknown: return "";
    case KeyRecord::Dnssec::unprotected: return "; unprotected";
    case KeyRecord::Dnssec::secure: return "; secure";
    case KeyRecord::Dnssec::bogus: return "; bogus";
  }
  return "";
}

/// Of i=, whose quoted-printable (RFC 6376 section 2.11) is known to be sound.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char code = 0;
    if (text[at] == '=' && at + 2 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 3, code, 16).ec == std::errc{}) {
      plain += static_cast<char>(code);
      at += 2;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

}  // namespace

std::vector<std::string> unique_prefixes(const Signatures& signatures) {
  std::vector<std::string> prefixes;
  for (const auto& entry : signatures.entries) {
    const std::string& own = entry.header.signature;
    std::size_t size = std::min(usual_prefix, own.size());
    for (const auto& other : signatures.entries) {
      const std::string& theirs = other.header.signature;
      const auto differs = std::ranges::mismatch(own, theirs).in1 - own.begin();
      if (own != theirs) {
        size = std::max(size, std::min(static_cast<std::size_t>(differs) + 1, own.size()));
      }
    }
    prefixes.push_back(own.substr(0, size));
  }
  return prefixes;
}

AuthResult to_auth_result(const ReportedSignature& signature, bool like_opendkim) {
  AuthResult result = bare_auth_result(signature.result, signature.reason);
  if (signature.key_bits > 0 && !(like_opendkim && signature.algorithm == "ed25519-sha256")) {
    result.comment = std::to_string(signature.key_bits) + "-bit key";
    result.comment += dnssec_text(signature.dnssec);
  }
  const auto add = [&result](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      result.properties.push_back({"header", std::string(name), value});
    }
  };
  add("d", signature.domain);
  const bool own_identity = !signature.identity.empty() || !like_opendkim;
  add("i", own_identity ? decoded(signature.identity) : '@' + signature.domain);
  if (like_opendkim) {
    add("a", signature.algorithm);
    add("s", signature.selector);
  } else {
    add("s", signature.selector);
    add("a", signature.algorithm);
  }
  add("b", signature.header_b);
  return result;
}

AuthResult bare_auth_result(std::string_view result, std::string_view reason) {
  AuthResult bare;
  bare.method = "dkim";
  bare.result = result;
  bare.reason = reason;
  return bare;
}

Value to_value(const Decision& decision, const std::vector<ReportedSignature>& signatures) {
  Value::List why(decision.why.begin(), decision.why.end());
  Value::List list;
  for (const ReportedSignature& signature : signatures) {
    list.emplace_back(Value::Members{
        {"domain", signature.domain},
        {"selector", signature.selector},
        {"algorithm", signature.algorithm},
        {"key_bits", signature.key_bits},
        {"result", signature.result},
        {"reason", signature.reason},
        {"header_b", signature.header_b},
    });
  }
  return Value::Members{
      {"mode", to_string(decision.mode)},
      {"why", std::move(why)},
      {"signatures", std::move(list)},
  };
}

std::string to_note(const std::vector<ReportedSignature>& signatures) {
  if (signatures.empty()) {
    return "none";
  }
  std::string note;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    if (i == most_in_note) {
      return note + ",...";
    }
    note += (i == 0 ? "" : ",") + signatures[i].result;
    if (!signatures[i].domain.empty()) {
      note += ':' + signatures[i].domain;
    }
  }
  return note;
}

}  // namespace milterd::dkim

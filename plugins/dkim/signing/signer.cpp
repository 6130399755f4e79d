#include "plugins/dkim/signing/signer.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "plugins/dkim/signing/folded_tags.hpp"
#include "plugins/dkim/signing/message_hash.hpp"
#include "plugins/dkim/signing/signed_headers.hpp"
#include "plugins/dkim/verifying/body_size.hpp"

namespace milterd::dkim {

namespace {

constexpr std::string_view field_start = "DKIM-Signature:";

/// What all signatures of a message have in common.
struct CommonParts {
  std::string body_hash;
  std::optional<std::uint64_t> length;
  std::vector<std::string_view> names;
};

/// RFC 6376 section 2.11.
std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && c != ';' && c != '=') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '=';
    encoded += digits[byte >> 4U];
    encoded += digits[byte & 0xfU];
  }
  return encoded;
}

std::string identity_tag(std::string_view identity) {
  const std::size_t at = std::min(identity.rfind('@'), identity.size());
  std::string tag = "i=" + quoted_printable(identity.substr(0, at));
  tag += identity.substr(at);
  return tag;
}

/// The field up to the "=" of b=.
FoldedTags unsigned_field(const Signer& signer, const SigningRules& rules,
                          const CommonParts& common, std::uint64_t time) {
  FoldedTags tags(std::string(field_start) + ' ');
  tags.add("v=1");
  tags.add(std::string("a=") + to_string(signer.key->algorithm()));
  tags.add("c=" + rules.canonicalization.header + '/' + rules.canonicalization.body);
  tags.add("d=" + signer.domain);
  tags.add("s=" + signer.selector);
  tags.add("t=" + std::to_string(time));
  if (rules.signature_ttl.count() > 0) {
    tags.add("x=" + std::to_string(time + static_cast<std::uint64_t>(rules.signature_ttl.count())));
  }
  if (!signer.identity.empty()) {
    tags.add(identity_tag(signer.identity));
  }
  tags.add("bh=" + common.body_hash);
  if (common.length) {
    tags.add("l=" + std::to_string(*common.length));
  }
  bool first = true;
  for (const std::string_view name : common.names) {
    if (first) {
      tags.add("h=" + std::string(name));
      first = false;
    } else {
      tags.add_to_value(":" + std::string(name));
    }
  }
  tags.add("b=");
  return tags;
}

Result<SignatureMade> finished(const SigningKey& key, FoldedTags tags, std::string header_hash) {
  auto signature = key.sign(header_hash);
  if (!signature) {
    return std::unexpected(std::move(signature.error()));
  }
  tags.add_breakable(*signature);
  return SignatureMade{.value = tags.text().substr(field_start.size()),
                       .signature = std::move(*signature),
                       .header_hash = std::move(header_hash)};
}

}  // namespace

std::vector<Result<SignatureMade>> sign_message(std::span<const Signer> signers,
                                                const SigningRules& rules,
                                                std::span<const HeaderField> headers,
                                                std::string_view body, std::uint64_t time,
                                                std::chrono::steady_clock::time_point deadline) {
  CommonParts common;
  if (rules.maximum_signed_bytes) {
    const bool relaxed = rules.canonicalization.body == "relaxed";
    common.length = std::min(*rules.maximum_signed_bytes, canonical_body_size(body, relaxed));
  }
  auto body_hash = hash_body(rules.canonicalization.body, body, common.length, deadline);
  if (!body_hash) {
    return {signers.size(), std::unexpected(std::move(body_hash.error()))};
  }
  common.body_hash = std::move(*body_hash);
  common.names = names_to_sign(rules, headers);

  std::vector<FoldedTags> tags;
  std::vector<std::string> fields;
  for (const Signer& signer : signers) {
    tags.push_back(unsigned_field(signer, rules, common, time));
    fields.push_back(tags.back().text() + "AAAA");
  }
  auto hashes = hash_headers(headers, fields);
  std::vector<Result<SignatureMade>> made;
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (!hashes[i]) {
      made.emplace_back(std::unexpected(std::move(hashes[i].error())));
    } else if (std::chrono::steady_clock::now() >= deadline) {
      made.emplace_back(fail("cannot sign: the time for this message is over"));
    } else {
      made.push_back(finished(*signers[i].key, std::move(tags[i]), std::move(*hashes[i])));
    }
  }
  return made;
}

}  // namespace milterd::dkim

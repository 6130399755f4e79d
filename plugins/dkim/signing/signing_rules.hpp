#pragma once
/// What signatures look like.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/common/name_pattern.hpp"
#include "plugins/common/name_set.hpp"

namespace milterd::dkim {

struct Canonicalization {
  std::string header = "relaxed";  ///< "simple" or "relaxed"; so is `body`.
  std::string body = "relaxed";
};

struct SigningRules {
  Canonicalization canonicalization;
  std::vector<std::string> sign_headers;      ///< Names, in the order of h=. From always counts.
  std::vector<NamePattern> sign_patterns;     ///< Of more names, behind those.
  NameSet omit_headers;                       ///< What fits a pattern but is not signed.
  std::vector<std::string> oversign_headers;  ///< Named once more than they are there.
  std::chrono::seconds signature_ttl{};       ///< x= is t= and this; 0: no x=.
  std::optional<std::uint64_t> maximum_signed_bytes;  ///< l=
  bool remove_old_signatures = false;
  bool software_header = false;  ///< DKIM-Filter
  bool at_end = false;           ///< After all stages, else in this stage's turn.
};

/// Reads canonicalization, sign_headers, omit_headers, oversign_headers, signature_ttl,
/// maximum_signed_bytes, remove_old_signatures, software_header and sign_at.
SigningRules read_signing_rules(Section& section);

}  // namespace milterd::dkim

#pragma once
/// The key record of a signature (RFC 6376 section 3.6.1), out of what DNS answered.

#include <cstdint>
#include <string>

#include "milterd/resolver.hpp"
#include "plugins/dkim/signature_header.hpp"
#include "plugins/dkim/verifying/outcome.hpp"

namespace milterd::dkim {

struct KeyRecord {
  /// verified where it can be used, else one of the outcomes key_...
  Outcome outcome = Outcome::key_missing;
  std::string reason;           ///< Unless it can be used; for people.
  std::string key;              ///< p=, in base64 without white space.
  bool test = false;            ///< t=y
  bool exact_identity = false;  ///< t=s: the domain of i= must be d=.
  enum class Dnssec : std::uint8_t { unknown, unprotected, secure, bogus };
  Dnssec dnssec = Dnssec::unknown;  ///< unknown where nobody validates.

  bool usable() const { return outcome == Outcome::verified; }
};

/// Of several records the one that says v=DKIM1, if it is the only one. A record whose DNSSEC
/// validation failed is read like any other where the resolver hands it out.
KeyRecord choose_key_record(const TxtAnswer& answer, Algorithm algorithm);

}  // namespace milterd::dkim

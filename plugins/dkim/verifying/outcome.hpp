#pragma once
/// What can come out when a signature is looked at.

#include <cstdint>

namespace milterd::dkim {

enum class Outcome : std::uint8_t {
  verified,
  malformed,         ///< The DKIM-Signature field cannot be read.
  header_differs,    ///< b= does not fit the header fields that h= names, or the key.
  body_differs,      ///< bh= does not fit the body.
  length_too_large,  ///< l= goes beyond the body.
  identity_refused,  ///< i= is below d=, and the key record says t=s.
  // The key record:
  key_missing,
  key_temporary,  ///< Nobody knows now.
  key_several,    ///< More than one.
  key_malformed,
  key_version,       ///< v= is not known.
  key_hash_unknown,  ///< h= names no hash that is known.
  key_hash_refused,  ///< h= does not name the signature's hash.
  key_service,       ///< s= is not for mail.
  key_type_unknown,
  key_type_differs,  ///< k= is not the signature's.
  key_revoked,
  key_undecodable,  ///< p= is no key.
  // It verifies, but by our rules it does not count:
  expired,
  from_future,
  sha1_refused,
  key_too_small,
  body_unsigned,    ///< l= leaves more of the body unsigned than is allowed.
  header_unsigned,  ///< A field that must be signed is not.
  key_bogus,        ///< DNSSEC validation failed.
  key_bogus_neutral,
  key_unprotected,  ///< Not DNSSEC-signed.
  key_unprotected_neutral,
};

}  // namespace milterd::dkim

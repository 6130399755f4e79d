#pragma once
/// The key record of a signature (RFC 6376 section 3.6.1), out of what DNS answered.

#include <cstdint>
#include <string>

#include "milterd/resolver.hpp"
#include "plugins/dkim/signature_header.hpp"

namespace milterd::dkim {

struct KeyRecord {
  enum class Status : std::uint8_t {
    usable,
    missing,    ///< There is none.
    temporary,  ///< Nobody knows now.
    broken,     ///< There is one, or several, with which nothing can be verified.
  };
  Status status = Status::missing;
  std::string text;    ///< If usable; libopendkim can take it.
  std::string reason;  ///< If not; for people.
};

/// Of several records the one that says v=DKIM1, if it is the only one.
KeyRecord choose_key_record(const TxtAnswer& answer, Algorithm algorithm);

}  // namespace milterd::dkim

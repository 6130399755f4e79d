#pragma once
/// Keys compared with what DNS publishes.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "milterd/resolver.hpp"
#include "plugins/dkim/keys/signing_key.hpp"

namespace milterd::dkim {

struct KeyToCheck {
  std::string name;                       ///< "selector._domainkey.domain"
  std::shared_ptr<const SigningKey> key;  ///< Null: only the record is looked at.
};

struct CheckedKey {
  enum class Outcome : std::uint8_t { right, wrong, unknown };
  Outcome outcome = Outcome::unknown;
  std::string line;  ///< "s1._domainkey.example.org: same", for people.
};

CheckedKey check_key(const KeyToCheck& key, const TxtAnswer& answer);

/// In their order; looked up many at a time.
std::vector<CheckedKey> check_keys(std::span<const KeyToCheck> keys, Resolver& resolver);

}  // namespace milterd::dkim

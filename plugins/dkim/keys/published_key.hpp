#pragma once
/// Does DNS publish the key that we sign with?

#include <cstdint>
#include <string>

#include "milterd/resolver.hpp"
#include "milterd/section.hpp"
#include "plugins/dkim/keys/signers.hpp"

namespace milterd::dkim {

struct PublishedKey {
  enum class Status : std::uint8_t {
    same,
    differs,  ///< Another key, revoked, of another type, or a record that nobody can use.
    missing,
    unknown,  ///< DNS did not answer.
  };
  Status status = Status::unknown;
  std::string text;  ///< One line for people: what is wrong and what to do; "" if same.
};

/// `name` is "selector._domainkey.domain".
PublishedKey compare_published(const SigningKey& key, const std::string& name,
                               const TxtAnswer& answer);

/// For --check-config: a warning for each key of `signers` that DNS does not publish as it is, with
/// the place where it is configured. All look-ups run at once.
void check_published_keys(Section& section, const Signers& signers, Resolver& resolver);

}  // namespace milterd::dkim

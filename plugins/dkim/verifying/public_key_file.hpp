#pragma once
/// Public keys from a file instead of DNS, in the format of opendkim's TestPublicKeys.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "milterd/resolver.hpp"
#include "milterd/result.hpp"

namespace milterd::dkim {

/// Lines of "selector._domainkey.domain  v=DKIM1; p=..."; empty lines and those that begin with "#"
/// are skipped. A name may have several records.
class PublicKeyFile final : public Resolver {
 public:
  /// Error: why the file cannot be read, or the line that has no record.
  static Result<std::unique_ptr<PublicKeyFile>> read(const std::string& path);

  std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) override;

 private:
  std::map<std::string, TxtAnswer, std::less<>> answers_;  ///< By lower-case name.
};

}  // namespace milterd::dkim

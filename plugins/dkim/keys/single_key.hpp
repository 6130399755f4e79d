#pragma once
/// One key that signs for a list of domains.

#include <memory>
#include <string>
#include <vector>

#include "milterd/section.hpp"
#include "plugins/dkim/keys/key_reader.hpp"
#include "plugins/dkim/keys/signers.hpp"

namespace milterd::dkim {

/// As configured.
struct SingleKeySettings {
  std::vector<std::string> domains;
  std::string selector;
  std::string key_file;
  bool sub_domains = false;
};

/// Signs with d= the sender's domain where it is one of the domains, or there is a "*" among them;
/// with d= and i= the nearest domain above it where that is one and sub_domains is set. Domains may
/// be data sets as well. Null after a fault, which went to section.error().
std::unique_ptr<const Signers> make_single_key_signers(Section& section,
                                                       const SingleKeySettings& settings,
                                                       KeyReader& keys);

}  // namespace milterd::dkim

#pragma once
/// Key files whose path has the sender's domain in it.

#include <string>
#include <string_view>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::dkim {

/// `path` with `domain` for every "%".
std::string with_domain(std::string_view path, std::string_view domain);

struct DomainKeyFile {
  std::string domain;  ///< Lower case.
  std::string path;
};

/// The files that there are for "/keys/%/s1.pem" or "/keys/%.pem", by domain. An entry of the
/// directory in whose place the first "%" stands counts if that is a domain name in lower case, as
/// senders' domains are, and the whole path with it is there. Error: the directory cannot be read,
/// or holds too much.
Result<std::vector<DomainKeyFile>> find_domain_key_files(std::string_view path);

}  // namespace milterd::dkim

#pragma once
/// Whether nobody else can read or replace a private key.

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::dkim {

/// Who is going to read key files.
struct KeyReaderIdentity {
  uid_t user;
  std::vector<gid_t> groups;  ///< The own one and the supplementary ones.

  /// This process.
  static KeyReaderIdentity current();
};

struct KeyFileFault {
  std::string node;  ///< The file or directory that is at fault.
  std::string text;  ///< What is unsafe, its mode, and the command that makes it safe.
};

/// Looks at the file, at every directory and link on the way to it, from the root down, and at what
/// the links name, and returns the first fault. All must belong to root or the reader. The file:
/// nothing for others, no writing for the group, and reading only for a group that the reader is
/// in. Directories: no writing for others and for groups other than root's, unless they are sticky.
/// Error: one of them cannot be looked at.
Result<std::optional<KeyFileFault>> find_key_file_fault(const std::string& path,
                                                        const KeyReaderIdentity& reader);

}  // namespace milterd::dkim

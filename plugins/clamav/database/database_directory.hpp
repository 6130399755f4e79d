#pragma once
/// The signature files of a database directory.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "milterd/result.hpp"

namespace milterd::clamav {

struct DatabaseFile {
  std::string name;
  std::uint64_t size = 0;             ///< Bytes.
  std::int64_t modified_seconds = 0;  ///< Since 1970.
  std::int64_t modified_nanoseconds = 0;
  std::uint64_t inode = 0;
  bool operator==(const DatabaseFile&) const = default;
};

/// What libclamav would load, sorted by name. Two equal states hold the same signatures.
struct DatabaseFiles {
  bool directory_exists = false;
  std::vector<DatabaseFile> files;
  bool operator==(const DatabaseFiles&) const = default;
};

/// A directory that is not there is a state, not an error. Error: it cannot be read, and why.
Result<DatabaseFiles> list_database_files(const std::string& directory);

/// What the headers of ClamAV's own files tell of a database.
struct DatabaseOrigin {
  /// As freshclam counts it: daily's, else main's; 0 where the directory holds neither.
  unsigned version = 0;
  /// When the newest of ClamAV's own files was built; without any of them, when the newest file was
  /// written. The age of a database counts from here.
  std::chrono::system_clock::time_point built;
};
DatabaseOrigin database_origin(const std::string& directory, const DatabaseFiles& files);

}  // namespace milterd::clamav

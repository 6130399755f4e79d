#pragma once
/// A directory for libclamav's temporary files.

#include <cstdint>
#include <string>

#include "milterd/result.hpp"

namespace milterd::clamav {

/// What temporary files cannot be made for.
enum class Shortage : std::uint8_t {
  none,
  space,        ///< The file system is nearly full.
  files,        ///< It has hardly room for one more file, however small.
  descriptors,  ///< The process may hardly open one more file.
};

/// Mode 0700, with a name that nobody can guess; removed with all that is in it at the end. What a
/// process that was killed has left beside it is removed when the next one is made: a living owner
/// holds a lock on its directory.
class TemporaryDirectory {
 public:
  /// Below `base`; "" takes $TMPDIR, else /tmp. Error: what cannot be made, where, and why.
  static Result<TemporaryDirectory> create(const std::string& base);
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  bool exists() const;  ///< False: somebody else has removed it.
  /// libclamav does not notice when the end of a file could not be written, nor its zip parser when
  /// no file could be opened: it says "clean", and remembers it. So one must stop well before that.
  Shortage shortage() const;

 private:
  TemporaryDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace milterd::clamav

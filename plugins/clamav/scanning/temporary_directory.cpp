#include "plugins/clamav/scanning/temporary_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace milterd::clamav {
namespace {

constexpr std::string_view name_prefix = "milterd-clamav-";

constexpr std::uint64_t least_free_bytes = 8 * 1024 * 1024;
constexpr std::uint64_t least_free_files = 100;
/// A part of a message needs one or two at once, and other threads take some meanwhile.
constexpr std::size_t least_free_descriptors = 16;

int open_directory(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void remove_abandoned(const std::filesystem::path& base) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(base, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path().string();
    if (!entry->path().filename().string().starts_with(name_prefix)) {
      continue;
    }
    const int directory = open_directory(path);
    if (directory < 0) {
      continue;
    }
    struct stat status = {};
    if (::fstat(directory, &status) == 0 && status.st_uid == ::geteuid() &&
        ::flock(directory, LOCK_EX | LOCK_NB) == 0) {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    ::close(directory);
  }
}

/// Counts them by taking them: what the process holds already says nothing of gaps and limits.
bool has_descriptors(int any) {
  std::array<int, least_free_descriptors> held{};
  std::size_t count = 0;
  while (count < held.size()) {
    const int descriptor = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) {
      break;
    }
    held.at(count++) = descriptor;
  }
  std::for_each_n(held.begin(), count, ::close);
  return count == held.size();
}

bool is_still_there(const std::string& path, int directory) {
  struct stat named = {};
  struct stat opened = {};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(directory, &opened) == 0 &&
         named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

}  // namespace

Result<TemporaryDirectory> TemporaryDirectory::create(const std::string& base) {
  std::error_code error;
  const std::filesystem::path parent =
      base.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(base);
  if (error) {
    return fail("cannot use TMPDIR for temporary files: " + error.message() +
                "; set temporary_directory");
  }
  remove_abandoned(parent);
  // Another process may take the new directory for an abandoned one before it is locked.
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::string path = (parent / (std::string(name_prefix) + "XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) {
      return fail("cannot make a directory for temporary files in '" + parent.string() +
                  "': " + std::generic_category().message(errno));
    }
    const int directory = open_directory(path);
    if (directory >= 0 && ::flock(directory, LOCK_SH | LOCK_NB) == 0 &&
        is_still_there(path, directory)) {
      return TemporaryDirectory(std::move(path), directory);
    }
    if (directory >= 0) {
      ::close(directory);
    }
  }
  return fail("cannot lock a directory for temporary files in '" + parent.string() +
              "': other processes keep removing it");
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

bool TemporaryDirectory::exists() const { return is_still_there(path_, lock_); }

Shortage TemporaryDirectory::shortage() const {
  struct statvfs status = {};
  if (::fstatvfs(lock_, &status) != 0 || status.f_bavail * status.f_frsize < least_free_bytes) {
    return Shortage::space;
  }
  // Some file systems do not count files.
  if (status.f_files != 0 && status.f_favail < least_free_files) {
    return Shortage::files;
  }
  return has_descriptors(lock_) ? Shortage::none : Shortage::descriptors;
}

TemporaryDirectory::~TemporaryDirectory() {
  if (lock_ < 0) {
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  ::close(lock_);
}

}  // namespace milterd::clamav

#include "plugins/dkim/commands/new_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "milterd/util/unique_fd.hpp"

namespace milterd::dkim {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

/// 0 or errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

Result<> write_new_file(const std::string& path, mode_t mode, std::string_view text, bool replace) {
  // What is replaced stays whole until the new file is.
  const std::string target = replace ? path + ".new" : path;
  const UniqueFd file(
      open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) {
    const int error = errno;
    return fail("cannot create '" + target + "': " +
                (error != EEXIST ? reason(error)
                 : replace       ? "it is left over from another run; remove it"
                                 : "it exists already; choose another selector, or replace it "
                                   "with --force"));
  }
  int error = write_all(file.get(), text);
  if (error == 0 && replace && std::rename(target.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    unlink(target.c_str());
    return fail("cannot write '" + target + "': " + reason(error));
  }
  return {};
}

}  // namespace milterd::dkim

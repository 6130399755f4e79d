#include "milterd/dns/trust_anchor_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "milterd/ascii.hpp"
#include "milterd/util/unique_fd.hpp"

namespace milterd {
namespace {

constexpr std::size_t largest = 1024 * 1024;

std::unexpected<Error> unreadable(const std::string& path, int error) {
  return fail("cannot read trust_anchor_file '" + path +
              "': " + std::generic_category().message(error));
}

Result<std::string> read_whole(const std::string& path) {
  // Without O_NONBLOCK a pipe would be waited for.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) {
    return unreadable(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return unreadable(path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  }
  std::string text(largest + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0) {
      return unreadable(path, errno);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  if (size > largest) {
    return fail("trust_anchor_file '" + path + "' is over 1 MiB: it should hold a few keys");
  }
  text.resize(size);
  return text;
}

bool has_key(std::string_view line) {
  line = line.substr(0, line.find(';'));
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    const std::string_view word = line.substr(0, end);
    if (equal_ignoring_case(word, "DS") || equal_ignoring_case(word, "DNSKEY")) {
      return true;
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return false;
}

}  // namespace

Result<> check_trust_anchor_file(const std::string& path) {
  const Result<std::string> text = read_whole(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (has_key(rest.substr(0, end))) {
      return {};
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fail("trust_anchor_file '" + path +
              "' holds no DS or DNSKEY record; for the root zone use /usr/share/dns/root.key of "
              "the package dns-root-data");
}

}  // namespace milterd

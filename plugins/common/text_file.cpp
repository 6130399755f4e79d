#include "plugins/common/text_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <sys/stat.h>
#include <system_error>

namespace milterd {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

std::string why(int error) { return std::generic_category().message(error); }

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t largest) {
  const std::string cannot = "cannot read '" + path + "': ";
  // Before it is opened: opening a pipe would wait for its writer.
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return fail(cannot + why(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(cannot + "it is not a regular file");
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (!file) {
    return fail(cannot + why(errno));
  }
  std::string text;
  std::array<char, 16 * 1024> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get())) {
    if (text.size() + size > largest) {
      return fail(cannot + "it is larger than " + std::to_string(largest) + " bytes");
    }
    text.append(piece.data(), size);
  }
  if (std::ferror(file.get()) != 0) {
    return fail(cannot + why(errno));
  }
  return text;
}

}  // namespace milterd

#include "milterd/import/import_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <sys/stat.h>
#include <system_error>

namespace milterd {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> read_import_file(const std::string& path) {
  const auto failed = [&](const std::string& why) {
    return fail("cannot read '" + path + "': " + why);
  };
  // Before it is opened: opening a pipe would wait for its writer.
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return failed(std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return failed("it is not a regular file");
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return failed(std::generic_category().message(errno));
  }
  std::string text(largest_file + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return failed(std::generic_category().message(errno));
  }
  if (text.size() > largest_file) {
    return failed("it has more than " + std::to_string(largest_file) + " bytes");
  }
  return text;
}

}  // namespace milterd

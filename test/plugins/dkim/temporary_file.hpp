#pragma once
/// A file that is there as long as the object is.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

namespace milterd::dkim::test {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    const char* directory = std::getenv("TMPDIR");
    path_ = std::string(directory == nullptr ? "/tmp" : directory) + "/milterd-test-XXXXXX";
    const int file = mkstemp(path_.data());
    if (file < 0 ||
        write(file, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
      std::perror("cannot write a temporary file");
      std::abort();
    }
    close(file);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace milterd::dkim::test

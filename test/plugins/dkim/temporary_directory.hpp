#pragma once
/// A directory that is there, with all that is in it, as long as the object is.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace milterd::dkim::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const char* parent = std::getenv("TMPDIR");
    std::string path = std::string(parent == nullptr ? "/tmp" : parent) + "/milterd-test-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      std::perror("cannot make a temporary directory");
      std::abort();
    }
    // As the code under test will name it.
    path_ = std::filesystem::canonical(path);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

  /// Writes a file, and the directories above it. Returns its path.
  std::string write(const std::string& name, std::string_view content, mode_t mode = 0600) const {
    const std::filesystem::path path = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    chmod(path.c_str(), mode);
    return path;
  }

 private:
  std::string path_;
};

}  // namespace milterd::dkim::test

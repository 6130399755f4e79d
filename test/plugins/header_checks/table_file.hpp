#pragma once
/// A table in a file of its own, which goes when this goes.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "doctest/doctest.h"

namespace milterd::header_checks {

class TableFile {
 public:
  explicit TableFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / "milterd-table-XXXXXX") {
    const int descriptor = mkstemp(path_.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TableFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace milterd::header_checks

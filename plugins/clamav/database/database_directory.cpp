#include "plugins/clamav/database/database_directory.hpp"

#include <algorithm>
#include <array>
#include <clamav.h>
#include <filesystem>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace milterd::clamav {
namespace {

// As libclamav 1.4 tells signature files from others.
constexpr std::array<std::string_view, 38> extensions = {
    "cat", "cbc", "cdb", "cfg", "cld",  "crb",  "cud", "cvd", "db",  "fp",  "ftm",  "gdb", "hdb",
    "hdu", "hsb", "hsu", "idb", "ign",  "ign2", "imp", "ioc", "ldb", "ldu", "mdb",  "mdu", "msb",
    "msu", "ndb", "ndu", "pdb", "pwdb", "rmd",  "sdb", "sfp", "wdb", "yar", "yara", "zmd"};

bool is_database_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return false;
  }
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(extensions, extension) != extensions.end();
}

struct CloseHeader {
  void operator()(cl_cvd* header) const { cl_cvdfree(header); }
};

}  // namespace

Result<DatabaseFiles> list_database_files(const std::string& directory) {
  DatabaseFiles found;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) {
    return found;
  }
  found.directory_exists = true;
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    struct stat status = {};
    std::string name = entry->path().filename().string();
    if (!is_database_name(name) || ::stat(entry->path().c_str(), &status) != 0 ||
        !S_ISREG(status.st_mode)) {
      continue;
    }
    found.files.push_back({std::move(name), static_cast<std::uint64_t>(status.st_size),
                           status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino});
  }
  if (error) {
    return fail("cannot read the signature database directory '" + directory +
                "': " + error.message());
  }
  std::ranges::sort(found.files, {}, &DatabaseFile::name);
  return found;
}

DatabaseOrigin database_origin(const std::string& directory, const DatabaseFiles& files) {
  constexpr std::array<std::string_view, 2> by_rank = {"main", "daily"};
  DatabaseOrigin origin;
  std::size_t best_rank = 0;
  std::int64_t built = 0;
  std::int64_t written = 0;
  for (const DatabaseFile& file : files.files) {
    written = std::max(written, file.modified_seconds);
    const std::string_view name = file.name;
    if (!name.ends_with(".cvd") && !name.ends_with(".cld")) {
      continue;
    }
    const std::unique_ptr<cl_cvd, CloseHeader> header(
        cl_cvdhead((directory + "/" + file.name).c_str()));
    if (!header) {
      continue;
    }
    built = std::max<std::int64_t>(built, header->stime);
    const auto place = std::ranges::find(by_rank, name.substr(0, name.size() - 4));
    const auto rank = static_cast<std::size_t>(place - by_rank.begin()) + 1;
    if (place == by_rank.end() || rank < best_rank) {
      continue;
    }
    origin.version = rank > best_rank ? header->version : std::max(origin.version, header->version);
    best_rank = rank;
  }
  origin.built = std::chrono::system_clock::from_time_t(built != 0 ? built : written);
  return origin;
}

}  // namespace milterd::clamav

#include "plugins/dkim/keys/key_path_pattern.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <dirent.h>
#include <memory>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/dkim/tag_list.hpp"

namespace milterd::dkim {

namespace {

constexpr std::size_t most_directory_entries = 200'000;
constexpr std::size_t most_files = 50'000;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

/// What stands for "%" in `part` if `name` is `part` with it; "" if nothing can.
std::string domain_in(std::string_view part, std::string_view name) {
  const auto count = static_cast<std::size_t>(std::ranges::count(part, '%'));
  const std::size_t fixed = part.size() - count;
  if (name.size() <= fixed || (name.size() - fixed) % count != 0) {
    return {};
  }
  std::string domain(
      name.substr(std::min(part.find('%'), name.size()), (name.size() - fixed) / count));
  const bool fits = with_domain(part, domain) == name;
  return fits && is_domain_name(domain) && to_lower(domain) == domain ? domain : std::string{};
}

}  // namespace

std::string with_domain(std::string_view path, std::string_view domain) {
  std::string text;
  for (const char c : path) {
    if (c == '%') {
      text += domain;
    } else {
      text += c;
    }
  }
  return text;
}

Result<std::vector<DomainKeyFile>> find_domain_key_files(std::string_view path) {
  const std::size_t first = path.find('%');
  const std::size_t part_begin = path.rfind('/', first) + 1;
  const std::string_view part = path.substr(part_begin, path.find('/', first) - part_begin);
  const std::string directory(path.substr(0, part_begin));
  const std::string cannot = "cannot look for '" + std::string(path) + "': '" + directory + "': ";
  const std::unique_ptr<DIR, CloseDirectory> open(opendir(directory.c_str()));
  if (!open) {
    return fail(cannot + std::generic_category().message(errno));
  }
  std::vector<DomainKeyFile> files;
  std::size_t entries = 0;
  errno = 0;
  while (const dirent* entry = readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe)
    if (++entries > most_directory_entries || files.size() > most_files) {
      return fail(cannot + "more than " + std::to_string(most_directory_entries) + " entries or " +
                  std::to_string(most_files) + " keys");
    }
    std::string domain = domain_in(part, entry->d_name);
    if (domain.empty()) {
      continue;
    }
    std::string file = with_domain(path, domain);
    if (access(file.c_str(), F_OK) == 0) {
      files.push_back({.domain = std::move(domain), .path = std::move(file)});
    }
    errno = 0;
  }
  if (errno != 0) {
    return fail(cannot + std::generic_category().message(errno));
  }
  std::ranges::sort(files, {}, &DomainKeyFile::domain);
  return files;
}

}  // namespace milterd::dkim

#include "plugins/clamav/database/memory_budget.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace milterd::clamav {
namespace {

constexpr std::size_t largest_file = 64 * 1024;

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::string text(largest_file, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// The number behind `name` at the begin of a line.
std::optional<std::uint64_t> field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.starts_with(name)) {
      return number(line.substr(name.size()));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

/// The names that the two versions of control groups have for the same things.
struct Names {
  const char* limit;
  const char* usage;
  const char* cache;
};
constexpr Names version_2 = {"/memory.max", "/memory.current", "inactive_file "};
constexpr Names version_1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                             "total_inactive_file "};

void take_least(std::optional<std::uint64_t>& least, const std::optional<std::uint64_t>& other) {
  if (other && (!least || *other < *least)) {
    least = other;
  }
}

std::optional<std::uint64_t> left_in(const std::string& group, const Names& names) {
  const auto limit = number(read(group + names.limit));  // "max" is no number: no limit
  const auto usage = number(read(group + names.usage));
  if (!limit || !usage) {
    return std::nullopt;
  }
  const std::uint64_t cache = field(read(group + "/memory.stat"), names.cache).value_or(0);
  const std::uint64_t used = *usage - std::min(*usage, cache);
  return *limit - std::min(*limit, used);
}

/// In the group at `path` below `mount`, and in those above it: each has a limit of its own.
std::optional<std::uint64_t> left_in_groups(const std::string& mount, std::string path,
                                            const Names& names) {
  std::optional<std::uint64_t> least;
  while (true) {
    take_least(least, left_in(mount + path, names));
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) {
      return least;
    }
    path.erase(slash);
  }
}

}  // namespace

std::optional<std::uint64_t> available_memory(const std::string& root) {
  std::optional<std::uint64_t> least;
  if (const auto kibibytes = field(read(root + "/proc/meminfo"), "MemAvailable:")) {
    least = *kibibytes * 1024;
  }
  std::istringstream groups(read(root + "/proc/self/cgroup"));
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (path == "/") {
      path.clear();
    }
    const std::string mount = root + "/sys/fs/cgroup";
    if (controllers.empty()) {
      take_least(least, left_in_groups(mount, path, version_2));
    } else if (("," + controllers + ",").find(",memory,") != std::string::npos) {
      take_least(least, left_in_groups(mount + "/memory", path, version_1));
    }
  }
  return least;
}

std::uint64_t memory_needed(std::uint64_t engine, std::uint64_t old_size, std::uint64_t new_size) {
  // Not in proportion: an engine takes some megabytes however small its files are. A plain file of
  // signatures takes 3 times its size, and ClamAV's own, which are packed, 5 to 6 times.
  constexpr std::uint64_t most_per_byte = 8;
  const std::uint64_t added = new_size - std::min(new_size, old_size);
  const std::uint64_t expected = engine + (added * most_per_byte);
  return expected + (expected / 5);  // for what comes meanwhile
}

std::uint64_t resident_memory() {
  std::istringstream text(read("/proc/self/statm"));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  text >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace milterd::clamav

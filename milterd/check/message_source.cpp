#include "milterd/check/message_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "milterd/util/unique_fd.hpp"

namespace milterd {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;

Result<std::string> read_all(int descriptor, const std::string& name) {
  std::string bytes;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk);
    const ssize_t got = ::read(descriptor, bytes.data() + before, chunk);
    if (got < 0 && errno != EINTR) {
      return fail("cannot read '" + name + "': " + std::strerror(errno));
    }
    bytes.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) {
      return bytes;
    }
    if (bytes.size() > longest_input) {
      return fail("cannot read '" + name + "': it has more than " + std::to_string(longest_input) +
                  " bytes");
    }
  }
}

/// Whether a line is ">From ", ">>From ", ...
bool is_quoted_from(std::string_view line) {
  const std::size_t quotes = std::min(line.find_first_not_of('>'), line.size());
  return quotes > 0 && line.substr(quotes).starts_with("From ");
}

}  // namespace

Result<std::vector<std::string>> list_files(const std::string& input) {
  if (input == "-") {
    return std::vector<std::string>{input};
  }
  std::error_code error;
  const auto status = std::filesystem::status(input, error);
  if (error || !std::filesystem::exists(status)) {
    return fail("cannot read '" + input +
                "': " + (error ? error.message() : std::string("No such file or directory")));
  }
  if (!std::filesystem::is_directory(status)) {
    return std::vector<std::string>{input};
  }
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator at(input, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error)) {
      files.push_back(at->path().string());
    }
  }
  if (error) {
    return fail("cannot read the directory '" + input + "': " + error.message());
  }
  std::ranges::sort(files);
  return files;
}

Result<std::string> read_file(const std::string& path) {
  if (path == "-") {
    return read_all(STDIN_FILENO, "standard input");
  }
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return fail("cannot read '" + path + "': " + std::strerror(errno));
  }
  return read_all(file.get(), path);
}

std::vector<std::string> split_mbox(std::string_view bytes) {
  std::vector<std::string> messages;
  bool after_blank = true;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(line.size());
    if (after_blank && line.starts_with("From ")) {
      messages.emplace_back();
    } else if (messages.empty()) {
      messages.emplace_back(line);
    } else {
      messages.back().append(is_quoted_from(line) ? line.substr(1) : line);
    }
    after_blank = line == "\n" || line == "\r\n";
  }
  for (std::string& message : messages) {
    // The empty line before the next "From " belongs to the mailbox.
    if (message.ends_with("\r\n\r\n")) {
      message.resize(message.size() - 2);
    } else if (message.ends_with("\n\n")) {
      message.resize(message.size() - 1);
    }
  }
  return messages;
}

}  // namespace milterd

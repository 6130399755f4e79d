#include "plugins/dkim/keys/key_file_safety.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <pwd.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace milterd::dkim {

namespace {

constexpr mode_t mode_bits = 07777;
constexpr int most_links = 40;  // As Linux has it.

struct FreeText {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc)
};

std::string quoted(const std::string& path) { return "'" + path + "'"; }

std::string octal(mode_t mode) {
  std::string digits = "0000";
  for (std::size_t i = digits.size(); i-- > 0; mode /= 8) {
    digits[i] = static_cast<char>('0' + mode % 8);
  }
  return digits;
}

std::string user_name(uid_t user) {
  constexpr std::size_t entry_size = 16 * 1024;
  std::vector<char> buffer(entry_size);
  struct passwd entry{};
  struct passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(user);
}

/// For a shell.
std::string argument(const std::string& path) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=@%,:";
  if (path.find_first_not_of(plain) == std::string::npos) {
    return path;
  }
  std::string text = "'";
  for (const char c : path) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

bool is_owner_trusted(const struct stat& status, const KeyReaderIdentity& reader) {
  return status.st_uid == 0 || status.st_uid == reader.user;
}

std::string stranger(const struct stat& status) {
  return "belongs to user " + user_name(status.st_uid) + " (mode " +
         octal(status.st_mode & mode_bits) + ")";
}

/// "" where all is well.
std::string fault_of_directory(const std::string& path, const struct stat& status,
                               const KeyReaderIdentity& reader) {
  const std::string subject = "directory " + quoted(path) + " ";
  if (!is_owner_trusted(status, reader)) {
    return subject + stranger(status) + ", who can replace the key; run: chown root " +
           argument(path);
  }
  if ((status.st_mode & S_ISVTX) != 0) {
    return {};
  }
  const bool others_write = (status.st_mode & S_IWOTH) != 0;
  const bool group_writes = (status.st_mode & S_IWGRP) != 0 && status.st_gid != 0;
  if (!others_write && !group_writes) {
    return {};
  }
  return subject + "has mode " + octal(status.st_mode & mode_bits) + ", so that " +
         (others_write ? "everybody" : "its group") + " can replace the key; run: chmod " +
         (others_write ? (group_writes ? "go-w " : "o-w ") : "g-w ") + argument(path);
}

std::string fault_of_file(const std::string& path, const struct stat& status,
                          const KeyReaderIdentity& reader) {
  if (!is_owner_trusted(status, reader)) {
    return "it " + stranger(status) + ", not to the one who uses it; run: chown " +
           user_name(reader.user) + " " + argument(path) + " && chmod 0600 " + argument(path);
  }
  const bool own_group = std::ranges::find(reader.groups, status.st_gid) != reader.groups.end();
  const bool group_reads = (status.st_mode & S_IRGRP) != 0;
  const std::string has_mode = "it has mode " + octal(status.st_mode & mode_bits) + ", so that ";
  std::string who;
  if ((status.st_mode & S_IRWXO) != 0) {
    who = "everybody can read or use it";
  } else if ((status.st_mode & S_IWGRP) != 0) {
    who = "its group can write it";
  } else if (group_reads && !own_group) {
    who = "a group can read it that its user is not in";
  } else {
    return {};
  }
  std::string command = "chmod 0600 ";
  if (status.st_uid != reader.user) {
    // Without the group's right or the ownership, who uses the key could not read it any more.
    command = group_reads && own_group
                  ? "chmod 0640 "
                  : "chown " + user_name(reader.user) + " " + argument(path) + " && " + command;
  }
  return has_mode + who + "; run: " + command + argument(path);
}

/// "" where nobody else can put another link in its place: its directory is looked at by itself,
/// and in a sticky one its owner can.
std::string fault_of_link(const std::string& path, const struct stat& status,
                          const KeyReaderIdentity& reader) {
  return is_owner_trusted(status, reader)
             ? std::string{}
             : "link " + quoted(path) + " belongs to user " + user_name(status.st_uid) +
                   ", who can replace the key; run: chown -h root " + argument(path);
}

std::string absolute(const std::string& path, const std::string& directory) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

/// The directories and links that `path` names, from the root down, and those that the links name.
/// The path is known to lead to something.
Result<std::optional<KeyFileFault>> find_fault_on_way(const std::string& path,
                                                      const KeyReaderIdentity& reader,
                                                      int& links_left) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string node = path.substr(0, end);
    struct stat status{};
    if (lstat(node.c_str(), &status) != 0) {
      return fail("cannot read " + quoted(node) + ": " + std::generic_category().message(errno));
    }
    std::string text = S_ISLNK(status.st_mode)   ? fault_of_link(node, status, reader)
                       : S_ISDIR(status.st_mode) ? fault_of_directory(node, status, reader)
                                                 : std::string{};
    if (!text.empty()) {
      return KeyFileFault{.node = node, .text = std::move(text)};
    }
    if (!S_ISLNK(status.st_mode)) {
      continue;
    }
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(node, error).string();
    if (error || links_left-- == 0) {
      return fail("cannot read " + quoted(node) + ": " +
                  (error ? error.message() : "too many links on the way"));
    }
    auto found =
        find_fault_on_way(absolute(target, node.substr(0, node.rfind('/'))), reader, links_left);
    if (!found || *found) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

KeyReaderIdentity KeyReaderIdentity::current() {
  KeyReaderIdentity identity{.user = geteuid(), .groups = {getegid()}};
  const int count = getgroups(0, nullptr);
  if (count > 0) {
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    const int got = getgroups(count, groups.data());
    groups.resize(static_cast<std::size_t>(std::max(got, 0)));
    identity.groups.insert(identity.groups.end(), groups.begin(), groups.end());
  }
  return identity;
}

Result<std::optional<KeyFileFault>> find_key_file_fault(const std::string& path,
                                                        const KeyReaderIdentity& reader) {
  const auto cannot = [&path](int error) {
    return fail("cannot read " + quoted(path) + ": " + std::generic_category().message(error));
  };
  const std::unique_ptr<char, FreeText> real(realpath(path.c_str(), nullptr));
  if (!real) {
    return cannot(errno);
  }
  const std::string resolved = real.get();
  std::error_code error;
  const std::string directory = std::filesystem::current_path(error).string();
  if (struct stat root{}; stat("/", &root) == 0) {
    if (std::string text = fault_of_directory("/", root, reader); !text.empty()) {
      return KeyFileFault{.node = "/", .text = std::move(text)};
    }
  }
  int links_left = most_links;
  auto on_way = find_fault_on_way(absolute(path, directory), reader, links_left);
  if (!on_way || *on_way) {
    return on_way;
  }
  struct stat status{};
  if (stat(resolved.c_str(), &status) != 0) {
    return cannot(errno);
  }
  if (std::string text = fault_of_file(resolved, status, reader); !text.empty()) {
    return KeyFileFault{.node = resolved, .text = std::move(text)};
  }
  return std::nullopt;
}

}  // namespace milterd::dkim

#include "milterd/check/message_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace milterd {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Result<> put(std::FILE* file, const std::string& bytes, const std::string& name) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() || std::fflush(file) != 0) {
    return fail("cannot write '" + name + "': " + std::strerror(errno));
  }
  return {};
}

}  // namespace

std::string written_message(const TransactionState& transaction, bool crlf) {
  std::string text;
  for (const HeaderField& field : transaction.headers()) {
    text.append(field.text()).append("\r\n");
  }
  text.append("\r\n").append(transaction.body());
  if (!crlf) {
    std::size_t to = 0;
    for (std::size_t from = 0; from < text.size(); ++from) {
      if (text[from] != '\r' || from + 1 >= text.size() || text[from + 1] != '\n') {
        text[to++] = text[from];
      }
    }
    text.resize(to);
  }
  return text;
}

Result<MessageWriter> MessageWriter::open(const std::string& path, bool many) {
  std::error_code error;
  const bool directory = path != "-" && (many || std::filesystem::is_directory(path, error));
  if (directory) {
    std::filesystem::create_directories(path, error);
    if (error) {
      return fail("cannot make the directory '" + path + "': " + error.message());
    }
  }
  return MessageWriter(path, directory);
}

Result<> MessageWriter::write(const std::string& name, const std::string& bytes) {
  if (path_ == "-") {
    return put(stdout, bytes, "standard output");
  }
  std::string path = path_;
  if (directory_) {
    std::string base = name == "-" ? "stdin" : name;
    base.erase(0, std::min(base.find_first_not_of("./"), base.size()));
    std::ranges::replace(base, '/', '_');
    std::string unique = base;
    for (int number = 2; !used_.insert(unique).second; ++number) {
      unique = base + "-" + std::to_string(number);
    }
    path += "/" + unique;
  }
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wbe"));
  if (!file) {
    return fail("cannot write '" + path + "': " + std::strerror(errno));
  }
  return put(file.get(), bytes, path);
}

}  // namespace milterd

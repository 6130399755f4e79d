#include "signature_directory.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

#include "plugins/clamav/libclamav_process.hpp"
#include "sample_mail.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::test {
std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

SignatureDirectory::SignatureDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "milterd-test-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

SignatureDirectory::~SignatureDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void SignatureDirectory::remove_content() const {
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    std::filesystem::remove_all(entry.path());
  }
}

void SignatureDirectory::write(std::string_view file, std::string_view content) const {
  std::ofstream out(std::filesystem::path(path_) / file, std::ios::binary);
  out << content;
  REQUIRE(out.flush().good());
}

void SignatureDirectory::remove(std::string_view file) const {
  std::filesystem::remove(std::filesystem::path(path_) / file);
}

void SignatureDirectory::write_signatures(std::initializer_list<std::string_view> more) const {
  std::string content = "Eicar-Test-Signature:0:*:" + hex(eicar()) + "\n";
  for (const std::string_view signature : more) {
    const std::size_t equals = signature.find('=');
    content += std::string(signature.substr(0, equals)) +
               ":0:*:" + hex(signature.substr(equals + 1)) + "\n";
  }
  write("test.ndb", content);
}

namespace {

CapturedLog& process_log() {
  static CapturedLog log;
  return log;
}

}  // namespace

void start_libclamav_once() {
  static const Result<> started = clamav::start_libclamav(process_log());
  REQUIRE(started.has_value());
}

std::size_t process_log_lines() { return process_log().lines().size(); }

}  // namespace milterd::test

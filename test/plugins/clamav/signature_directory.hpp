#pragma once
/// A directory of its own with signatures in it, for one test.

#include <string>
#include <string_view>

namespace milterd::test {

/// As signatures spell bytes.
std::string hex(std::string_view bytes);

/// libclamav's name for the signature of EICAR below: it marks what is not ClamAV's own.
constexpr std::string_view eicar_name = "Eicar-Test-Signature.UNOFFICIAL";

class SignatureDirectory {
 public:
  SignatureDirectory();
  ~SignatureDirectory();
  SignatureDirectory(const SignatureDirectory&) = delete;
  SignatureDirectory& operator=(const SignatureDirectory&) = delete;

  const std::string& path() const { return path_; }
  void write(std::string_view file, std::string_view content) const;
  void remove(std::string_view file) const;
  void remove_content() const;
  /// Writes test.ndb: finds EICAR, and each of `more` ("Name=text") anywhere in a file.
  void write_signatures(std::initializer_list<std::string_view> more = {}) const;

 private:
  std::string path_;
};

/// The same, with the signature of EICAR in it.
class EicarDirectory : public SignatureDirectory {
 public:
  EicarDirectory() { write_signatures(); }
};

/// Starts libclamav for the test program, once; its messages go nowhere.
void start_libclamav_once();
/// How much libclamav said that belongs to no scan and no load.
std::size_t process_log_lines();

}  // namespace milterd::test

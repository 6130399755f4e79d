#include <doctest/doctest.h>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <utility>

#include "plugins/clamav/database/engine_slots.hpp"
#include "plugins/clamav/scanning/scan.hpp"
#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::clamav {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(1);
}

/// A file system of 16 MiB over a directory, which no other process sees.
class SmallFileSystem {
 public:
  explicit SmallFileSystem(std::string directory)
      : directory_(std::move(directory)),
        mounted_(::unshare(CLONE_NEWNS) == 0 &&
                 ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                 ::mount("none", directory_.c_str(), "tmpfs", 0, "size=16m") == 0) {}
  ~SmallFileSystem() { ::umount2(directory_.c_str(), MNT_DETACH); }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  bool mounted() const { return mounted_; }  ///< False: not permitted.

 private:
  std::string directory_;
  bool mounted_;
};

/// As far as it goes.
void fill(const std::string& path, std::size_t bytes) {
  std::ofstream out(path, std::ios::binary);
  out << std::string(bytes, 'x');
}

TEST_CASE("on a full disk no infected message is clean, and room mends it") {
  test::start_libclamav_once();
  const test::EicarDirectory signatures;
  const test::SignatureDirectory small;
  const SmallFileSystem file_system(small.path());
  if (!file_system.mounted()) {
    MESSAGE("left out: only root may mount");
    return;
  }
  test::CapturedLog log;
  EngineSlots slots(1);
  EngineSettings settings;
  settings.temporary_directory = small.path();
  const auto engine =
      Engine::load(signatures.path(), {}, settings, *slots.take(in_a_minute()), {}, log);
  REQUIRE(engine.has_value());
  const std::string mails[] = {
      test::attachment_mail("e.com", test::eicar()),
      test::attachment_mail("e.zip", test::zip("e.com", test::eicar())),
      test::attachment_mail("a.bin", std::string(100'000, 'k') + test::eicar()),
  };
  for (const std::size_t left_kibibytes : {0U, 4U, 40U, 1000U}) {
    CAPTURE(left_kibibytes);
    fill(small.path() + "/fill", (left_kibibytes == 0 ? 20'000 : 16'384 - left_kibibytes) * 1024);
    for (const std::string& mail : mails) {
      const ScanResult result = scan(**engine, test::image(mail), in_a_minute(), log);
      CHECK((result.scanner_failed() || result.status == ScanResult::Status::infected));
    }
    const ScanResult harmless =
        scan(**engine, test::image(test::text_mail("hello")), in_a_minute(), log);
    CHECK(harmless.scanner_failed());
  }
  small.remove("fill");
  for (const std::string& mail : mails) {
    CHECK(scan(**engine, test::image(mail), in_a_minute(), log).text == test::eicar_name);
  }
}

}  // namespace
}  // namespace milterd::clamav

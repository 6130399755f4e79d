#include <doctest/doctest.h>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>

#include "plugins/clamav/engine_slots.hpp"
#include "plugins/clamav/scan.hpp"
#include "recording_log.hpp"
#include "sample_mail.hpp"
#include "signature_directory.hpp"

namespace milterd::clamav {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(1);
}

/// A file system of a few MiB that no other process sees. False: not permitted to make one.
bool mount_small(const std::string& directory, const char* options) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", directory.c_str(), "tmpfs", 0, options) == 0;
}

TEST_CASE("on a full disk no infected message is clean, and room mends it") {
  test::start_libclamav_once();
  const test::SignatureDirectory signatures;
  signatures.write_signatures();
  const test::SignatureDirectory small;
  if (!mount_small(small.path(), "size=16m")) {
    MESSAGE("left out: only root may mount");
    return;
  }
  test::RecordingLog log;
  EngineSlots slots(1);
  EngineSettings settings;
  settings.temporary_directory = small.path();
  const auto engine =
      Engine::load(signatures.path(), 0, settings, *slots.take(in_a_minute()), {}, log);
  REQUIRE(engine.has_value());
  const std::string mails[] = {
      test::attachment_mail("e.com", test::eicar()),
      test::attachment_mail("e.zip", test::zip("e.com", test::eicar())),
      test::attachment_mail("a.bin", std::string(100'000, 'k') + test::eicar()),
  };
  for (int left_kibibytes : {0, 4, 40, 1000}) {
    CAPTURE(left_kibibytes);
    small.write(
        "fill",
        std::string(static_cast<std::size_t>(16 * 1024 - left_kibibytes) * 1024 - 64 * 1024, 'x'));
    {
      std::ofstream rest(small.path() + "/rest", std::ios::binary);
      rest << std::string(left_kibibytes == 0 ? 64 * 1024 : 56 * 1024, 'x');
    }
    for (const std::string& mail : mails) {
      const ScanResult result = scan(**engine, test::image(mail), in_a_minute(), log);
      CHECK((result.scanner_failed || result.status == ScanResult::Status::infected));
    }
    const ScanResult harmless =
        scan(**engine, test::image(test::text_mail("hello")), in_a_minute(), log);
    CHECK(harmless.scanner_failed);
  }
  small.remove("fill");
  small.remove("rest");
  for (const std::string& mail : mails) {
    CHECK(scan(**engine, test::image(mail), in_a_minute(), log).text == test::eicar_name);
  }
}

}  // namespace
}  // namespace milterd::clamav

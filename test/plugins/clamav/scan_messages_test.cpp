/// libclamav has one callback for all messages of the process.

#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <vector>

#include "plugins/clamav/libclamav_process.hpp"
#include "sample_files.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::attachment_mail;
using test::CapturedLog;
using test::in_a_minute;
using test::Scanner;

/// A kind of message that libclamav complains of, and how.
struct Kind {
  std::string mail;
  std::string complaint;
};

std::vector<Kind> kinds() {
  const std::string flash = test::compressed_flash_with_eicar();
  return {
      {attachment_mail("a.egg", "EGGA" + std::string(3'000, '\x5A')), "egg"},
      {attachment_mail("a.swf", flash.substr(0, flash.size() - 20)), "SWF"},
      {attachment_mail("a.txt", "harmless"), "nothing"},
  };
}

TEST_CASE("what libclamav says of a message is in the log of that message, whatever runs beside") {
  EngineSettings settings;
  settings.disable_cache = true;
  const Scanner scanner(settings);
  const std::size_t of_the_process_before = test::process_log_lines();
  const std::vector<Kind> all = kinds();
  constexpr int scans = 40;
  std::vector<CapturedLog> logs(all.size() * 2);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < logs.size(); ++i) {
      threads.emplace_back([&, i] {
        const std::string image = test::image(all[i % all.size()].mail);
        for (int n = 0; n < scans; ++n) {
          scan(*scanner.engine, image, in_a_minute(), logs[i]);
        }
      });
    }
    // A load beside them has a log of its own.
    CapturedLog load_log;
    const LoadMessages load(load_log);
    Scanner loaded_beside;
    CHECK(load_log.lines().empty());
  }
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const Kind& kind = all[i % all.size()];
    CAPTURE(kind.complaint);
    const std::size_t own = logs[i].count(kind.complaint);
    CHECK(own == logs[i].lines().size());
    CHECK(own == (kind.complaint == "nothing" ? 0 : own / scans * scans));
    CHECK((own > 0) == (kind.complaint != "nothing"));
  }
  CHECK(test::process_log_lines() == of_the_process_before);
}

}  // namespace
}  // namespace milterd::clamav

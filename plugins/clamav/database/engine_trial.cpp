#include "plugins/clamav/database/engine_trial.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include "plugins/clamav/scanning/scan.hpp"

namespace milterd::clamav {
namespace {

constexpr std::string_view harmless_message =
    "Received: by milterd\r\n"
    "From: <postmaster@localhost>\r\n"
    "Subject: trial of the signature database\r\n"
    "\r\n"
    "Nothing is wrong with this message.\r\n";

// The EICAR anti-malware test file, in two pieces so that no scanner objects to this program.
constexpr std::string_view eicar_begin = R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-)";
constexpr std::string_view eicar_end = "ANTIVIRUS-TEST-FILE!$H+H*";

constexpr std::chrono::seconds time_limit{10};

}  // namespace

Result<> try_engine(const Engine& engine, Logger& log) {
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  const ScanResult harmless = scan(engine, harmless_message, deadline, log);
  if (harmless.status == ScanResult::Status::infected) {
    return fail("its signature '" + harmless.text + "' matches a harmless message");
  }
  std::string eicar(eicar_begin);
  eicar += eicar_end;
  if (scan(engine, eicar, deadline, log).status != ScanResult::Status::infected) {
    log.warn("clamav.eicar_not_found",
             {{"text",
               "the signature database does not know the EICAR test file: test mails will "
               "pass as clean"}});
  }
  return {};
}

}  // namespace milterd::clamav

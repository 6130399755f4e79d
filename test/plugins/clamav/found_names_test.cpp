#include "plugins/clamav/scanning/found_names.hpp"

#include <doctest/doctest.h>
#include <initializer_list>

namespace milterd::clamav {
namespace {

const char* const limit = "Heuristics.Limits.Exceeded.MaxFiles";
const char* const zip = "Heuristics.Encrypted.Zip";
const char* const pdf = "Heuristics.Encrypted.PDF";
const char* const phishing = "Heuristics.Phishing.Email.SpoofedDomain";

FoundNames found(const EngineSettings& settings, std::initializer_list<const char*> names) {
  FoundNames found_names(settings);
  for (const char* name : names) {
    found_names.add(name);
  }
  return found_names;
}

TEST_CASE("limits and encrypted parts are noted, and infected only where the settings say so") {
  EngineSettings settings;
  CHECK(found(settings, {}).infected().empty());
  CHECK(found(settings, {limit, zip, pdf, "Detected.By.Callback"}).infected().empty());
  CHECK(found(settings, {limit, "Heuristics.Limits.Exceeded.MaxFileSize"}).limit() == "MaxFiles");
  CHECK(found(settings, {zip}).encrypted());
  CHECK_FALSE(found(settings, {limit}).encrypted());

  settings.alert_encrypted_archive = true;
  CHECK(found(settings, {pdf, limit, zip}).infected() == zip);
  CHECK(found(settings, {pdf}).infected().empty());
  settings.alert_encrypted_archive = false;
  settings.alert_encrypted_doc = true;
  CHECK(found(settings, {zip, limit, pdf}).infected() == pdf);
  settings.alert_encrypted_doc = false;
  settings.alert_encrypted = true;
  CHECK(found(settings, {zip}).infected() == zip);
  CHECK(found(settings, {pdf}).infected() == pdf);
  settings.alert_encrypted = false;
  settings.alert_exceeds_max = true;
  CHECK(found(settings, {zip, limit}).infected() == limit);
}

TEST_CASE("the strongest name wins, and of equal ones no chance decides") {
  EngineSettings settings;
  settings.alert_exceeds_max = true;
  settings.alert_encrypted = true;
  CHECK(found(settings, {"Win.B", "Win.A", "PUA.A", limit}).infected() == "Win.B");
  CHECK(found(settings, {limit, zip, phishing, "PUA.B"}).infected() == phishing);
  CHECK(found(settings, {"PUA.B", phishing, zip, limit}).infected() == phishing);
  CHECK(found(settings, {"PUA.B", "PUA.A", "BC.Heuristics.C"}).infected() == "BC.Heuristics.C");
  CHECK(found(settings, {limit, zip}).infected() == zip);
  CHECK(found(settings, {zip, limit}).infected() == zip);
}

TEST_CASE("with heuristic precedence the first name that counts wins") {
  EngineSettings settings;
  settings.heuristic_scan_precedence = true;
  CHECK(found(settings, {limit, zip, "PUA.B", "Win.A"}).infected() == "PUA.B");
  CHECK(found(settings, {"PUA.B", "PUA.A"}).infected() == "PUA.B");
  settings.alert_exceeds_max = true;
  CHECK(found(settings, {limit, "Win.A"}).infected() == limit);
}

}  // namespace
}  // namespace milterd::clamav

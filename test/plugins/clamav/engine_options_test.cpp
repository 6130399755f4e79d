#include "plugins/clamav/database/engine_options.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>

#include "plugins/clamav/database/pua_categories.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::Scanner;
using test::settings_of;
using test::text_mail;

TEST_CASE("a category of unwanted programs may be any inner word of the name") {
  EngineSettings settings;
  settings.include_pua = {"Tool", "Win.Packed"};
  for (const char* name : {"PUA.Tool.A", "PUA.Win.Tool.A", "PUA.Win.Packed.A", "Win.Virus.A"}) {
    CAPTURE(name);
    CHECK(is_wanted(name, settings));
  }
  for (const char* name : {"PUA.Win.Tools.A", "PUA.A.Tool", "PUA.Tool", "PUA.Packed.A", "PUA."}) {
    CAPTURE(name);
    CHECK_FALSE(is_wanted(name, settings));
  }
}

template <typename Table>
void check_numbers(const Table& table) {
  for (const auto& [key, member, field, least, most] : table) {
    CAPTURE(key);
    EngineSettings settings;
    for (const auto value : {settings.*member, most}) {
      settings.*member = value;
      const std::unique_ptr<cl_engine, decltype(&cl_engine_free)> engine(cl_engine_new(),
                                                                         cl_engine_free);
      REQUIRE(apply_engine_settings(engine.get(), settings).has_value());
      int error = 0;
      CHECK(cl_engine_get_num(engine.get(), field, &error) == static_cast<long long>(value));
      CHECK(error == CL_SUCCESS);
    }
  }
}

TEST_CASE("each number arrives in the engine, from its default to its most") {
  test::start_libclamav_once();
  check_numbers(size_limits());
  check_numbers(count_limits());
  check_numbers(structured_counts());
  for (const auto& [key, member, field, least, most] : engine_switches()) {
    CAPTURE(key);
    EngineSettings settings;
    settings.*member = true;
    const std::unique_ptr<cl_engine, decltype(&cl_engine_free)> engine(cl_engine_new(),
                                                                       cl_engine_free);
    REQUIRE(apply_engine_settings(engine.get(), settings).has_value());
    // The last one cannot be asked for.
    if (field != CL_ENGINE_DISABLE_PE_CERTS) {
      CHECK(cl_engine_get_num(engine.get(), field, nullptr) > 0);
    }
  }
}

TEST_CASE("times, modes and the size of the cache arrive in the engine") {
  test::start_libclamav_once();
  const EngineSettings settings = settings_of(
      "max_scan_time = '7s'\nbytecode_timeout = '3s'\nbytecode_security = 'paranoid'\n"
      "bytecode_mode = 'force_interpreter'\ncache_size = 256\n");
  const std::unique_ptr<cl_engine, decltype(&cl_engine_free)> engine(cl_engine_new(),
                                                                     cl_engine_free);
  REQUIRE(apply_engine_settings(engine.get(), settings).has_value());
  const std::pair<cl_engine_field, long long> expected[] = {
      {CL_ENGINE_MAX_SCANTIME, 7000},
      {CL_ENGINE_BYTECODE_TIMEOUT, 3000},
      {CL_ENGINE_BYTECODE_SECURITY, CL_BYTECODE_TRUST_NOTHING},
      {CL_ENGINE_BYTECODE_MODE, CL_BYTECODE_MODE_INTERPRETER},
      {CL_ENGINE_CACHE_SIZE, 256},
  };
  for (const auto& [field, value] : expected) {
    CAPTURE(field);
    CHECK(cl_engine_get_num(engine.get(), field, nullptr) == value);
  }
}

// No small file of these kinds is at hand.
TEST_CASE("switches for what has no sample set their bit, and only theirs") {
  const std::pair<const char*, std::uint32_t> parsers_off[] = {
      {"scan_xmldocs = false", CL_SCAN_PARSE_XMLDOCS},
      {"scan_one_note = false", CL_SCAN_PARSE_ONENOTE},
      {"scan_hwp3 = false", CL_SCAN_PARSE_HWP3},
  };
  const cl_scan_options all = scan_options({});
  for (const auto& [key, bit] : parsers_off) {
    CAPTURE(key);
    const cl_scan_options options = scan_options(settings_of(std::string(key) + "\n"));
    CHECK((options.parse ^ all.parse) == bit);
    CHECK(options.heuristic == all.heuristic);
    CHECK(options.general == all.general);
  }
  CHECK(all.mail == 0);
  CHECK(scan_options(settings_of("structured_cc_only = true\n")).heuristic == all.heuristic);
  CHECK((scan_options(settings_of("structured_data_detection = true\nstructured_cc_only = true\n"))
             .heuristic &
         CL_SCAN_HEURISTIC_STRUCTURED_CC) != 0);
  EngineSettings partial;
  partial.scan_partial_messages = true;
  CHECK(scan_options(partial).mail == CL_SCAN_MAIL_PARTIAL_MESSAGE);
  CHECK(scan_options(settings_of("heuristic_alerts = false\n")).general == 0);
}

TEST_CASE("only ClamAV's own signatures, if one wants to") {
  test::start_libclamav_once();
  test::SignatureDirectory directory;
  directory.write_signatures({});
  test::CapturedLog log;
  EngineSlots slots(1);
  const auto loaded =
      Engine::load(directory.path(), {}, settings_of("official_database_only = true\n"),
                   *slots.take(test::in_a_minute()), {}, log);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().message.contains("No supported database files found"));
}

TEST_CASE("unsigned bytecode is loaded only where it is asked for") {
  const Scanner::Files broken = {{"broken.cbc", "ClamBCnonsense\n"}};
  for (const char* keys : {"bytecode_unsigned = false\n", "bytecode = false\n"}) {
    CAPTURE(keys);
    Scanner scanner(settings_of(keys), broken);
    CHECK(scanner(text_mail("harmless")) == "clean");
  }
  test::SignatureDirectory directory;
  directory.write_signatures({});
  directory.write(broken[0].first, broken[0].second);
  test::CapturedLog log;
  EngineSlots slots(1);
  EngineSettings settings;
  settings.bytecode_unsigned = true;
  const auto loaded =
      Engine::load(directory.path(), {}, settings, *slots.take(test::in_a_minute()), {}, log);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().message.contains("broken.cbc"));
}

}  // namespace
}  // namespace milterd::clamav

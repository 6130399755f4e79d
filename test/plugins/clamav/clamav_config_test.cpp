#include "plugins/clamav/clamav_config.hpp"

#include <doctest/doctest.h>

#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using test::StageTable;
using Errors = std::vector<std::string>;

TEST_CASE("an empty table has the documented defaults") {
  StageTable table("");
  const ClamavConfig config = read_config(table.section());
  CHECK(table.errors().empty());
  CHECK(config.database.directory == "/var/lib/clamav");
  CHECK(config.add_header == AddHeader::replace);
  CHECK(config.virus_action.empty());
  const EngineSettings& engine = config.database.settings;
  CHECK(engine.max_scan_size == 104'857'600);
  CHECK(engine.max_file_size == 26'214'400);
  CHECK(engine.max_scan_time == std::chrono::seconds(120));
  CHECK(engine.max_recursion == 16);
  CHECK(engine.max_files == 10'000);
  CHECK_FALSE(engine.disable_cache);
  CHECK(engine.temporary_directory.empty());
}

TEST_CASE("every key is read whatever the others say, in the order of printing") {
  StageTable table("on_infected = 'accept'\nadd_header = 'no'\n");
  read_config(table.section());
  CHECK(table.errors().empty());
  CHECK(table.printed() == R"(database_directory = "/var/lib/clamav"
self_check = "1m"
reload = "auto"
# reload_window = ""
warn_if_older_than = "7d"
fail_if_older_than = "0s"
on_infected = "accept"
reject_message = "Infected with %v"
reject_code = 550
reject_enhanced_code = "5.7.1"
on_clean = "accept"
on_fail = "tempfail"
on_unscanned = "accept"
on_unscanned_size = "accept"
on_unscanned_time = "accept"
on_unscanned_recursion = "accept"
on_unscanned_files = "accept"
on_unscanned_encrypted = "accept"
on_unscanned_parser_error = "accept"
# local_net = []
# skip_authenticated = ""
# allow_list = ""
add_header = "no"
# report_hostname = ""
log_infected = "off"
log_clean = "off"
support_multiple_recipients = true
# virus_action = []
scan_slots = 0
scan_queue = 100
max_scan_size = "100MiB"
max_file_size = "25MiB"
max_embedded_pe = "10MiB"
max_html_normalize = "10MiB"
max_html_no_tags = "2MiB"
max_script_normalize = "5MiB"
max_zip_type_rcg = "1MiB"
pcre_max_file_size = "25MiB"
max_scan_time = "2m"
max_recursion = 16
max_files = 10000
max_partitions = 50
max_icons_pe = 100
max_rec_hwp3 = 16
pcre_match_limit = 10000
pcre_rec_match_limit = 5000
scan_mail = true
scan_partial_messages = false
scan_archive = true
scan_pe = true
scan_elf = true
scan_ole2 = true
scan_xmldocs = true
scan_one_note = true
scan_pdf = true
scan_html = true
scan_swf = true
scan_hwp3 = true
scan_image = true
scan_image_fuzzy_hash = true
alert_exceeds_max = false
alert_encrypted = false
alert_encrypted_archive = false
alert_encrypted_doc = false
alert_broken_executables = false
alert_broken_media = false
alert_ole2_macros = false
alert_partition_intersection = false
alert_phishing_ssl_mismatch = false
alert_phishing_cloak = false
heuristic_alerts = true
heuristic_scan_precedence = false
structured_data_detection = false
structured_cc_only = false
structured_ssn_format_normal = true
structured_ssn_format_stripped = false
structured_min_credit_card_count = 3
structured_min_ssn_count = 3
official_database_only = false
phishing_signatures = true
phishing_scan_urls = true
detect_pua = false
# include_pua = []
# exclude_pua = []
bytecode = true
bytecode_unsigned = false
bytecode_security = "trust_signed"
bytecode_mode = "auto"
bytecode_timeout = "1m"
disable_cache = false
force_to_disk = false
disable_cert_check = false
cache_size = 65536
# temporary_directory = ""
)");
}

TEST_CASE("the engine's defaults are those of Debian's clamd") {
  StageTable table("");
  CHECK(read_config(table.section()).database.settings == EngineSettings{});
  CHECK(table.problems().empty());
}

TEST_CASE("every key of the engine is read into its setting") {
  StageTable table(
      "max_scan_size = '1MiB'\nmax_file_size = '2KiB'\nmax_embedded_pe = '3KiB'\n"
      "max_html_normalize = '4KiB'\nmax_html_no_tags = '5KiB'\nmax_script_normalize = '6KiB'\n"
      "max_zip_type_rcg = '7KiB'\npcre_max_file_size = '8KiB'\nmax_scan_time = '9s'\n"
      "max_recursion = 10\nmax_files = 11\nmax_partitions = 12\nmax_icons_pe = 13\n"
      "max_rec_hwp3 = 14\npcre_match_limit = 16\npcre_rec_match_limit = 15\n"
      "structured_data_detection = true\nstructured_min_credit_card_count = 17\n"
      "structured_min_ssn_count = 18\ndetect_pua = true\ninclude_pua = ['Packed', 'Tool']\n"
      "bytecode_security = 'paranoid'\nbytecode_mode = 'force_interpreter'\n"
      "bytecode_timeout = '19s'\ncache_size = 20\n");
  const EngineSettings engine = read_config(table.section()).database.settings;
  CHECK(table.problems().empty());
  EngineSettings expected;
  expected.max_scan_size = 1 << 20;
  expected.max_file_size = 2 << 10;
  expected.max_embedded_pe = 3 << 10;
  expected.max_html_normalize = 4 << 10;
  expected.max_html_no_tags = 5 << 10;
  expected.max_script_normalize = 6 << 10;
  expected.max_zip_type_rcg = 7 << 10;
  expected.pcre_max_file_size = 8 << 10;
  expected.max_scan_time = std::chrono::seconds(9);
  expected.max_recursion = 10;
  expected.max_files = 11;
  expected.max_partitions = 12;
  expected.max_icons_pe = 13;
  expected.max_rec_hwp3 = 14;
  expected.pcre_match_limit = 16;
  expected.pcre_rec_match_limit = 15;
  expected.structured_data_detection = true;
  expected.structured_min_credit_card_count = 17;
  expected.structured_min_ssn_count = 18;
  expected.detect_pua = true;
  expected.include_pua = {"Packed", "Tool"};
  expected.bytecode_security = 1;
  expected.bytecode_mode = 2;
  expected.bytecode_timeout = std::chrono::seconds(19);
  expected.cache_size = 20;
  CHECK(engine == expected);
}

TEST_CASE("what other settings leave without effect is warned of, once it is set") {
  struct Case {
    const char* keys;
    Errors expected;
  };
  const Case cases[] = {
      {"max_file_size = '200MiB'",
       {"max_file_size: warning: 'max_file_size' has no effect: 'max_scan_size' is smaller"}},
      {"max_scan_size = '20MiB'",
       {"max_scan_size: warning: 'max_file_size' has no effect: 'max_scan_size' is smaller"}},
      {"pcre_match_limit = 4000",
       {"pcre_match_limit: warning: 'pcre_rec_match_limit' has no effect: 'pcre_match_limit' is "
        "smaller"}},
      {"structured_cc_only = true",
       {"structured_cc_only: warning: 'structured_cc_only' has no effect: "
        "structured_data_detection is false"}},
      {"include_pua = 'Packed'",
       {"include_pua: warning: 'include_pua' has no effect: detect_pua is false"}},
      {"bytecode = false\nbytecode_timeout = '1s'",
       {"bytecode_timeout: warning: 'bytecode_timeout' has no effect: bytecode is false"}},
      {"disable_cache = true\ncache_size = 10",
       {"cache_size: warning: 'cache_size' has no effect: disable_cache is true"}},
      {"scan_archive = false\nalert_encrypted_archive = true",
       {"alert_encrypted_archive: warning: 'alert_encrypted_archive' has no effect: scan_archive "
        "is false"}},
      {"scan_mail = false",
       {"scan_mail: warning: without 'scan_mail' no attachment is decoded, so hardly any virus is "
        "found"}},
      {"scan_partial_messages = true",
       {"scan_partial_messages: warning: libclamav keeps parts of messages on disk for good: "
        "senders can fill it"}},
      {"bytecode_unsigned = true",
       {"bytecode_unsigned: warning: programs from any file in the database directory will run in "
        "milterd"}},
  };
  for (const auto& [keys, expected] : cases) {
    CAPTURE(keys);
    StageTable table(std::string(keys) + "\n");
    read_config(table.section());
    CHECK(table.problems() == expected);
  }
}

TEST_CASE("every fault of a table is reported") {
  StageTable table(
      "database_directory = ''\n"
      "reject_message = '%x'\n"
      "allow_list = '/nowhere/at/all'\n"
      "virus_action = ['/nowhere/at/all']\n"
      "max_file_size = '2GiB'\n"
      "max_recursion = 101\n"
      "max_rec_hwp3 = 0\n"
      "detect_pua = true\n"
      "include_pua = ['Packed']\n"
      "exclude_pua = ['.Tool']\n"
      "bytecode_mode = 'jit'\n"
      "cache_size = 0\n"
      "temporary_directory = '/nowhere/at/all'\n");
  const std::string missing_directory =
      "temporary_directory: '/nowhere/at/all' is not a directory: No such file or directory";
  read_config(table.section());
  CHECK(
      table.errors() ==
      Errors{
          "database_directory: 'database_directory' must name a directory, such as "
          "\"/var/lib/clamav\"",
          "reject_message: 'reject_message' knows %v (the signature's name) and %% (a percent "
          "sign), not '%x'",
          "allow_list: cannot read '/nowhere/at/all': No such file or directory",
          "virus_action: '/nowhere/at/all' is not a program that can be run: give the path of one, "
          "then its arguments",
          "max_file_size: 'max_file_size' must be 1KiB..2097151KiB, got \"2GiB\"",
          "max_recursion: 'max_recursion' must be 1..100, got 101",
          "max_rec_hwp3: 'max_rec_hwp3' must be 1..100, got 0",
          "exclude_pua: '.Tool' is no category of PUA signatures, such as \"Packed\"",
          "exclude_pua: 'exclude_pua' cannot be used together with 'include_pua'",
          "bytecode_mode: 'bytecode_mode' must be auto, force_jit, force_interpreter or test, got "
          "\"jit\"",
          "cache_size: 'cache_size' must be 1..4194304, got 0", missing_directory});
}

}  // namespace
}  // namespace milterd::clamav

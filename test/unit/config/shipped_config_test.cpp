#include <cstdint>
#include <doctest/doctest.h>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>

#include "milterd/config/config_file.hpp"
#include "milterd/config/default_config.hpp"
#include "test/unit/config/problems_text.hpp"

using namespace milterd;
using namespace std::chrono_literals;

namespace {

void read_action(Section& section, std::string_view key, std::size_t otherwise) {
  section.choice(key, otherwise, {"accept", "reject", "tempfail", "discard", "quarantine"});
}

void read_dkim_verifying(Section& section) {
  section.integer("maximum_signatures_to_verify", 10, 1, 100);
  section.integer("maximum_domains_to_verify", 10, 1, 100);
  section.integer("minimum_key_bits", 1024, 0, 16384);
  section.duration("clock_drift", 300s, 0s, 24h);
  section.boolean("allow_sha1", false);
  section.string("minimum", "100%");
  section.strings("must_be_signed", {});
  section.choice("bogus_key", 2, {"none", "neutral", "fail"});
  section.choice("unprotected_key", 0, {"none", "neutral", "fail"});
  section.boolean("always_add_ar_header", true);
  section.choice("compat", 0, {"rfc8601", "opendkim"});
  section.choice("require_aligned_pass", 0, {"no", "reject", "tempfail"});
  section.choice("alignment", 0, {"relaxed", "strict"});
  read_action(section, "on_malformed_from", 0);
}

/// The keys of the dkim stage, as its plugin asks for them.
void read_dkim(Section& section) {
  section.strings("mode", {"verify"});
  section.strings("internal_hosts", {"127.0.0.1", "::1"});
  for (const char* key : {"external_ignore_list", "peer_list", "mta", "macro_list",
                          "exempt_domains", "dont_sign_mail_to"}) {
    section.strings(key, {});
  }
  section.strings("sender_headers", {"From"});
  section.strings("domain", {});
  section.string("selector", "");
  section.string("key_file", "");
  section.boolean("sub_domains", false);
  section.string("key_table", "");
  section.string("signing_table", "");
  section.boolean("multiple_signatures", false);
  section.boolean("require_safe_keys", true);
  section.string("canonicalization", "relaxed/relaxed");
  section.strings("sign_headers", {"*"});
  section.strings("omit_headers", {"*"});
  section.strings("oversign_headers", {"From"});
  section.duration("signature_ttl", 0s, 0s, 24h * 3650);
  section.size("maximum_signed_bytes", 0, 0, 1ULL << 40);
  section.boolean("remove_old_signatures", false);
  section.boolean("software_header", false);
  section.choice("sign_at", 0, {"stage", "end"});
  read_dkim_verifying(section);
  section.string("test_public_keys", "");
  for (const char* key : {"on_bad_signature", "on_no_signature", "on_key_not_found"}) {
    read_action(section, key, 0);
  }
  for (const char* key : {"on_dns_error", "on_internal_error", "on_security"}) {
    read_action(section, key, 2);
  }
  read_action(section, "on_signature_error", 1);
}

void read_booleans(Section& section, bool otherwise, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    section.boolean(key, otherwise);
  }
}

void read_clamav_limits(Section& section) {
  const std::pair<const char*, std::uint64_t> sizes[] = {
      {"max_scan_size", 100},     {"max_file_size", 25},      {"max_embedded_pe", 10},
      {"max_html_normalize", 10}, {"max_html_no_tags", 2},    {"max_script_normalize", 5},
      {"max_zip_type_rcg", 1},    {"pcre_max_file_size", 25},
  };
  for (const auto& [key, mebibytes] : sizes) {
    section.size(key, mebibytes << 20, 0, 4ULL << 30);
  }
  section.duration("max_scan_time", 120s, 1ms, 1h);
  const std::pair<const char*, std::int64_t> counts[] = {
      {"max_recursion", 16},
      {"max_files", 10'000},
      {"max_partitions", 50},
      {"max_icons_pe", 100},
      {"max_rec_hwp3", 16},
      {"pcre_match_limit", 10'000},
      {"pcre_rec_match_limit", 5'000},
      {"structured_min_credit_card_count", 3},
      {"structured_min_ssn_count", 3},
      {"cache_size", 65'536},
  };
  for (const auto& [key, number] : counts) {
    section.integer(key, number, 1, 100'000'000);
  }
}

void read_clamav_engine(Section& section) {
  read_clamav_limits(section);
  read_booleans(section, true,
                {"scan_mail", "scan_archive", "scan_pe", "scan_elf", "scan_ole2", "scan_xmldocs",
                 "scan_one_note", "scan_pdf", "scan_html", "scan_swf", "scan_hwp3", "scan_image",
                 "scan_image_fuzzy_hash", "heuristic_alerts", "structured_ssn_format_normal",
                 "phishing_signatures", "phishing_scan_urls", "bytecode"});
  read_booleans(section, false,
                {"scan_partial_messages",
                 "alert_exceeds_max",
                 "alert_encrypted",
                 "alert_encrypted_archive",
                 "alert_encrypted_doc",
                 "alert_broken_executables",
                 "alert_broken_media",
                 "alert_ole2_macros",
                 "alert_partition_intersection",
                 "alert_phishing_ssl_mismatch",
                 "alert_phishing_cloak",
                 "heuristic_scan_precedence",
                 "disable_cert_check",
                 "structured_data_detection",
                 "structured_cc_only",
                 "structured_ssn_format_stripped",
                 "official_database_only",
                 "detect_pua",
                 "bytecode_unsigned",
                 "disable_cache",
                 "force_to_disk"});
  section.strings("include_pua", {});
  section.strings("exclude_pua", {});
  section.choice("bytecode_security", 0, {"trust_signed", "paranoid"});
  section.choice("bytecode_mode", 0, {"auto", "force_jit", "force_interpreter", "test"});
  section.duration("bytecode_timeout", 60s, 1ms, 10min);
}

/// The keys of the clamav stage, as its plugin asks for them.
void read_clamav(Section& section) {
  section.string("database_directory", "/var/lib/clamav");
  section.duration("self_check", 60s, 0s, 24h);
  section.choice("reload", 0, {"auto", "concurrent", "exclusive"});
  section.string("reload_window", "");
  section.duration("warn_if_older_than", 168h, 0s, 87600h);
  section.duration("fail_if_older_than", 0s, 0s, 87600h);
  read_action(section, "on_infected", 1);
  section.string("reject_message", "Infected with %v");
  section.integer("reject_code", 550, 500, 599);
  section.string("reject_enhanced_code", "5.7.1");
  read_action(section, "on_clean", 0);
  read_action(section, "on_fail", 2);
  for (const char* key :
       {"on_unscanned", "on_unscanned_size", "on_unscanned_time", "on_unscanned_recursion",
        "on_unscanned_files", "on_unscanned_encrypted", "on_unscanned_parser_error"}) {
    read_action(section, key, 0);
  }
  section.strings("local_net", {});
  section.string("skip_authenticated", "");
  section.string("allow_list", "");
  section.choice("add_header", 0, {"replace", "add", "no"});
  section.string("report_hostname", "");
  section.choice("log_infected", 0, {"off", "basic", "full"});
  section.choice("log_clean", 0, {"off", "basic", "full"});
  section.boolean("support_multiple_recipients", true);
  section.strings("virus_action", {});
  section.integer("scan_slots", 0, 0, 1000);
  section.integer("scan_queue", 100, 0, 100'000);
  read_clamav_engine(section);
  section.string("temporary_directory", "");
}

/// The keys of the header_checks stage, as its plugin asks for them.
void read_header_checks(Section& section) {
  for (const char* key : {"header_checks", "mime_header_checks", "nested_header_checks",
                          "body_checks", "milter_header_checks"}) {
    section.strings(key, {});
  }
  section.boolean("strict", false);
  section.integer("match_limit", 1'000'000, 1'000, 100'000'000);
  section.size("header_size_limit", 100 << 10, 1, 64 << 20);
  section.size("line_length_limit", 2048, 16, 1 << 20);
  section.integer("mime_nesting_limit", 100, 1, 10'000);
  section.size("mime_boundary_length_limit", 2048, 1, 1 << 20);
  section.size("body_checks_size_limit", 50 << 10, 0, 1 << 30);
}

void read_stages(ConfigFile& file) {
  REQUIRE(file.config().stages.size() == 3);
  read_dkim(*file.config().stages[0].section);
  read_clamav(*file.config().stages[1].section);
  read_header_checks(*file.config().stages[2].section);
  file.check_unknown_keys();
}

/// The shipped text with each "#key = value" made active.
std::string all_keys_active() {
  std::istringstream lines{std::string(default_config_text())};
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] >= 'a' && line[1] <= 'z';
    text += (is_setting ? line.substr(1) : line) + "\n";
  }
  return text;
}

std::string without_comment_marks(std::string printed) {
  for (std::size_t at = printed.find("\n# "); at != std::string::npos; at = printed.find("\n# ")) {
    printed.erase(at + 1, 2);
  }
  return printed;
}

}  // namespace

TEST_CASE("shipped configuration: verifies DKIM, scans and checks headers, without a fault") {
  const auto file = ConfigFile::parse(default_config_text(), "milterd.toml");
  read_stages(*file);
  CHECK(problems_text(*file).empty());
  const auto& stages = file->config().stages;
  CHECK(stages[0].plugin == "dkim");
  CHECK(stages[0].section->strings("mode", {}) == std::vector<std::string>{"verify"});
  CHECK(stages[1].plugin == "clamav");
  CHECK(stages[1].section->string("database_directory", "") == "/var/lib/clamav");
  CHECK(stages[2].plugin == "header_checks");
  CHECK(stages[2].section->strings("header_checks", {}).empty());
}

TEST_CASE("shipped configuration: runs on a bare machine, so it names no user") {
  CHECK(ConfigFile::parse(default_config_text(), "milterd.toml")->config().milter.user.empty());
}

TEST_CASE("shipped configuration: changes no default of milterd's own tables") {
  const auto shipped = ConfigFile::parse(default_config_text(), "milterd.toml");
  const std::string printed = shipped->print();
  CHECK(printed.substr(0, printed.find("\n[[stage]]")) == ConfigFile::parse("", "")->print());
}

TEST_CASE("shipped configuration: its comments name every key, and the true defaults") {
  const auto active = ConfigFile::parse(all_keys_active(), "milterd.toml");
  read_stages(*active);
  CHECK(problems_text(*active).empty());

  const auto shipped = ConfigFile::parse(default_config_text(), "milterd.toml");
  read_stages(*shipped);
  std::string expected = without_comment_marks(shipped->print());
  // What has no default is shown with an example.
  const auto example = [&](const std::string& unset, const std::string& shown) {
    const std::size_t at = expected.find(unset);
    REQUIRE(at != std::string::npos);
    expected.replace(at, unset.size(), shown);
  };
  example("user = \"\"", "user = \"milterd\"");
  example("domain = []", "domain = [\"example.org\"]");
  example("selector = \"\"", "selector = \"s1\"");
  example("key_file = \"\"", "key_file = \"/etc/milterd/dkim/s1.pem\"");
  example("key_table = \"\"", "key_table = \"/etc/milterd/dkim/KeyTable\"");
  example("signing_table = \"\"", "signing_table = \"refile:/etc/milterd/dkim/SigningTable\"");
  example("test_public_keys = \"\"", "test_public_keys = \"/etc/milterd/dkim/keys.txt\"");
  CHECK(active->print() == expected);
}

#include "plugins/clamav/database/engine_settings.hpp"

#include <algorithm>
#include <string_view>

#include "plugins/clamav/database/engine_options.hpp"

namespace milterd::clamav {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint32_t most_cache_entries = 4'194'304;

void read_limits(Section& section, EngineSettings& engine) {
  for (const auto& [key, member, field, least, most] : size_limits()) {
    engine.*member = section.size(key, engine.*member, least, most);
  }
  engine.max_scan_time =
      section.duration("max_scan_time", engine.max_scan_time, milliseconds(1), hours(1));
}

void read_counts(Section& section, EngineSettings& engine,
                 std::span<const EngineNumber<std::uint32_t>> counts) {
  for (const auto& [key, member, field, least, most] : counts) {
    engine.*member = static_cast<std::uint32_t>(section.integer(key, engine.*member, least, most));
  }
}

template <typename Table>
void read_flags(Section& section, EngineSettings& engine, const Table& flags) {
  for (const auto& flag : flags) {
    engine.*flag.member = section.boolean(flag.key, engine.*flag.member);
  }
}

std::vector<std::string> read_categories(Section& section, const char* key) {
  std::vector<std::string> categories = section.strings(key, {});
  for (const std::string& category : categories) {
    const bool good =
        !category.empty() && !category.starts_with('.') && !category.ends_with('.') &&
        std::ranges::all_of(category, [](unsigned char c) { return c > ' ' && c < 0x7F; });
    if (!good) {
      section.error(key, "'" + category + "' is no category of PUA signatures, such as \"Packed\"");
    }
  }
  return categories;
}

void read_signatures(Section& section, EngineSettings& engine) {
  read_flags(section, engine, signature_flags());
  engine.include_pua = read_categories(section, "include_pua");
  engine.exclude_pua = read_categories(section, "exclude_pua");
  if (!engine.include_pua.empty() && !engine.exclude_pua.empty()) {
    section.error("exclude_pua", "'exclude_pua' cannot be used together with 'include_pua'");
  }
  read_flags(section, engine, bytecode_flags());
  engine.bytecode_security =
      section.choice("bytecode_security", engine.bytecode_security, {"trust_signed", "paranoid"});
  engine.bytecode_mode = section.choice("bytecode_mode", engine.bytecode_mode,
                                        {"auto", "force_jit", "force_interpreter", "test"});
  engine.bytecode_timeout =
      section.duration("bytecode_timeout", engine.bytecode_timeout, milliseconds(1), minutes(10));
}

/// A key that was set, but to which another setting leaves no effect.
struct Idle {
  const char* key;
  bool idle;
  const char* why;
};

void warn_of_idle_keys(Section& section, const EngineSettings& engine) {
  const bool no_data = !engine.structured_data_detection;
  constexpr const char* no_data_text = "structured_data_detection is false";
  const bool no_ssn =
      !no_data && !engine.structured_ssn_format_normal && !engine.structured_ssn_format_stripped;
  const bool no_bytecode = !engine.bytecode;
  constexpr const char* no_bytecode_text = "bytecode is false";
  const Idle keys[] = {
      {"structured_min_credit_card_count", no_data, no_data_text},
      {"structured_cc_only", no_data, no_data_text},
      {"structured_min_ssn_count", no_data, no_data_text},
      {"structured_min_ssn_count", no_ssn, "both structured_ssn_format keys are false"},
      {"structured_ssn_format_normal", no_data, no_data_text},
      {"structured_ssn_format_stripped", no_data, no_data_text},
      {"include_pua", !engine.detect_pua, "detect_pua is false"},
      {"exclude_pua", !engine.detect_pua, "detect_pua is false"},
      {"bytecode_unsigned", no_bytecode, no_bytecode_text},
      {"bytecode_security", no_bytecode, no_bytecode_text},
      {"bytecode_mode", no_bytecode, no_bytecode_text},
      {"bytecode_timeout", no_bytecode, no_bytecode_text},
      {"cache_size", engine.disable_cache, "disable_cache is true"},
      {"scan_image_fuzzy_hash", engine.scan_image_fuzzy_hash && !engine.scan_image,
       "scan_image is false"},
      {"alert_broken_media", engine.alert_broken_media && !engine.scan_image,
       "scan_image is false"},
      {"alert_ole2_macros", engine.alert_ole2_macros && !engine.scan_ole2, "scan_ole2 is false"},
      {"alert_encrypted_archive", engine.alert_encrypted_archive && !engine.scan_archive,
       "scan_archive is false"},
      {"alert_encrypted_doc", engine.alert_encrypted_doc && !engine.scan_pdf, "scan_pdf is false"},
      {"alert_phishing_ssl_mismatch",
       engine.alert_phishing_ssl_mismatch && !engine.phishing_scan_urls,
       "phishing_scan_urls is false"},
      {"alert_phishing_cloak", engine.alert_phishing_cloak && !engine.phishing_scan_urls,
       "phishing_scan_urls is false"},
  };
  for (const auto& [key, idle, why] : keys) {
    if (idle && section.has(key)) {
      section.warning(key, "'" + std::string(key) + "' has no effect: " + why);
    }
  }
}

void warn_of_odd_settings(Section& section, const EngineSettings& engine) {
  if (engine.max_file_size > engine.max_scan_size) {
    section.warning(section.has("max_file_size") ? "max_file_size" : "max_scan_size",
                    "'max_file_size' has no effect: 'max_scan_size' is smaller");
  }
  if (engine.pcre_rec_match_limit > engine.pcre_match_limit) {
    section.warning(
        section.has("pcre_rec_match_limit") ? "pcre_rec_match_limit" : "pcre_match_limit",
        "'pcre_rec_match_limit' has no effect: 'pcre_match_limit' is smaller");
  }
  if (!engine.scan_mail) {
    section.warning("scan_mail",
                    "without 'scan_mail' no attachment is decoded, so hardly any virus is found");
  }
  if (engine.scan_partial_messages) {
    section.warning("scan_partial_messages",
                    "libclamav keeps parts of messages on disk for good: senders can fill it");
  }
  if (engine.bytecode && engine.bytecode_unsigned) {
    section.warning("bytecode_unsigned",
                    "programs from any file in the database directory will run in milterd");
  }
}

}  // namespace

EngineSettings read_engine_settings(Section& section) {
  EngineSettings engine;
  read_limits(section, engine);
  read_counts(section, engine, count_limits());
  read_flags(section, engine, parser_flags());
  read_flags(section, engine, alert_flags());
  read_flags(section, engine, structured_flags());
  read_counts(section, engine, structured_counts());
  read_signatures(section, engine);
  read_flags(section, engine, engine_switches());
  engine.cache_size = static_cast<std::uint32_t>(
      section.integer("cache_size", engine.cache_size, 1, most_cache_entries));
  warn_of_idle_keys(section, engine);
  warn_of_odd_settings(section, engine);
  return engine;
}

}  // namespace milterd::clamav

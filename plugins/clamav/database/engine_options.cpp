#include "plugins/clamav/database/engine_options.hpp"

#include <array>
#include <string>
#include <utility>

namespace milterd::clamav {
namespace {

using Settings = EngineSettings;
using Size = EngineNumber<std::uint64_t>;
using Count = EngineNumber<std::uint32_t>;
using Switch = EngineNumber<bool>;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t gibibyte = 1024 * 1024 * 1024;
// libclamav never scans a file of 2 GiB or more.
constexpr std::uint64_t most_file = 2 * gibibyte - kibibyte;
constexpr std::uint64_t most_scan = 4 * gibibyte - kibibyte;

constexpr std::array sizes = {
    Size{"max_scan_size", &Settings::max_scan_size, CL_ENGINE_MAX_SCANSIZE, kibibyte, most_scan},
    Size{"max_file_size", &Settings::max_file_size, CL_ENGINE_MAX_FILESIZE, kibibyte, most_file},
    Size{"max_embedded_pe", &Settings::max_embedded_pe, CL_ENGINE_MAX_EMBEDDEDPE, 0, most_file},
    Size{"max_html_normalize", &Settings::max_html_normalize, CL_ENGINE_MAX_HTMLNORMALIZE, 0,
         most_file},
    Size{"max_html_no_tags", &Settings::max_html_no_tags, CL_ENGINE_MAX_HTMLNOTAGS, 0, most_file},
    Size{"max_script_normalize", &Settings::max_script_normalize, CL_ENGINE_MAX_SCRIPTNORMALIZE, 0,
         most_file},
    Size{"max_zip_type_rcg", &Settings::max_zip_type_rcg, CL_ENGINE_MAX_ZIPTYPERCG, 0, most_file},
    Size{"pcre_max_file_size", &Settings::pcre_max_file_size, CL_ENGINE_PCRE_MAX_FILESIZE, 0,
         most_file},
};

// It has a fixed table for nested parts, and the parser of HWP3 calls itself.
constexpr std::array counts = {
    Count{"max_recursion", &Settings::max_recursion, CL_ENGINE_MAX_RECURSION, 1, 100},
    Count{"max_files", &Settings::max_files, CL_ENGINE_MAX_FILES, 1, 1'000'000},
    Count{"max_partitions", &Settings::max_partitions, CL_ENGINE_MAX_PARTITIONS, 1, 1'000'000},
    Count{"max_icons_pe", &Settings::max_icons_pe, CL_ENGINE_MAX_ICONSPE, 1, 1'000'000},
    Count{"max_rec_hwp3", &Settings::max_rec_hwp3, CL_ENGINE_MAX_RECHWP3, 1, 100},
    Count{"pcre_match_limit", &Settings::pcre_match_limit, CL_ENGINE_PCRE_MATCH_LIMIT, 1,
          100'000'000},
    Count{"pcre_rec_match_limit", &Settings::pcre_rec_match_limit, CL_ENGINE_PCRE_RECMATCH_LIMIT, 1,
          100'000'000},
};

constexpr std::array structured = {
    Count{"structured_min_credit_card_count", &Settings::structured_min_credit_card_count,
          CL_ENGINE_MIN_CC_COUNT, 1, 1'000'000},
    Count{"structured_min_ssn_count", &Settings::structured_min_ssn_count, CL_ENGINE_MIN_SSN_COUNT,
          1, 1'000'000},
};

constexpr std::array switches = {
    Switch{"disable_cache", &Settings::disable_cache, CL_ENGINE_DISABLE_CACHE, false, true},
    Switch{"force_to_disk", &Settings::force_to_disk, CL_ENGINE_FORCETODISK, false, true},
    Switch{"disable_cert_check", &Settings::disable_cert_check, CL_ENGINE_DISABLE_PE_CERTS, false,
           true},
};

constexpr auto general = &cl_scan_options::general;
constexpr auto parse = &cl_scan_options::parse;
constexpr auto heuristic = &cl_scan_options::heuristic;
constexpr auto mail = &cl_scan_options::mail;

constexpr std::array parsers = {
    ScanFlag{"scan_mail", &Settings::scan_mail, parse, CL_SCAN_PARSE_MAIL},
    ScanFlag{"scan_partial_messages", &Settings::scan_partial_messages, mail,
             CL_SCAN_MAIL_PARTIAL_MESSAGE},
    ScanFlag{"scan_archive", &Settings::scan_archive, parse, CL_SCAN_PARSE_ARCHIVE},
    ScanFlag{"scan_pe", &Settings::scan_pe, parse, CL_SCAN_PARSE_PE},
    ScanFlag{"scan_elf", &Settings::scan_elf, parse, CL_SCAN_PARSE_ELF},
    ScanFlag{"scan_ole2", &Settings::scan_ole2, parse, CL_SCAN_PARSE_OLE2},
    ScanFlag{"scan_xmldocs", &Settings::scan_xmldocs, parse, CL_SCAN_PARSE_XMLDOCS},
    ScanFlag{"scan_one_note", &Settings::scan_one_note, parse, CL_SCAN_PARSE_ONENOTE},
    ScanFlag{"scan_pdf", &Settings::scan_pdf, parse, CL_SCAN_PARSE_PDF},
    ScanFlag{"scan_html", &Settings::scan_html, parse, CL_SCAN_PARSE_HTML},
    ScanFlag{"scan_swf", &Settings::scan_swf, parse, CL_SCAN_PARSE_SWF},
    ScanFlag{"scan_hwp3", &Settings::scan_hwp3, parse, CL_SCAN_PARSE_HWP3},
    ScanFlag{"scan_image", &Settings::scan_image, parse, CL_SCAN_PARSE_IMAGE},
    ScanFlag{"scan_image_fuzzy_hash", &Settings::scan_image_fuzzy_hash, parse,
             CL_SCAN_PARSE_IMAGE_FUZZY_HASH},
};

constexpr std::array alerts = {
    ScanFlag{"alert_exceeds_max", &Settings::alert_exceeds_max, heuristic,
             CL_SCAN_HEURISTIC_EXCEEDS_MAX},
    ScanFlag{"alert_encrypted", &Settings::alert_encrypted, heuristic,
             CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC},
    ScanFlag{"alert_encrypted_archive", &Settings::alert_encrypted_archive, heuristic,
             CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE},
    ScanFlag{"alert_encrypted_doc", &Settings::alert_encrypted_doc, heuristic,
             CL_SCAN_HEURISTIC_ENCRYPTED_DOC},
    ScanFlag{"alert_broken_executables", &Settings::alert_broken_executables, heuristic,
             CL_SCAN_HEURISTIC_BROKEN},
    ScanFlag{"alert_broken_media", &Settings::alert_broken_media, heuristic,
             CL_SCAN_HEURISTIC_BROKEN_MEDIA},
    ScanFlag{"alert_ole2_macros", &Settings::alert_ole2_macros, heuristic,
             CL_SCAN_HEURISTIC_MACROS},
    ScanFlag{"alert_partition_intersection", &Settings::alert_partition_intersection, heuristic,
             CL_SCAN_HEURISTIC_PARTITION_INTXN},
    ScanFlag{"alert_phishing_ssl_mismatch", &Settings::alert_phishing_ssl_mismatch, heuristic,
             CL_SCAN_HEURISTIC_PHISHING_SSL_MISMATCH},
    ScanFlag{"alert_phishing_cloak", &Settings::alert_phishing_cloak, heuristic,
             CL_SCAN_HEURISTIC_PHISHING_CLOAK},
    ScanFlag{"heuristic_alerts", &Settings::heuristic_alerts, general, CL_SCAN_GENERAL_HEURISTICS},
    ScanFlag{"heuristic_scan_precedence", &Settings::heuristic_scan_precedence, general,
             CL_SCAN_GENERAL_HEURISTIC_PRECEDENCE},
};

// Only with the first of them.
constexpr std::array structured_bits = {
    ScanFlag{"structured_data_detection", &Settings::structured_data_detection, heuristic,
             CL_SCAN_HEURISTIC_STRUCTURED},
    ScanFlag{"structured_cc_only", &Settings::structured_cc_only, heuristic,
             CL_SCAN_HEURISTIC_STRUCTURED_CC},
    ScanFlag{"structured_ssn_format_normal", &Settings::structured_ssn_format_normal, heuristic,
             CL_SCAN_HEURISTIC_STRUCTURED_SSN_NORMAL},
    ScanFlag{"structured_ssn_format_stripped", &Settings::structured_ssn_format_stripped, heuristic,
             CL_SCAN_HEURISTIC_STRUCTURED_SSN_STRIPPED},
};

constexpr std::array signatures = {
    DatabaseFlag{"official_database_only", &Settings::official_database_only, CL_DB_OFFICIAL_ONLY},
    DatabaseFlag{"phishing_signatures", &Settings::phishing_signatures, CL_DB_PHISHING},
    DatabaseFlag{"phishing_scan_urls", &Settings::phishing_scan_urls, CL_DB_PHISHING_URLS},
    DatabaseFlag{"detect_pua", &Settings::detect_pua, CL_DB_PUA},
};

constexpr std::array bytecode_bits = {
    DatabaseFlag{"bytecode", &Settings::bytecode, CL_DB_BYTECODE},
    DatabaseFlag{"bytecode_unsigned", &Settings::bytecode_unsigned, CL_DB_BYTECODE_UNSIGNED},
};

Result<> set_number(cl_engine* engine, const char* key, cl_engine_field field, long long value) {
  const cl_error_t error = cl_engine_set_num(engine, field, value);
  if (error != CL_SUCCESS) {
    return fail(std::string("libclamav refuses ") + key + " = " + std::to_string(value) + ": " +
                cl_strerror(error));
  }
  return {};
}

template <typename Table>
Result<> set_numbers(cl_engine* engine, const EngineSettings& settings, const Table& table) {
  for (const auto& row : table) {
    const auto value = static_cast<long long>(settings.*row.member);
    if (Result<> set = set_number(engine, row.key, row.field, value); !set) {
      return set;
    }
  }
  return {};
}

Result<> set_other_numbers(cl_engine* engine, const EngineSettings& settings) {
  const std::pair<const char*, std::pair<cl_engine_field, long long>> numbers[] = {
      {"max_scan_time", {CL_ENGINE_MAX_SCANTIME, settings.max_scan_time.count()}},
      {"bytecode_timeout", {CL_ENGINE_BYTECODE_TIMEOUT, settings.bytecode_timeout.count()}},
      {"bytecode_security",
       {CL_ENGINE_BYTECODE_SECURITY,
        std::array{CL_BYTECODE_TRUST_SIGNED, CL_BYTECODE_TRUST_NOTHING}.at(
            settings.bytecode_security)}},
      {"bytecode_mode",
       {CL_ENGINE_BYTECODE_MODE, std::array{CL_BYTECODE_MODE_AUTO, CL_BYTECODE_MODE_JIT,
                                            CL_BYTECODE_MODE_INTERPRETER, CL_BYTECODE_MODE_TEST}
                                     .at(settings.bytecode_mode)}},
      {"cache_size", {CL_ENGINE_CACHE_SIZE, settings.cache_size}},
  };
  for (const auto& [key, number] : numbers) {
    if (Result<> set = set_number(engine, key, number.first, number.second); !set) {
      return set;
    }
  }
  return {};
}

void add_flags(cl_scan_options& options, const EngineSettings& settings,
               std::span<const ScanFlag> flags) {
  for (const ScanFlag& flag : flags) {
    if (settings.*flag.member) {
      options.*flag.word |= flag.bit;
    }
  }
}

}  // namespace

std::span<const EngineNumber<std::uint64_t>> size_limits() { return sizes; }
std::span<const EngineNumber<std::uint32_t>> count_limits() { return counts; }
std::span<const EngineNumber<std::uint32_t>> structured_counts() { return structured; }
std::span<const EngineNumber<bool>> engine_switches() { return switches; }
std::span<const ScanFlag> parser_flags() { return parsers; }
std::span<const ScanFlag> alert_flags() { return alerts; }
std::span<const ScanFlag> structured_flags() { return structured_bits; }
std::span<const DatabaseFlag> signature_flags() { return signatures; }
std::span<const DatabaseFlag> bytecode_flags() { return bytecode_bits; }

Result<> apply_engine_settings(cl_engine* engine, const EngineSettings& settings) {
  for (const Result<>& done :
       {set_numbers(engine, settings, sizes), set_numbers(engine, settings, counts),
        set_numbers(engine, settings, structured), set_numbers(engine, settings, switches),
        set_other_numbers(engine, settings)}) {
    if (!done) {
      return done;
    }
  }
  return {};
}

unsigned database_options(const EngineSettings& settings) {
  unsigned options = 0;
  for (const std::span<const DatabaseFlag> flags : {signature_flags(), bytecode_flags()}) {
    for (const DatabaseFlag& flag : flags) {
      options |= settings.*flag.member ? flag.bit : 0U;
    }
  }
  return options;
}

cl_scan_options scan_options(const EngineSettings& settings) {
  cl_scan_options options = {};
  options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
                      CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
  add_flags(options, settings, parsers);
  add_flags(options, settings, alerts);
  if (settings.structured_data_detection) {
    add_flags(options, settings, structured_bits);
  }
  return options;
}

}  // namespace milterd::clamav

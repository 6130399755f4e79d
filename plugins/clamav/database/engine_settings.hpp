#pragma once
/// What of libclamav's options is part of an engine: other ones need another engine.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "milterd/section.hpp"

namespace milterd::clamav {

/// Each member has the name of its key, and clamd.conf's meaning; the defaults are those of
/// Debian's clamd.conf. How to look at a message belongs to the engine, too, since the engine
/// remembers what it found clean, whatever it was told to leave out. Sizes in bytes.
struct EngineSettings {
  // How much of a message is looked at.
  std::uint64_t max_scan_size = 100 << 20;  ///< All parts of a message together, unpacked.
  std::uint64_t max_file_size = 25 << 20;   ///< One part, and the message itself.
  std::chrono::milliseconds max_scan_time{120'000};
  std::uint32_t max_recursion = 16;
  std::uint32_t max_files = 10'000;
  std::uint64_t max_embedded_pe = 10 << 20;
  std::uint64_t max_html_normalize = 10 << 20;
  std::uint64_t max_html_no_tags = 2 << 20;
  std::uint64_t max_script_normalize = 5 << 20;
  std::uint64_t max_zip_type_rcg = 1 << 20;
  std::uint32_t max_partitions = 50;
  std::uint32_t max_icons_pe = 100;
  std::uint32_t max_rec_hwp3 = 16;
  std::uint32_t pcre_match_limit = 10'000;
  std::uint32_t pcre_rec_match_limit = 5'000;
  std::uint64_t pcre_max_file_size = 25 << 20;

  // Which kinds of parts are taken apart.
  bool scan_mail = true;
  bool scan_partial_messages = false;
  bool scan_archive = true;
  bool scan_pe = true;
  bool scan_elf = true;
  bool scan_ole2 = true;
  bool scan_xmldocs = true;
  bool scan_one_note = true;
  bool scan_pdf = true;
  bool scan_html = true;
  bool scan_swf = true;
  bool scan_hwp3 = true;
  bool scan_image = true;
  bool scan_image_fuzzy_hash = true;

  // What counts as infected without any signature of it.
  bool alert_exceeds_max = false;  ///< False: over a limit is unscanned.
  bool alert_encrypted = false;    ///< Both of the next two. False: encrypted is unscanned.
  bool alert_encrypted_archive = false;
  bool alert_encrypted_doc = false;
  bool alert_broken_executables = false;
  bool alert_broken_media = false;
  bool alert_ole2_macros = false;
  bool alert_partition_intersection = false;
  bool alert_phishing_ssl_mismatch = false;
  bool alert_phishing_cloak = false;
  bool heuristic_alerts = true;
  bool heuristic_scan_precedence = false;
  bool disable_cert_check = false;
  bool structured_data_detection = false;
  std::uint32_t structured_min_credit_card_count = 3;
  bool structured_cc_only = false;
  std::uint32_t structured_min_ssn_count = 3;
  bool structured_ssn_format_normal = true;
  bool structured_ssn_format_stripped = false;

  // Which signatures are loaded.
  bool official_database_only = false;
  bool phishing_signatures = true;
  bool phishing_scan_urls = true;
  bool detect_pua = false;
  std::vector<std::string> include_pua;  ///< Categories; at most one of these two lists is in use.
  std::vector<std::string> exclude_pua;

  bool bytecode = true;
  bool bytecode_unsigned = false;
  std::size_t bytecode_security = 0;  ///< trust_signed, paranoid
  std::size_t bytecode_mode = 0;      ///< auto, force_jit, force_interpreter, test
  std::chrono::milliseconds bytecode_timeout{60'000};

  bool disable_cache = false;
  std::uint32_t cache_size = 65'536;
  bool force_to_disk = false;
  std::string temporary_directory;  ///< Parent of the engine's own one; "": $TMPDIR, else /tmp.
  bool operator==(const EngineSettings&) const = default;
};

/// All but the temporary directory. Faults go to the section.
EngineSettings read_engine_settings(Section& section);

}  // namespace milterd::clamav

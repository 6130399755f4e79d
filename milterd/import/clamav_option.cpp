#include "milterd/import/clamav_option.hpp"

#include <algorithm>
#include <array>

namespace milterd {
namespace {

using Fate = ClamavOption::Fate;
using enum ClamavOption::Type;

// What the clamav stage takes.
constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t kibibyte = 1024;
constexpr std::int64_t gibibyte = 1024 * 1024 * 1024;
constexpr std::int64_t most_file = 2 * gibibyte - kibibyte;
constexpr std::int64_t most_scan = 4 * gibibyte - kibibyte;

constexpr std::string_view no_clamd = "milterd scans in its own process, there is no clamd to ask";
constexpr std::string_view no_stream =
    "nothing is sent to clamd; max_file_size says how large a message may be";
constexpr std::string_view no_files = "milterd scans mail only";
constexpr std::string_view no_access = "milterd scans mail only, not files as they are opened";
constexpr std::string_view no_prelude = "libclamav has no Prelude; milterd's log names each virus";
constexpr std::string_view no_developers = "it is for clamav's own developers";
constexpr std::string_view one_log =
    "libclamav's messages go to milterd's log, where [log] target says";
constexpr std::string_view no_rotation =
    "milterd neither locks nor rotates its log; let logrotate do it and send SIGHUP then";
constexpr std::string_view log_time = "each line of the log has its time";
constexpr std::string_view facility = "the facility is always mail";
constexpr std::string_view each_logged = "the log has a line for each message anyway";
constexpr std::string_view foreground =
    "milterd serves in the foreground; the service manager watches it";
constexpr std::string_view one_name = "a message is judged by one signature";
constexpr std::string_view no_memory = "the service manager starts milterd again where it ends";
constexpr std::string_view no_leftovers = "a scan leaves no files behind";
constexpr std::string_view given_up = "it does nothing there either, but for a warning";
constexpr std::string_view no_chroot =
    "milterd changes no root directory, and files and sockets are named from there; remove it, "
    "write those paths in full, and let the service manager confine milterd";
constexpr std::string_view milter_threads =
    "there are as many threads as sessions; MaxThreads of clamd.conf bounds the scans";
constexpr std::string_view scan_time = "max_scan_time says how long a scan may take";
constexpr std::string_view stale_socket = "a socket that nobody listens on is always replaced";
constexpr std::string_view spool =
    "large messages go to [limits] spool_directory, without a name; libclamav's files to "
    "clamd.conf's";

constexpr std::array clamd_options = {
    ClamavOption{"AlertBrokenExecutables", boolean, Fate::boolean, "alert_broken_executables"},
    ClamavOption{"AlertBrokenMedia", boolean, Fate::boolean, "alert_broken_media"},
    ClamavOption{"AlertEncrypted", boolean, Fate::boolean, "alert_encrypted"},
    ClamavOption{"AlertEncryptedArchive", boolean, Fate::boolean, "alert_encrypted_archive"},
    ClamavOption{"AlertEncryptedDoc", boolean, Fate::boolean, "alert_encrypted_doc"},
    ClamavOption{"AlertExceedsMax", boolean, Fate::boolean, "alert_exceeds_max"},
    ClamavOption{"AlertOLE2Macros", boolean, Fate::boolean, "alert_ole2_macros"},
    ClamavOption{"AlertPartitionIntersection", boolean, Fate::boolean,
                 "alert_partition_intersection"},
    ClamavOption{"AlertPhishingCloak", boolean, Fate::boolean, "alert_phishing_cloak"},
    ClamavOption{"AlertPhishingSSLMismatch", boolean, Fate::boolean, "alert_phishing_ssl_mismatch"},
    ClamavOption{"AlgorithmicDetection", boolean, Fate::boolean, "heuristic_alerts"},
    ClamavOption{"AllowAllMatchScan", boolean, Fate::ignored, one_name},
    ClamavOption{"AllowSupplementaryGroups", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveBlockEncrypted", boolean, Fate::boolean, "alert_encrypted"},
    ClamavOption{"ArchiveBlockMax", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveLimitMemoryUsage", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveMaxCompressionRatio", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveMaxFiles", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveMaxRecursion", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveMaxScanSize", obsolete, Fate::ignored, given_up},
    ClamavOption{"BlockMax", boolean, Fate::boolean, "alert_exceeds_max"},
    ClamavOption{"Bytecode", boolean, Fate::boolean, "bytecode"},
    ClamavOption{"BytecodeMode", word, Fate::word, "bytecode_mode",
                 "Auto=auto ForceJIT=force_jit ForceInterpreter=force_interpreter Test=test"},
    ClamavOption{"BytecodeSecurity", word, Fate::word, "bytecode_security",
                 "TrustSigned=trust_signed Paranoid=paranoid"},
    ClamavOption{"BytecodeTimeout", number, Fate::milliseconds, "bytecode_timeout", "", 1,
                 10 * 60 * 1000},
    ClamavOption{"BytecodeUnsigned", boolean, Fate::boolean, "bytecode_unsigned"},
    ClamavOption{"CacheSize", number, Fate::number, "cache_size", "", 1, 4194304},
    ClamavOption{"CommandReadTimeout", number, Fate::ignored, no_clamd},
    ClamavOption{"ConcurrentDatabaseReload", boolean, Fate::reload, "reload"},
    ClamavOption{"CrossFilesystems", boolean, Fate::ignored, no_files},
    ClamavOption{"DatabaseDirectory", text, Fate::text, "database_directory"},
    ClamavOption{"Debug", boolean, Fate::debug, "log.level"},
    ClamavOption{"DetectBrokenExecutables", obsolete, Fate::ignored, given_up},
    ClamavOption{"DetectPUA", boolean, Fate::boolean, "detect_pua"},
    ClamavOption{"DevACDepth", number, Fate::ignored, no_developers},
    ClamavOption{"DevACOnly", boolean, Fate::ignored, no_developers},
    ClamavOption{"DevLiblog", boolean, Fate::ignored, no_developers},
    ClamavOption{"DevPerformance", boolean, Fate::ignored, no_developers},
    ClamavOption{"DisableCache", boolean, Fate::boolean, "disable_cache"},
    ClamavOption{"DisableCertCheck", boolean, Fate::boolean, "disable_cert_check"},
    ClamavOption{"ExcludePath", text, Fate::ignored, no_files},
    ClamavOption{"ExcludePUA", text, Fate::list, "exclude_pua"},
    ClamavOption{"ExitOnOOM", boolean, Fate::ignored, no_memory},
    ClamavOption{"ExtendedDetectionInfo", boolean, Fate::ignored, each_logged},
    ClamavOption{"FailIfCvdOlderThan", number, Fate::days, "fail_if_older_than", "", 0, 3650},
    ClamavOption{"FixStaleSocket", boolean, Fate::ignored, no_clamd},
    ClamavOption{"FollowDirectorySymlinks", boolean, Fate::ignored, no_files},
    ClamavOption{"FollowFileSymlinks", boolean, Fate::ignored, no_files},
    ClamavOption{"ForceToDisk", boolean, Fate::boolean, "force_to_disk"},
    ClamavOption{"Foreground", boolean, Fate::ignored, foreground},
    ClamavOption{"GenerateMetadataJson", boolean, Fate::ignored, no_leftovers},
    ClamavOption{"HeuristicAlerts", boolean, Fate::boolean, "heuristic_alerts"},
    ClamavOption{"HeuristicScanPrecedence", boolean, Fate::boolean, "heuristic_scan_precedence"},
    ClamavOption{"IdleTimeout", number, Fate::ignored, no_clamd},
    ClamavOption{"IncludePUA", text, Fate::include_pua, "include_pua"},
    ClamavOption{"LeaveTemporaryFiles", boolean, Fate::ignored, no_leftovers},
    ClamavOption{"LocalSocket", text, Fate::ignored, no_clamd},
    ClamavOption{"LocalSocketGroup", text, Fate::ignored, no_clamd},
    ClamavOption{"LocalSocketMode", text, Fate::ignored, no_clamd},
    ClamavOption{"LogClean", boolean, Fate::ignored, each_logged},
    ClamavOption{"LogFacility", text, Fate::ignored, facility},
    ClamavOption{"LogFile", text, Fate::ignored, one_log},
    ClamavOption{"LogFileMaxSize", size, Fate::ignored, one_log},
    ClamavOption{"LogFileUnlock", boolean, Fate::ignored, one_log},
    ClamavOption{"LogRotate", boolean, Fate::ignored, one_log},
    ClamavOption{"LogSyslog", boolean, Fate::ignored, one_log},
    ClamavOption{"LogTime", boolean, Fate::ignored, log_time},
    ClamavOption{"LogVerbose", boolean, Fate::ignored, one_log},
    ClamavOption{"MailFollowURLs", obsolete, Fate::ignored, given_up},
    ClamavOption{"MailMaxRecursion", obsolete, Fate::ignored, given_up},
    ClamavOption{"MaxConnectionQueueLength", number, Fate::ignored, no_clamd},
    ClamavOption{"MaxDirectoryRecursion", number, Fate::ignored, no_files},
    ClamavOption{"MaxEmbeddedPE", size, Fate::limit, "max_embedded_pe", "", 1, most_file},
    ClamavOption{"MaxFiles", number, Fate::limit, "max_files", "", 1, million},
    ClamavOption{"MaxFileSize", size, Fate::limit, "max_file_size", "", kibibyte, most_file},
    ClamavOption{"MaxHTMLNormalize", size, Fate::limit, "max_html_normalize", "", 1, most_file},
    ClamavOption{"MaxHTMLNoTags", size, Fate::limit, "max_html_no_tags", "", 1, most_file},
    ClamavOption{"MaxIconsPE", number, Fate::limit, "max_icons_pe", "", 1, million},
    ClamavOption{"MaxPartitions", number, Fate::limit, "max_partitions", "", 1, million},
    ClamavOption{"MaxQueue", number, Fate::number, "scan_queue", "", 1, 100000},
    ClamavOption{"MaxRecHWP3", number, Fate::limit, "max_rec_hwp3", "", 1, 100},
    ClamavOption{"MaxRecursion", number, Fate::limit, "max_recursion", "", 1, 100},
    ClamavOption{"MaxScanSize", size, Fate::limit, "max_scan_size", "", kibibyte, most_scan},
    ClamavOption{"MaxScanTime", number, Fate::milliseconds, "max_scan_time", "", 1, 60 * 60 * 1000},
    ClamavOption{"MaxScriptNormalize", size, Fate::limit, "max_script_normalize", "", 1, most_file},
    ClamavOption{"MaxThreads", number, Fate::number, "scan_slots", "", 1, 1000},
    ClamavOption{"MaxZipTypeRcg", size, Fate::limit, "max_zip_type_rcg", "", 1, most_file},
    ClamavOption{"OfficialDatabaseOnly", boolean, Fate::boolean, "official_database_only"},
    ClamavOption{"OLE2BlockMacros", boolean, Fate::boolean, "alert_ole2_macros"},
    ClamavOption{"OnAccessCurlTimeout", number, Fate::ignored, no_access},
    ClamavOption{"OnAccessDenyOnError", boolean, Fate::ignored, no_access},
    ClamavOption{"OnAccessDisableDDD", boolean, Fate::ignored, no_access},
    ClamavOption{"OnAccessExcludePath", text, Fate::ignored, no_access},
    ClamavOption{"OnAccessExcludeRootUID", boolean, Fate::ignored, no_access},
    ClamavOption{"OnAccessExcludeUID", number, Fate::ignored, no_access},
    ClamavOption{"OnAccessExcludeUname", text, Fate::ignored, no_access},
    ClamavOption{"OnAccessExtraScanning", boolean, Fate::ignored, no_access},
    ClamavOption{"OnAccessIncludePath", text, Fate::ignored, no_access},
    ClamavOption{"OnAccessMaxFileSize", size, Fate::ignored, no_access},
    ClamavOption{"OnAccessMaxThreads", number, Fate::ignored, no_access},
    ClamavOption{"OnAccessMountPath", text, Fate::ignored, no_access},
    ClamavOption{"OnAccessPrevention", boolean, Fate::ignored, no_access},
    ClamavOption{"OnAccessRetryAttempts", number, Fate::ignored, no_access},
    ClamavOption{"PartitionIntersection", boolean, Fate::boolean, "alert_partition_intersection"},
    ClamavOption{"PCREMatchLimit", number, Fate::limit, "pcre_match_limit", "", 1, 100 * million},
    ClamavOption{"PCREMaxFileSize", size, Fate::limit, "pcre_max_file_size", "", 1, most_file},
    ClamavOption{"PCRERecMatchLimit", number, Fate::limit, "pcre_rec_match_limit", "", 1,
                 100 * million},
    ClamavOption{"PhishingAlwaysBlockCloak", boolean, Fate::boolean, "alert_phishing_cloak"},
    ClamavOption{"PhishingAlwaysBlockSSLMismatch", boolean, Fate::boolean,
                 "alert_phishing_ssl_mismatch"},
    ClamavOption{"PhishingScanURLs", boolean, Fate::boolean, "phishing_scan_urls"},
    ClamavOption{"PhishingSignatures", boolean, Fate::boolean, "phishing_signatures"},
    ClamavOption{"PidFile", text, Fate::ignored, foreground},
    ClamavOption{"PreludeAnalyzerName", text, Fate::ignored, no_prelude},
    ClamavOption{"PreludeEnable", boolean, Fate::ignored, no_prelude},
    ClamavOption{"ReadTimeout", number, Fate::ignored, no_clamd},
    ClamavOption{"ScanArchive", boolean, Fate::boolean, "scan_archive"},
    ClamavOption{"ScanELF", boolean, Fate::boolean, "scan_elf"},
    ClamavOption{"ScanHTML", boolean, Fate::boolean, "scan_html"},
    ClamavOption{"ScanHWP3", boolean, Fate::boolean, "scan_hwp3"},
    ClamavOption{"ScanImage", boolean, Fate::boolean, "scan_image"},
    ClamavOption{"ScanImageFuzzyHash", boolean, Fate::boolean, "scan_image_fuzzy_hash"},
    ClamavOption{"ScanMail", boolean, Fate::boolean, "scan_mail"},
    ClamavOption{"ScanOLE2", boolean, Fate::boolean, "scan_ole2"},
    ClamavOption{"ScanOnAccess", obsolete, Fate::ignored, given_up},
    ClamavOption{"ScanOneNote", boolean, Fate::boolean, "scan_one_note"},
    ClamavOption{"ScanPartialMessages", boolean, Fate::boolean, "scan_partial_messages"},
    ClamavOption{"ScanPDF", boolean, Fate::boolean, "scan_pdf"},
    ClamavOption{"ScanPE", boolean, Fate::boolean, "scan_pe"},
    ClamavOption{"ScanSWF", boolean, Fate::boolean, "scan_swf"},
    ClamavOption{"ScanXMLDOCS", boolean, Fate::boolean, "scan_xmldocs"},
    ClamavOption{"SelfCheck", number, Fate::seconds, "self_check", "", 0, 24 * 60 * 60},
    ClamavOption{"SendBufTimeout", number, Fate::ignored, no_clamd},
    ClamavOption{"StreamMaxLength", size, Fate::ignored, no_stream},
    ClamavOption{"StreamMaxPort", number, Fate::ignored, no_clamd},
    ClamavOption{"StreamMinPort", number, Fate::ignored, no_clamd},
    ClamavOption{"StructuredCCOnly", boolean, Fate::boolean, "structured_cc_only"},
    ClamavOption{"StructuredDataDetection", boolean, Fate::boolean, "structured_data_detection"},
    ClamavOption{"StructuredMinCreditCardCount", number, Fate::number,
                 "structured_min_credit_card_count", "", 1, million},
    ClamavOption{"StructuredMinSSNCount", number, Fate::number, "structured_min_ssn_count", "", 1,
                 million},
    ClamavOption{"StructuredSSNFormatNormal", boolean, Fate::boolean,
                 "structured_ssn_format_normal"},
    ClamavOption{"StructuredSSNFormatStripped", boolean, Fate::boolean,
                 "structured_ssn_format_stripped"},
    ClamavOption{"TCPAddr", text, Fate::ignored, no_clamd},
    ClamavOption{"TCPSocket", number, Fate::ignored, no_clamd},
    ClamavOption{"TemporaryDirectory", text, Fate::text, "temporary_directory"},
    ClamavOption{"User", text, Fate::user, "milter.user"},
    ClamavOption{"VirusEvent", text, Fate::virus_event, "virus_action"},
};

constexpr std::array milter_options = {
    ClamavOption{"AddHeader", word, Fate::word, "add_header",
                 "Replace=replace Yes=replace Add=add No=no"},
    ClamavOption{"AllowList", text, Fate::allow_list, "allow_list"},
    ClamavOption{"AllowSupplementaryGroups", obsolete, Fate::ignored, given_up},
    ClamavOption{"ArchiveBlockEncrypted", obsolete, Fate::ignored, given_up},
    ClamavOption{"Chroot", text, Fate::refused, no_chroot},
    ClamavOption{"ClamdSocket", text, Fate::ignored, no_clamd},
    ClamavOption{"DatabaseDirectory", obsolete, Fate::ignored, given_up},
    ClamavOption{"Debug", obsolete, Fate::ignored, given_up},
    ClamavOption{"DetectBrokenExecutables", obsolete, Fate::ignored, given_up},
    ClamavOption{"FixStaleSocket", boolean, Fate::ignored, stale_socket},
    ClamavOption{"Foreground", boolean, Fate::ignored, foreground},
    ClamavOption{"LeaveTemporaryFiles", obsolete, Fate::ignored, given_up},
    ClamavOption{"LocalNet", text, Fate::list, "local_net"},
    ClamavOption{"LocalSocket", obsolete, Fate::ignored, given_up},
    ClamavOption{"LogClean", word, Fate::word, "log_clean", "Off=off Basic=basic Full=full"},
    ClamavOption{"LogFacility", text, Fate::ignored, facility},
    ClamavOption{"LogFile", text, Fate::log_file, "log.target"},
    ClamavOption{"LogFileMaxSize", size, Fate::ignored, no_rotation},
    ClamavOption{"LogFileUnlock", boolean, Fate::ignored, no_rotation},
    ClamavOption{"LogInfected", word, Fate::word, "log_infected", "Off=off Basic=basic Full=full"},
    ClamavOption{"LogRotate", boolean, Fate::ignored, no_rotation},
    ClamavOption{"LogSyslog", boolean, Fate::syslog, "log.target"},
    ClamavOption{"LogTime", boolean, Fate::ignored, log_time},
    ClamavOption{"LogVerbose", boolean, Fate::ignored, each_logged},
    ClamavOption{"MailFollowURLs", obsolete, Fate::ignored, given_up},
    ClamavOption{"MaxFiles", obsolete, Fate::ignored, given_up},
    ClamavOption{"MaxFileSize", size, Fate::milter_size, "max_file_size", "", kibibyte, most_file},
    ClamavOption{"MaxRecursion", obsolete, Fate::ignored, given_up},
    ClamavOption{"MaxScanSize", obsolete, Fate::ignored, given_up},
    ClamavOption{"MaxThreads", number, Fate::ignored, milter_threads},
    ClamavOption{"MilterSocket", text, Fate::socket, "milter.socket"},
    ClamavOption{"MilterSocketGroup", text, Fate::text, "milter.socket_group"},
    ClamavOption{"MilterSocketMode", text, Fate::socket_mode, "milter.socket_mode"},
    ClamavOption{
        "OnClean", word, Fate::word, "on_clean",
        "Accept=accept Reject=reject Defer=tempfail Blackhole=discard Quarantine=quarantine"},
    ClamavOption{"OnFail", word, Fate::word, "on_fail",
                 "Accept=accept Reject=reject Defer=tempfail"},
    ClamavOption{
        "OnInfected", word, Fate::word, "on_infected",
        "Accept=accept Reject=reject Defer=tempfail Blackhole=discard Quarantine=quarantine"},
    ClamavOption{"PhishingSignatures", obsolete, Fate::ignored, given_up},
    ClamavOption{"PidFile", text, Fate::ignored, foreground},
    ClamavOption{"ReadTimeout", number, Fate::ignored, scan_time},
    ClamavOption{"RejectMsg", text, Fate::reject_message, "reject_message"},
    ClamavOption{"ReportHostname", text, Fate::text, "report_hostname"},
    ClamavOption{"ScanArchive", obsolete, Fate::ignored, given_up},
    ClamavOption{"ScanHTML", obsolete, Fate::ignored, given_up},
    ClamavOption{"ScanMail", obsolete, Fate::ignored, given_up},
    ClamavOption{"ScanOLE2", obsolete, Fate::ignored, given_up},
    ClamavOption{"ScanPE", obsolete, Fate::ignored, given_up},
    ClamavOption{"SkipAuthenticated", text, Fate::text, "skip_authenticated"},
    ClamavOption{"StreamMaxLength", obsolete, Fate::ignored, given_up},
    ClamavOption{"SupportMultipleRecipients", boolean, Fate::boolean,
                 "support_multiple_recipients"},
    ClamavOption{"TCPAddr", obsolete, Fate::ignored, given_up},
    ClamavOption{"TCPSocket", obsolete, Fate::ignored, given_up},
    ClamavOption{"TemporaryDirectory", text, Fate::ignored, spool},
    ClamavOption{"User", text, Fate::user, "milter.user"},
    ClamavOption{"VirusAction", text, Fate::program, "virus_action"},
    ClamavOption{"Whitelist", text, Fate::allow_list, "allow_list"},
};

}  // namespace

std::span<const ClamavOption> clamav_options(ClamavProgram program) {
  return program == ClamavProgram::clamd ? std::span<const ClamavOption>(clamd_options)
                                         : std::span<const ClamavOption>(milter_options);
}

const ClamavOption* find_clamav_option(ClamavProgram program, std::string_view name) {
  const auto options = clamav_options(program);
  const auto found = std::ranges::find(options, name, &ClamavOption::name);
  return found == options.end() ? nullptr : &*found;
}

std::string_view name_of(ClamavProgram program) {
  return program == ClamavProgram::clamd ? "clamd" : "clamav-milter";
}

}  // namespace milterd

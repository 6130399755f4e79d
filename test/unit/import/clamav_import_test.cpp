#include "milterd/import/clamav_import.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "milterd/config/config_file.hpp"

namespace milterd {
namespace {

using Texts = std::vector<std::string>;

Imported import_texts(const std::string& clamd, const std::string& clamav_milter) {
  return import_clamav(ClamavFile{"c", clamd}, ClamavFile{"m", clamav_milter});
}

/// What the report says of line `place`, which is `line`.
std::string said_of(const Imported& result, const std::string& place, const std::string& line) {
  const std::string begin = "#   " + place + ": " + line + ": ";
  const std::size_t at = result.toml.find(begin);
  REQUIRE(at != std::string::npos);
  const std::size_t end = result.toml.find('\n', at);
  return result.toml.substr(at + begin.size(), end - at - begin.size());
}

bool has(const Imported& result, const std::string& line) {
  return result.toml.contains("\n" + line + "\n");
}

TEST_CASE("each option of clamd.conf is said to be honoured as a key") {
  struct Row {
    const char* line;
    const char* expected;
  };
  for (const auto& [line, expected] : {
           Row{"ScanPE no", "scan_pe = false"},
           Row{"ScanXMLDOCS FALSE", "scan_xmldocs = false"},
           Row{"AlertOLE2Macros 1", "alert_ole2_macros = true"},
           Row{"ArchiveBlockEncrypted yes", "alert_encrypted = true"},
           Row{"AlgorithmicDetection no", "heuristic_alerts = false"},
           Row{"BlockMax yes", "alert_exceeds_max = true"},
           Row{"MaxScanSize 300m", "max_scan_size = \"300MiB\""},
           Row{"MaxScanSize 0", "max_scan_size = \"4194303KiB\", the most there is"},
           Row{"MaxFileSize 8G", "max_file_size = \"2097151KiB\", the most there is"},
           Row{"MaxFileSize 1", "max_file_size = \"1KiB\", the least"},
           Row{"PCREMaxFileSize 0100k", "pcre_max_file_size = \"64KiB\""},
           Row{"MaxHTMLNoTags 1000", "max_html_no_tags = \"1000B\""},
           Row{"MaxFiles 0", "max_files = 1000000, the most there is"},
           Row{"MaxRecursion 20", "max_recursion = 20"},
           Row{"MaxThreads 4", "scan_slots = 4"},
           Row{"MaxThreads 0", "scan_slots = 1, the least"},
           Row{"MaxQueue 50", "scan_queue = 50"},
           Row{"MaxScanTime 1500", "max_scan_time = \"1500ms\""},
           Row{"MaxScanTime 0", "max_scan_time = \"3600s\", the most there is"},
           Row{"BytecodeTimeout 20000", "bytecode_timeout = \"20s\""},
           Row{"BytecodeMode forcejit", "bytecode_mode = \"force_jit\""},
           Row{"SelfCheck 600", "self_check = \"600s\""},
           Row{"SelfCheck 100000", "self_check = \"86400s\", the most there is"},
           Row{"FailIfCvdOlderThan 7", "fail_if_older_than = \"7d\""},
           Row{"ConcurrentDatabaseReload no", "reload = \"exclusive\""},
           Row{"ConcurrentDatabaseReload yes", "reload = \"concurrent\""},
           Row{"DatabaseDirectory \"/a b\"", nullptr},
           Row{"ExcludePUA NetTool", "exclude_pua = [\"NetTool\"]"},
           Row{"IncludePUA Spy", "include_pua = [\"Spy\"]"},
           Row{"User clamav", "[milter] user = \"clamav\""},
           Row{"Debug yes", "[log] level = \"debug\""},
       }) {
    CAPTURE(line);
    const Imported result = import_texts(line, "");
    CHECK(result.faults.empty());
    if (expected != nullptr) {
      CHECK(said_of(result, "c:1", line) == std::string("honoured as ") + expected);
    } else {
      CHECK(has(result, "database_directory = \"/a b\""));
    }
  }
}

TEST_CASE("each option of clamav-milter.conf is said to be honoured as a key") {
  struct Row {
    const char* line;
    const char* expected;
  };
  for (const auto& [line, expected] : {
           Row{"OnInfected blackhole", "on_infected = \"discard\""},
           Row{"OnClean Quarantine", "on_clean = \"quarantine\""},
           Row{"OnFail Defer", "on_fail = \"tempfail\""},
           Row{"AddHeader Yes", "add_header = \"replace\""},
           Row{"LogInfected Full", "log_infected = \"full\""},
           Row{"ReportHostname mx.example", "report_hostname = \"mx.example\""},
           Row{"SupportMultipleRecipients yes", "support_multiple_recipients = true"},
           Row{"VirusAction /usr/bin/a b", "virus_action = [\"/usr/bin/a b\"]"},
           Row{"SkipAuthenticated ^(tom|dick)$", "skip_authenticated = \"^(tom|dick)$\""},
           Row{"Whitelist /etc/allowed", "allow_list = \"/etc/allowed\""},
           Row{"MilterSocket inet:7357", "[milter] socket = \"inet:0.0.0.0:7357\""},
           Row{"MilterSocket inet6:7357@[::1]", "[milter] socket = \"inet6:[::1]:7357\""},
           Row{"MilterSocket /run/m.sock", "[milter] socket = \"unix:/run/m.sock\""},
           Row{"MilterSocket local:/run/m.sock", "[milter] socket = \"unix:/run/m.sock\""},
           Row{"MilterSocketMode 660", "[milter] socket_mode = \"0660\""},
           Row{"MilterSocketGroup mail", "[milter] socket_group = \"mail\""},
           Row{"LogSyslog yes", "[log] target = \"syslog\""},
           Row{"LogFile /var/log/m.log", "[log] target = \"/var/log/m.log\""},
       }) {
    CAPTURE(line);
    const Imported result = import_texts("", line);
    CHECK(result.faults.empty());
    CHECK(said_of(result, "m:1", line) == std::string("honoured as ") + expected);
  }
}

TEST_CASE("what the programs would not start with is a fault here") {
  const Imported result = import_texts(
      "Example\nscanpe yes\nScanPE on\nMaxFiles 10x\nMaxScanSize 5T\nMaxScanSize 08\nScanELF\n"
      "BytecodeMode fast\nVirusEvent \"/x\nPidFile \"\"\nScanPDF yes\r\nScanHTML yes # no\n"
      "OnInfected Reject\nIncludePUA A\nExcludePUA B\n",
      "OnFail Quarantine\nMilterSocket run/m\nMilterSocketMode 9\nChroot /jail\nLogFile m.log\n");
  CHECK(
      result.faults ==
      Texts{"c:1: Example: refused: clamd does not start with this line in its file; remove it",
            "c:2: scanpe yes: refused: clamd has no such option; did you mean ScanPE?",
            "c:3: ScanPE on: refused: the value must be yes, true, 1, no, false or 0",
            "c:4: MaxFiles 10x: refused: the value must be a whole number",
            "c:5: MaxScanSize 5T: refused: the value must be a whole number, with K, M or G behind "
            "it",
            "c:6: MaxScanSize 08: refused: the value must be a whole number, with K, M or G behind "
            "it",
            "c:7: ScanELF: refused: the value is missing",
            "c:8: BytecodeMode fast: refused: the value must be one of Auto, ForceJIT, "
            "ForceInterpreter, Test",
            "c:9: VirusEvent \"/x: refused: the closing quote is missing",
            "c:10: PidFile \"\": refused: the value is empty",
            "c:11: ScanPDF yes?: refused: the line ends with a carriage return, which is read as a "
            "part of the value; save the file with line feeds only",
            "c:12: ScanHTML yes # no: refused: the value must be yes, true, 1, no, false or 0",
            "c:13: OnInfected Reject: refused: clamd has no such option",
            "c:14: IncludePUA A: refused: clamd takes this or ExcludePUA, not both; remove one",
            "m:1: OnFail Quarantine: refused: the value must be one of Accept, Reject, Defer",
            "m:2: MilterSocket run/m: refused: a socket is inet:port@host, or local:/path with the "
            "path in full",
            "m:3: MilterSocketMode 9: refused: a mode is three octal digits, such as 660",
            "m:4: Chroot /jail: refused: milterd changes no root directory, and files and sockets "
            "are named from there; remove it, write those paths in full, and let the service "
            "manager confine milterd",
            "m:5: LogFile m.log: refused: a log file is named with its path in full"});
  CHECK(has(result, "exclude_pua = [\"B\"]"));
}

TEST_CASE("a line that it would read as two is a fault") {
  CHECK(import_texts("TemporaryDirectory /" + std::string(491, 'x'), "").faults.size() == 1);
  CHECK(import_texts("TemporaryDirectory /" + std::string(490, 'x'), "").faults.empty());
}

TEST_CASE("comments and lines with nothing on them are skipped") {
  CHECK(import_texts("# ScanPE on\n\n \t \n\r\n   # x\n", "").faults.empty());
}

TEST_CASE("of an option that is set again the first one counts, lists take all") {
  const Imported result = import_texts("ScanPE no\nScanPE yes\nExcludePUA A\nExcludePUA B\n",
                                       "LocalNet local\nLocalNet 192.0.2.0/24\n");
  CHECK(said_of(result, "c:2", "ScanPE yes") == "ignored: c:1 has set it already");
  CHECK(has(result, "scan_pe = false"));
  CHECK(has(result, "exclude_pua = [\"A\", \"B\"]"));
  CHECK(has(result, "local_net = [\"local\", \"192.0.2.0/24\"]"));
}

TEST_CASE("an option and its older name count together") {
  const Imported alerts =
      import_texts("AlertOLE2Macros no\nOLE2BlockMacros yes\nBlockMax no\n", "");
  CHECK(said_of(alerts, "c:1", "AlertOLE2Macros no") ==
        "honoured as alert_ole2_macros = true, as its other name says");
  CHECK(has(alerts, "alert_ole2_macros = true"));
  CHECK(has(alerts, "alert_exceeds_max = false"));
  CHECK(has(import_texts("HeuristicAlerts yes\nAlgorithmicDetection no\n", ""),
            "heuristic_alerts = false"));
}

TEST_CASE("where both files speak of the same, one counts and the other is explained") {
  const Imported result = import_texts("MaxFileSize 10M\nStreamMaxLength 5M\nUser clamav\n",
                                       "MaxFileSize 50M\nUser milter\n");
  CHECK(has(result, "max_file_size = \"10MiB\""));
  CHECK(has(result, "user = \"milter\""));
  CHECK(said_of(result, "m:1", "MaxFileSize 50M") ==
        "ignored: MaxFileSize of clamd.conf counts, for messages as for their parts; what is "
        "larger is Unscanned, not cut off and called clean");
  const Imported alone = import_clamav(std::nullopt, ClamavFile{"m", "MaxFileSize 50M\n"});
  CHECK(has(alone, "max_file_size = \"50MiB\""));
  CHECK(!alone.toml.contains("max_scan_size"));
  CHECK(!import_clamav(ClamavFile{"c", ""}, std::nullopt).toml.contains("on_infected"));
}

TEST_CASE("RejectMsg counts with OnInfected Reject only, and keeps its percent signs") {
  CHECK(said_of(import_texts("", "RejectMsg no %v\n"), "m:1", "RejectMsg no %v") ==
        "ignored: OnInfected is not Reject");
  const Imported result = import_texts("", "OnInfected Reject\nRejectMsg 100% %v %s\n");
  CHECK(has(result, "reject_message = \"100%% %v %%s\""));
  CHECK(import_texts("", "OnInfected Reject\nRejectMsg \xc3\xa9\n").faults.size() == 1);
}

TEST_CASE("a VirusEvent that needs no shell becomes virus_action") {
  CHECK(has(import_texts("VirusEvent /opt/alert -q %v\n", ""),
            "virus_action = [\"/opt/alert\", \"-q\"]"));
  CHECK(import_texts("VirusEvent echo %v | mail root\n", "").faults.size() == 1);
  CHECK(import_texts("VirusEvent /opt/alert %v now\n", "").faults.size() == 1);
  const Imported both = import_texts("VirusEvent /opt/a\n", "VirusAction /opt/b\n");
  CHECK(both.faults.size() == 1);
  CHECK(has(both, "virus_action = [\"/opt/b\"]"));
}

TEST_CASE("the log has one target, and an allow list one name") {
  const Imported result =
      import_texts("", "LogFile /l\nLogSyslog yes\nWhitelist /w\nAllowList /a\n");
  CHECK(has(result, "target = \"syslog\""));
  CHECK(has(result, "allow_list = \"/a\""));
}

TEST_CASE("where the files are silent, the programs' defaults that are not milterd's are kept") {
  const std::string toml = import_texts("", "").toml;
  CHECK(toml.substr(toml.find("\n\n") + 2) ==
        "[[stage]]\nplugin = \"clamav\"\non_infected = \"quarantine\"\nadd_header = \"no\"\n"
        "support_multiple_recipients = false\nmax_scan_size = \"400MiB\"\n"
        "max_file_size = \"100MiB\"\nmax_recursion = 17\nmax_embedded_pe = \"40MiB\"\n"
        "max_html_normalize = \"40MiB\"\nmax_html_no_tags = \"8MiB\"\n"
        "max_script_normalize = \"20MiB\"\npcre_match_limit = 100000\n"
        "pcre_rec_match_limit = 2000\npcre_max_file_size = \"100MiB\"\n"
        "bytecode_timeout = \"10s\"\n");
  CHECK(toml.contains("#   MaxScanSize: as clamd does, max_scan_size = \"400MiB\"\n"));
  CHECK(
      import_texts("", "OnInfected Reject\n")
          .toml.contains("#   RejectMsg: not as clamav-milter does, the reply names the virus\n"));
}

TEST_CASE("the configuration is TOML whatever the bytes of the files are") {
  const Imported result = import_texts(
      "DatabaseDirectory \"/a\"b\"\nTemporaryDirectory /\xff\nUser x\x01\n\xc3\x28 x\n",
      "SkipAuthenticated ^\\w\x1b[31m\"$\nReportHostname \\\n");
  CHECK(result.faults.size() == 2);
  const auto file = ConfigFile::parse(result.toml, "milterd.toml");
  for (const Problem& problem : file->problems()) {
    CHECK(problem.text.find("TOML") == std::string::npos);
  }
  REQUIRE(file->config().stages.size() == 1);
  CHECK(file->config().stages[0].section->string("database_directory", "") == "/a\"b");
}

}  // namespace
}  // namespace milterd

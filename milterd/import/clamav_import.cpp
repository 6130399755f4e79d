#include "milterd/import/clamav_import.hpp"

#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "milterd/import/clamav_file.hpp"
#include "milterd/import/clamav_rules.hpp"
#include "milterd/import/toml_draft.hpp"

namespace milterd {
namespace {

struct Default {
  std::string_view option;
  std::string_view key;
  std::string_view value;
};

/// Those that are not the stage's, which are Debian's.
constexpr std::array clamd_defaults = {
    Default{"MaxScanSize", "max_scan_size", "\"400MiB\""},
    Default{"MaxFileSize", "max_file_size", "\"100MiB\""},
    Default{"MaxRecursion", "max_recursion", "17"},
    Default{"MaxEmbeddedPE", "max_embedded_pe", "\"40MiB\""},
    Default{"MaxHTMLNormalize", "max_html_normalize", "\"40MiB\""},
    Default{"MaxHTMLNoTags", "max_html_no_tags", "\"8MiB\""},
    Default{"MaxScriptNormalize", "max_script_normalize", "\"20MiB\""},
    Default{"PCREMatchLimit", "pcre_match_limit", "100000"},
    Default{"PCRERecMatchLimit", "pcre_rec_match_limit", "2000"},
    Default{"PCREMaxFileSize", "pcre_max_file_size", "\"100MiB\""},
    Default{"BytecodeTimeout", "bytecode_timeout", "\"10s\""},
};

constexpr std::array milter_defaults = {
    Default{"OnInfected", "on_infected", "\"quarantine\""},
    Default{"AddHeader", "add_header", "\"no\""},
    Default{"SupportMultipleRecipients", "support_multiple_recipients", "false"},
};

using enum ClamavProgram;

class Import {
 public:
  Import(std::span<const ClamavSetting> settings, bool has_clamd, bool has_milter)
      : settings_(settings),
        has_clamd_(has_clamd),
        has_milter_(has_milter),
        rules_(settings, has_clamd, draft_) {}

  Imported make(const std::string& source) && {
    for (const ClamavSetting& setting : settings_) {
      report_.add(
          setting.place + ": " + setting.name + (setting.value.empty() ? "" : " " + setting.value),
          rules_.translate(setting));
    }
    if (has_milter_) {
      keep(clamav_milter, milter_defaults);
      say_of_milter();
    }
    if (has_clamd_) {
      keep(clamd, clamd_defaults);
      say_of_clamd();
    }
    report_.add_silent(
        "limits and encryption: not as clamd does, mail that was not looked at in full is "
        "Unscanned, never Clean; on_unscanned says what it gets");
    return std::move(report_).finish(source, "those files are", draft_);
  }

 private:
  void keep(ClamavProgram program, std::span<const Default> defaults) {
    for (const auto& [option, key, value] : defaults) {
      if (rules_.find(program, option) == nullptr) {
        draft_.set(key, std::string(value));
        report_.add_silent(std::string(option) + ": as " + std::string(name_of(program)) +
                           " does, " + std::string(key) + " = " + std::string(value));
      }
    }
  }

  void say(ClamavProgram program, std::string_view option, std::string_view what) {
    if (rules_.find(program, option) == nullptr) {
      report_.add_silent(std::string(option) + ": " + std::string(what));
    }
  }

  void say_of_milter() {
    say(clamav_milter, "MilterSocket",
        "inet:127.0.0.1:8891; write to [milter] socket what Postfix's smtpd_milters names");
    say(clamav_milter, "MilterSocketMode", "not as clamav-milter does, 0660 whatever the umask is");
    const ClamavSetting* action = rules_.find(clamav_milter, "OnInfected");
    if (action != nullptr && draft_.value("on_infected") == "\"reject\"") {
      say(clamav_milter, "RejectMsg", "not as clamav-milter does, the reply names the virus");
    }
    if (rules_.find(clamav_milter, "LogFile") == nullptr) {
      say(clamav_milter, "LogSyslog", "milterd logs to standard error then");
    }
  }

  void say_of_clamd() {
    say(clamd, "MaxThreads", "not as clamd does, as many scans at once as there are cores");
    say(clamd, "SelfCheck", "not as clamd does, changed databases are taken in as they come");
    say(clamd, "ConcurrentDatabaseReload",
        "not as clamd does, both databases are in memory together only where there is room");
  }

  std::span<const ClamavSetting> settings_;
  bool has_clamd_;
  bool has_milter_;
  TomlDraft draft_{"clamav"};
  ClamavRules rules_;
  ImportReport report_;
};

}  // namespace

Imported import_clamav(const std::optional<ClamavFile>& clamd_file,
                       const std::optional<ClamavFile>& milter_file) {
  std::vector<ClamavSetting> settings;
  std::string paths;
  const auto add = [&](const std::optional<ClamavFile>& file, ClamavProgram program) {
    if (file) {
      auto read = parse_clamav_text(file->text, file->path, program);
      settings.insert(settings.end(), std::move_iterator(read.begin()),
                      std::move_iterator(read.end()));
      paths += (paths.empty() ? "" : " and ") + file->path;
    }
  };
  add(clamd_file, clamd);
  add(milter_file, clamav_milter);
  return Import(settings, clamd_file.has_value(), milter_file.has_value())
      .make("milterd --import-clamav from " + paths);
}

}  // namespace milterd

#include "milterd/import/clamav_rules.hpp"

#include <algorithm>

#include "milterd/config/toml_writer.hpp"
#include "milterd/import/clamav_value.hpp"
#include "milterd/import/import_report.hpp"
#include "milterd/import/milter_socket.hpp"

namespace milterd {
namespace {

using Fate = ClamavOption::Fate;
using enum ClamavProgram;

bool is_on(const ClamavSetting* setting) {
  return setting != nullptr && clamav_boolean(setting->value).value_or(false);
}

std::int64_t number_of(const ClamavSetting& setting) {
  const auto number = setting.option->type == ClamavOption::Type::size
                          ? clamav_size(setting.value)
                          : clamav_number(setting.value);
  return number.value_or(0);
}

/// Values that are lists there: each line adds one.
bool repeats(Fate fate) { return fate == Fate::list || fate == Fate::include_pua; }

}  // namespace

ClamavRules::ClamavRules(std::span<const ClamavSetting> settings, bool has_clamd, TomlDraft& draft)
    : settings_(settings), has_clamd_(has_clamd), draft_(draft) {}

Result<std::string> ClamavRules::honoured(std::string_view key, const std::string& value) {
  return honour(draft_, key, value);
}

Result<std::string> ClamavRules::honoured_text(std::string_view key, std::string_view value) {
  return honoured(key, write_toml_string(value));
}

Result<std::string> ClamavRules::translate_value(const ClamavSetting& setting) {
  const ClamavOption& option = *setting.option;
  const std::string& value = setting.value;
  switch (option.fate) {
    case Fate::ignored: return "ignored: " + std::string(option.note);
    case Fate::refused: return fail(std::string(option.note));
    case Fate::text: return honoured_text(option.note, value);
    case Fate::list: return list(setting);
    case Fate::boolean: return boolean(setting);
    case Fate::word:
      return honoured_text(option.note, clamav_word(value, option.words).value_or(""));
    case Fate::limit:
    case Fate::number: return limit(option, number_of(setting));
    case Fate::milliseconds: return milliseconds(option, number_of(setting));
    case Fate::seconds: return time(option, number_of(setting), "s");
    case Fate::days: return time(option, number_of(setting), "d");
    case Fate::milter_size: return milter_size(setting);
    case Fate::reload:
      return honoured_text(option.note, is_on(&setting) ? "concurrent" : "exclusive");
    case Fate::virus_event: return virus_event(setting);
    case Fate::program: return honoured(option.note, write_toml_list(std::span(&value, 1)));
    case Fate::reject_message: return reject_message(setting);
    case Fate::include_pua: return include_pua(setting);
    case Fate::allow_list: return allow_list(setting);
    case Fate::user: return user(setting);
    case Fate::socket: return socket(setting);
    case Fate::socket_mode: return socket_mode(setting);
    case Fate::log_file: return log_file(setting);
    case Fate::syslog:
      return is_on(&setting) ? honoured_text(option.note, "syslog")
                             : Word("honoured: so it is here");
    case Fate::debug:
      return is_on(&setting) ? honoured_text(option.note, "debug")
                             : Word("honoured: so it is here");
  }
  return fail("milterd does not know what to make of it");
}

Result<std::string> ClamavRules::list(const ClamavSetting& setting) {
  std::vector<std::string> values;
  for (const ClamavSetting& each : settings_) {
    if (each.option == setting.option && each.fault.empty() && is_utf8(each.value)) {
      values.push_back(each.value);
    }
  }
  return honoured(setting.option->note, write_toml_list(values));
}

/// Some have an older name, too: of alerts one that is on wins, of the heuristics one that is off.
Result<std::string> ClamavRules::boolean(const ClamavSetting& setting) {
  const std::string_view key = setting.option->note;
  const bool winner = key != "heuristic_alerts";
  const bool wins = std::ranges::any_of(settings_, [&](const ClamavSetting& each) {
    return each.option != nullptr && each.option->fate == Fate::boolean &&
           each.option->note == key && find(each.program, each.name) == &each &&
           is_on(&each) == winner;
  });
  const bool value = wins == winner;
  auto word = honoured(key, value ? "true" : "false");
  return value == is_on(&setting) ? word : *word + ", as its other name says";
}

Result<std::string> ClamavRules::limit(const ClamavOption& option, std::int64_t number) {
  const bool is_none = number == 0 && option.fate != Fate::number;
  const std::int64_t wanted = is_none ? option.most : number;
  const std::int64_t value = std::clamp(wanted, option.least, option.most);
  const bool is_size = option.type == ClamavOption::Type::size;
  auto word = honoured(option.note,
                       is_size ? write_toml_string(bytes_in_words(value)) : std::to_string(value));
  return value == number ? word
                         : *word + (value == option.most ? ", the most there is" : ", the least");
}

Result<std::string> ClamavRules::time(const ClamavOption& option, std::int64_t number,
                                      std::string_view unit) {
  const std::int64_t value = std::min(number, option.most);
  auto word = honoured_text(option.note, std::to_string(value) + std::string(unit));
  return value == number ? word : *word + ", the most there is";
}

Result<std::string> ClamavRules::milliseconds(const ClamavOption& option, std::int64_t number) {
  constexpr std::int64_t second = 1000;
  const std::int64_t value = number == 0 ? option.most : std::min(number, option.most);
  auto word = honoured_text(option.note, value % second == 0 ? std::to_string(value / second) + "s"
                                                             : std::to_string(value) + "ms");
  return value == number ? word : *word + ", the most there is";
}

Result<std::string> ClamavRules::milter_size(const ClamavSetting& setting) {
  if (has_clamd_) {
    return "ignored: MaxFileSize of clamd.conf counts, for messages as for their parts; what is "
           "larger is Unscanned, not cut off and called clean";
  }
  return limit(*setting.option, number_of(setting));
}

Result<std::string> ClamavRules::virus_event(const ClamavSetting& setting) {
  if (find(clamav_milter, "VirusAction") != nullptr) {
    return fail("virus_action runs one command, that of VirusAction; call this one from there");
  }
  const auto command = virus_event_command(setting.value);
  if (!command) {
    return std::unexpected(command.error());
  }
  return *honoured(setting.option->note, write_toml_list(*command)) +
         ", with the virus's name and more as its last arguments, and without "
         "CLAM_VIRUSEVENT_ variables";
}

Result<std::string> ClamavRules::reject_message(const ClamavSetting& setting) {
  const ClamavSetting* action = find(clamav_milter, "OnInfected");
  if (action == nullptr || clamav_word(action->value, action->option->words) != "reject") {
    return "ignored: OnInfected is not Reject";
  }
  const auto message = reject_message_in_words(setting.value);
  return message ? honoured_text(setting.option->note, *message)
                 : Word(std::unexpected(message.error()));
}

Result<std::string> ClamavRules::include_pua(const ClamavSetting& setting) {
  if (find(clamd, "ExcludePUA") != nullptr) {
    return fail("clamd takes this or ExcludePUA, not both; remove one");
  }
  return list(setting);
}

Result<std::string> ClamavRules::allow_list(const ClamavSetting& setting) {
  if (setting.name == "Whitelist" && find(clamav_milter, "AllowList") != nullptr) {
    return "ignored: AllowList goes before it";
  }
  return honoured_text(setting.option->note, setting.value);
}

Result<std::string> ClamavRules::user(const ClamavSetting& setting) {
  if (setting.program == clamd && find(clamav_milter, "User") != nullptr) {
    return "ignored: User of clamav-milter.conf counts, it is one process";
  }
  return honoured_text(setting.option->note, setting.value);
}

Result<std::string> ClamavRules::socket(const ClamavSetting& setting) {
  const auto socket = milter_socket(setting.value, "");
  return socket ? honoured_text(setting.option->note, *socket)
                : Word(std::unexpected(socket.error()));
}

Result<std::string> ClamavRules::socket_mode(const ClamavSetting& setting) {
  const auto mode = socket_mode_in_words(setting.value);
  return mode ? honoured_text(setting.option->note, *mode) : Word(std::unexpected(mode.error()));
}

Result<std::string> ClamavRules::log_file(const ClamavSetting& setting) {
  if (!setting.value.starts_with('/')) {
    return fail("a log file is named with its path in full");
  }
  if (is_on(find(clamav_milter, "LogSyslog"))) {
    return "ignored: the log has one target, and LogSyslog says which";
  }
  return honoured_text(setting.option->note, setting.value);
}

Result<std::string> ClamavRules::translate(const ClamavSetting& setting) {
  if (!setting.fault.empty()) {
    return fail(setting.fault);
  }
  if (!is_utf8(setting.value)) {
    return fail("the value is not UTF-8; write it in UTF-8");
  }
  const bool once = setting.option->fate != Fate::ignored && !repeats(setting.option->fate);
  if (const ClamavSetting* counts = find(setting.program, setting.name);
      once && counts != &setting) {
    return "ignored: " + counts->place + " has set it already";
  }
  return translate_value(setting);
}

const ClamavSetting* ClamavRules::find(ClamavProgram program, std::string_view name) const {
  const auto found = std::ranges::find_if(settings_, [&](const ClamavSetting& setting) {
    return setting.program == program && setting.option != nullptr && setting.fault.empty() &&
           setting.name == name;
  });
  return found == settings_.end() ? nullptr : &*found;
}

}  // namespace milterd

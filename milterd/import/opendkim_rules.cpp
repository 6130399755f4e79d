#include "milterd/import/opendkim_rules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "milterd/ascii.hpp"
#include "milterd/config/toml_writer.hpp"
#include "milterd/import/import_report.hpp"
#include "milterd/import/milter_socket.hpp"
#include "milterd/import/opendkim_value.hpp"
#include "milterd/import/split_list.hpp"

namespace milterd {
namespace {

using Fate = OpendkimOption::Fate;

constexpr std::int64_t longest_dns_timeout = 60;
constexpr std::int64_t least_header_size = 1024;
constexpr std::int64_t largest_header_size = 64 * 1024 * 1024;
constexpr std::int64_t least_key_bits = 1024;
constexpr std::int64_t most_key_bits = 16384;
constexpr std::int64_t most_signatures = 100;

using Word = Result<std::string>;

std::string quoted(std::string_view text) { return write_toml_string(text); }

}  // namespace

OpendkimRules::OpendkimRules(std::span<const OpendkimSetting> settings, TomlDraft& draft)
    : settings_(settings), draft_(draft) {
  if (const auto* base = find("BaseDirectory"); base != nullptr) {
    base_directory_ = base->value;
  }
}

Result<std::string> OpendkimRules::honoured(std::string_view key, const std::string& value) {
  return honour(draft_, key, value);
}

Result<std::string> OpendkimRules::translate_value(const OpendkimOption& option,
                                                   const std::string& value) {
  switch (option.fate) {
    case Fate::ignored: return "ignored: " + std::string(option.note);
    case Fate::refused: return fail(std::string(option.note));
    case Fate::refused_on:
      return opendkim_boolean(value) ? Word(fail(std::string(option.note)))
                                     : Word("honoured: so it is here");
    case Fate::text: return honoured(option.note, quoted(to_lower(value)));
    case Fate::path: return honoured(option.note, quoted(path_of(value)));
    case Fate::data_set: return data_set(option.note, value);
    case Fate::names:
    case Fate::pairs: return list(option.note, value);
    case Fate::plain_names: return plain_list(option.note, value);
    case Fate::boolean: return boolean(option.note, value);
    case Fate::domain_key: return domain_key(option.note, value);
    case Fate::action: return action(option.note, value);
    case Fate::mode: return operating_mode(value);
    case Fate::canonicalization: return canonicalization(value);
    case Fate::nameservers: return nameservers(value);
    case Fate::authserv_id: return authserv_id(value);
    case Fate::user: return user(value);
    case Fate::syslog:
      return opendkim_boolean(value) ? honoured(option.note, quoted("syslog"))
                                     : Word("ignored: milterd logs to standard error then");
    case Fate::socket: return socket(value);
    case Fate::algorithm: return algorithm(value);
    case Fate::capture:
      return opendkim_boolean(value) ? honoured(option.note, quoted("quarantine"))
                                     : Word("honoured: so it is here");
    case Fate::test_records: return test_records(option.note, value);
    case Fate::default_action: return default_action(value);
    case Fate::base_directory: return "honoured: relative paths begin there";
    case Fate::include: return "honoured: its options follow";
    case Fate::count:
    case Fate::size:
    case Fate::seconds:
    case Fate::header_limit:
    case Fate::signature_limit:
    case Fate::key_bits:
    case Fate::socket_mask: return number(option, value);
  }
  return fail("milterd does not know what to make of it");
}

std::string OpendkimRules::path_of(std::string_view value) const {
  return path_below(value, base_directory_);
}

Result<std::string> OpendkimRules::data_set(std::string_view key, const std::string& value) {
  const auto set = opendkim_data_set(value, base_directory_);
  return set ? honoured(key, quoted(*set)) : Word(std::unexpected(set.error()));
}

Result<std::string> OpendkimRules::list(std::string_view key, const std::string& value) {
  const auto names = opendkim_list(value, base_directory_);
  return names ? honoured(key, write_toml_list(*names)) : Word(std::unexpected(names.error()));
}

Result<std::string> OpendkimRules::plain_list(std::string_view key, const std::string& value) {
  const auto names = opendkim_list(value, base_directory_);
  if (names && names->size() == 1 && names->front().contains(':')) {
    return fail("milterd wants the names themselves here; write them out, separated by commas");
  }
  return names ? honoured(key, write_toml_list(*names)) : Word(std::unexpected(names.error()));
}

Result<std::string> OpendkimRules::boolean(std::string_view key, const std::string& value) {
  // X-Header is an old name of SoftwareHeader; where both stand, one that is on wins.
  const bool is_set =
      draft_.has(key) && find("X-Header") != nullptr && opendkim_boolean(find("X-Header")->value);
  return honoured(
      key, opendkim_boolean(value) || (is_set && key == "software_header") ? "true" : "false");
}

Result<std::string> OpendkimRules::domain_key(std::string_view key, const std::string& value) {
  if (find("KeyTable") != nullptr) {
    return "ignored: opendkim does not look at it where there is a KeyTable";
  }
  if (key == "domain") {
    return list(key, value);
  }
  if (key == "sub_domains") {
    return honoured(key, opendkim_boolean(value) ? "true" : "false");
  }
  return honoured(key, quoted(key == "key_file" ? path_of(value) : value));
}

Result<std::string> OpendkimRules::action(std::string_view key, const std::string& value) {
  const auto word = opendkim_action(value);
  if (!word) {
    return std::unexpected(word.error());
  }
  const auto* capture = find("CaptureUnknownErrors");
  if (key == "on_internal_error" && capture != nullptr && opendkim_boolean(capture->value)) {
    return "ignored: CaptureUnknownErrors goes before it";
  }
  return honoured(key, quoted(*word));
}

Result<std::string> OpendkimRules::default_action(const std::string& value) {
  const auto word = opendkim_action(value);
  if (!word) {
    return std::unexpected(word.error());
  }
  std::string keys;
  for (const OpendkimOption& option : opendkim_options()) {
    if (option.fate == Fate::action && find(option.name) == nullptr) {
      if (auto set = action(option.note, value); set && set->starts_with("honoured")) {
        keys += (keys.empty() ? "" : ", ") + std::string(option.note);
      }
    }
  }
  return keys.empty() ? "ignored: every other On-... is set"
                      : "honoured as " + quoted(*word) + " for " + keys;
}

bool OpendkimRules::can_sign() const {
  constexpr std::array names = {"KeyTable", "SigningTable", "Domain", "Selector", "KeyFile"};
  return std::ranges::any_of(names, [&](const char* name) { return find(name) != nullptr; });
}

std::string OpendkimRules::mode(std::string_view letters) const {
  std::vector<std::string> words;
  if (letters.contains('s') && can_sign()) {
    words.emplace_back("sign");
  }
  if (letters.contains('v')) {
    words.emplace_back("verify");
  }
  return write_toml_list(words);
}

Result<std::string> OpendkimRules::operating_mode(const std::string& value) {
  if (value.find_first_not_of("sv") != std::string::npos) {
    return fail("the modes are s, v and sv");
  }
  if (value == "s" && !can_sign()) {
    return fail(
        "there is no key to sign with; set Domain, Selector and KeyFile, or KeyTable and "
        "SigningTable");
  }
  auto word = honoured("mode", mode(value));
  return can_sign() || !value.contains('s') ? word : *word + ", there is no key to sign with";
}

Result<std::string> OpendkimRules::canonicalization(const std::string& value) {
  const std::string word = to_lower(value);
  const std::string header = word.substr(0, word.find('/'));
  const std::string body = word.contains('/') ? word.substr(word.find('/') + 1) : "simple";
  for (const std::string& name : {header, body}) {
    if (name != "simple" && name != "relaxed") {
      return fail("it is simple or relaxed, or two of them with '/' between");
    }
  }
  return honoured("canonicalization", quoted(header + "/" + body));
}

Result<std::string> OpendkimRules::nameservers(const std::string& value) {
  std::vector<std::string> servers = split_list(value, ',');
  for (std::string& server : servers) {
    std::ranges::replace(server, '@', ':');
  }
  return honoured("dns.nameservers", write_toml_list(servers));
}

Result<std::string> OpendkimRules::authserv_id(const std::string& value) {
  if (value != "HOSTNAME") {
    return honoured("milter.authserv_id", quoted(value));
  }
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) {
    return fail("the name of this host cannot be had; write it in full");
  }
  return honoured("milter.authserv_id", quoted(name.data()));
}

Result<std::string> OpendkimRules::user(const std::string& value) {
  const std::size_t colon = value.find(':');
  auto word = honoured("milter.user", quoted(value.substr(0, colon)));
  if (colon == std::string::npos) {
    return word;
  }
  const std::string group = quoted(value.substr(colon + 1));
  draft_.set("milter.socket_group", group);
  return *word + ", socket_group = " + group;
}

Result<std::string> OpendkimRules::socket(const std::string& value) {
  const auto socket = milter_socket(value, base_directory_);
  return socket ? honoured("milter.socket", quoted(*socket))
                : Word(std::unexpected(socket.error()));
}

Result<std::string> OpendkimRules::algorithm(const std::string& value) {
  return equal_ignoring_case(value, "rsa-sha1")
             ? Word(fail("rsa-sha1 proves nothing any more (RFC 8301); remove it, milterd makes "
                         "rsa-sha256"))
             : Word("ignored: the type of the key says which");
}

Result<std::string> OpendkimRules::test_records(std::string_view key, const std::string& value) {
  const auto set = opendkim_data_set(value, base_directory_);
  if (!set || !set->starts_with("file:")) {
    return fail("milterd reads such records from a file only; use TestPublicKeys");
  }
  return honoured(key, quoted(set->substr(5)));
}

Result<std::string> OpendkimRules::number(const OpendkimOption& option, const std::string& value) {
  const auto number = opendkim_integer(value);
  if (!number) {
    return std::unexpected(number.error());
  }
  const auto limited = [&](std::int64_t least, std::int64_t most) {
    return std::to_string(std::clamp(*number, least, most));
  };
  switch (option.fate) {
    case Fate::seconds: {
      const bool is_timeout = option.name == "DNSTimeout";
      return honoured(option.note, quoted((!is_timeout    ? std::to_string(*number)
                                           : *number == 0 ? std::to_string(longest_dns_timeout)
                                                          : limited(1, longest_dns_timeout)) +
                                          "s"));
    }
    case Fate::size: return honoured(option.note, quoted(value_in_bytes(*number)));
    case Fate::header_limit: return header_limit(*number);
    case Fate::signature_limit:
      return honoured(option.note,
                      *number == 0 ? std::to_string(most_signatures) : limited(1, most_signatures));
    case Fate::key_bits:
      return honoured(option.note, *number == 0 ? "0" : limited(least_key_bits, most_key_bits));
    case Fate::socket_mask: return socket_mask(*number);
    default: return honoured(option.note, std::to_string(*number));
  }
}

std::string OpendkimRules::value_in_bytes(std::int64_t bytes) {
  return std::to_string(bytes) + "B";
}

Result<std::string> OpendkimRules::header_limit(std::int64_t bytes) {
  const auto* security = find("On-Security");
  const auto* any = find("On-Default");
  const auto action = opendkim_action(security != nullptr ? security->value
                                      : any != nullptr    ? any->value
                                                          : "tempfail");
  const std::string word = action.value_or("tempfail");
  const bool passes = word == "accept" || word == "quarantine";
  const std::int64_t limit = bytes == 0 || passes
                                 ? largest_header_size
                                 : std::clamp(bytes, least_header_size, largest_header_size);
  draft_.set("limits.on_header_limit", quoted(passes ? "tempfail" : word));
  return honoured("limits.header_size", quoted(value_in_bytes(limit)));
}

Result<std::string> OpendkimRules::socket_mask(std::int64_t mask) {
  constexpr std::array digits = {'0', '1', '2', '3', '4', '5', '6', '7'};
  const auto mode = static_cast<std::uint64_t>(~mask & 0666);
  std::string text = "0";
  for (const unsigned shift : {6U, 3U, 0U}) {
    text += digits[(mode >> shift) & 7U];
  }
  return honoured("milter.socket_mode", quoted(text));
}

Result<std::string> OpendkimRules::translate(const OpendkimSetting& setting) {
  if (!setting.fault.empty()) {
    return fail(setting.fault);
  }
  if (!is_utf8(setting.value)) {
    return fail("the value is not UTF-8; write it in UTF-8");
  }
  const OpendkimSetting* counts = find(setting.option->name);
  if (counts != &setting && setting.option->fate != Fate::include) {
    return "ignored: " + counts->place + " sets it again";
  }
  return translate_value(*setting.option, setting.value);
}

const OpendkimSetting* OpendkimRules::find(std::string_view name) const {
  const OpendkimSetting* last = nullptr;
  for (const OpendkimSetting& setting : settings_) {
    if (setting.option != nullptr && setting.fault.empty() && setting.option->name == name) {
      last = &setting;
    }
  }
  return last;
}

}  // namespace milterd

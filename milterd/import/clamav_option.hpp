#pragma once
/// The options of clamd.conf and clamav-milter.conf 1.4.6, and what milterd makes of each.

#include <cstdint>
#include <span>
#include <string_view>

namespace milterd {

enum class ClamavProgram : std::uint8_t { clamd, clamav_milter };

struct ClamavOption {
  enum class Type : std::uint8_t { text, number, size, boolean, word, obsolete };
  /// How its value becomes a value of milterd.toml; `note` is the key then. The kinds from
  /// milter_size on have a rule of their own.
  enum class Fate : std::uint8_t {
    text,
    list,  ///< Of all values that it is given.
    boolean,
    word,
    limit,   ///< Between `least` and `most`; 0, for no limit, is the most.
    number,  ///< Between them, 0 too.
    milliseconds,
    seconds,
    days,
    milter_size,
    reload,
    virus_event,
    program,
    reject_message,
    include_pua,
    allow_list,
    user,
    socket,
    socket_mode,
    log_file,
    syslog,
    debug,
    ignored,  ///< Mail is treated no worse without it; `note` says why.
    refused,  ///< Somebody relies on it; `note` says why and what to do.
  };

  std::string_view name;
  Type type;
  Fate fate;
  std::string_view note;
  /// Of a word: "Accept=accept Defer=tempfail", theirs and ours.
  std::string_view words = {};
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// All of them, also those that the program itself has given up.
std::span<const ClamavOption> clamav_options(ClamavProgram program);

/// Letter case matters, as it does there. Null for none of them.
const ClamavOption* find_clamav_option(ClamavProgram program, std::string_view name);

std::string_view name_of(ClamavProgram program);

}  // namespace milterd

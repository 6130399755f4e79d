#pragma once
/// The options of opendkim.conf, and what milterd makes of each.

#include <cstdint>
#include <span>
#include <string_view>

namespace milterd {

struct OpendkimOption {
  enum class Type : std::uint8_t { text, integer, boolean };
  /// How its value becomes a value of milterd.toml; `note` is that key then, "table.key" or a key
  /// of the dkim stage. The kinds from mode on have a rule of their own.
  enum class Fate : std::uint8_t {
    text,
    path,      ///< A file.
    data_set,  ///< A data set as a string.
    names,     ///< A data set as a list: the names themselves, or one entry that says which file.
    plain_names,  ///< A list only.
    pairs,        ///< The same for a set that may be in a file of "name value" lines.
    boolean,
    count,
    size,     ///< Of bytes.
    seconds,  ///< A duration; at least one.
    action,
    mode,
    canonicalization,
    domain_key,  ///< Domain, Selector, KeyFile, SubDomains: not where there is a KeyTable.
    header_limit,
    signature_limit,
    key_bits,
    default_action,
    capture,
    nameservers,
    authserv_id,
    socket,
    user,
    socket_mask,
    syslog,
    algorithm,
    test_records,
    base_directory,
    include,
    ignored,     ///< Mail is treated no worse without it; `note` says why.
    refused,     ///< Somebody relies on it; `note` says why and what to do.
    refused_on,  ///< The same where it is switched on; off, it asks for nothing.
  };

  std::string_view name;
  Type type;
  Fate fate;
  std::string_view note;
};

/// All of them, also those that only some builds of opendkim have, in the order of its source.
std::span<const OpendkimOption> opendkim_options();

/// Letter case does not matter. Null for none of them.
const OpendkimOption* find_opendkim_option(std::string_view name);

}  // namespace milterd

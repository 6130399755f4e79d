#pragma once
/// One option of clamd.conf or clamav-milter.conf at a time, turned into keys of milterd.toml.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/import/clamav_file.hpp"
#include "milterd/import/toml_draft.hpp"
#include "milterd/result.hpp"

namespace milterd {

class ClamavRules {
 public:
  /// Both outlive it. `settings` are those of both files: some options depend on others.
  /// `has_clamd`: there is a clamd.conf, whatever is in it.
  ClamavRules(std::span<const ClamavSetting> settings, bool has_clamd, TomlDraft& draft);

  /// What became of it, in words; its keys are in the draft. Error: refused, and what to do.
  Result<std::string> translate(const ClamavSetting& setting);
  /// Of several settings of one option the one that counts, which is the first; null where there
  /// is none.
  const ClamavSetting* find(ClamavProgram program, std::string_view name) const;

 private:
  using Word = Result<std::string>;

  Word translate_value(const ClamavSetting& setting);
  Word honoured(std::string_view key, const std::string& value);
  Word honoured_text(std::string_view key, std::string_view value);
  Word list(const ClamavSetting& setting);
  Word boolean(const ClamavSetting& setting);
  Word limit(const ClamavOption& option, std::int64_t number);
  Word time(const ClamavOption& option, std::int64_t number, std::string_view unit);
  Word milliseconds(const ClamavOption& option, std::int64_t number);
  Word milter_size(const ClamavSetting& setting);
  Word virus_event(const ClamavSetting& setting);
  Word reject_message(const ClamavSetting& setting);
  Word include_pua(const ClamavSetting& setting);
  Word allow_list(const ClamavSetting& setting);
  Word user(const ClamavSetting& setting);
  Word socket(const ClamavSetting& setting);
  Word socket_mode(const ClamavSetting& setting);
  Word log_file(const ClamavSetting& setting);

  std::span<const ClamavSetting> settings_;
  bool has_clamd_;
  TomlDraft& draft_;
};

}  // namespace milterd

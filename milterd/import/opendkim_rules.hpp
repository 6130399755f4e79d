#pragma once
/// One option of opendkim.conf at a time, turned into keys of milterd.toml.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "milterd/import/opendkim_file.hpp"
#include "milterd/import/toml_draft.hpp"
#include "milterd/result.hpp"

namespace milterd {

class OpendkimRules {
 public:
  /// Both outlive it. `settings` are all of the file: some options depend on others.
  OpendkimRules(std::span<const OpendkimSetting> settings, TomlDraft& draft);

  /// What became of it, in words; its keys are in the draft. Error: refused, and what to do.
  Result<std::string> translate(const OpendkimSetting& setting);
  /// Of several settings of one option the one that counts; null where there is none.
  const OpendkimSetting* find(std::string_view name) const;
  /// The value of `mode`, for Mode's letters.
  std::string mode(std::string_view letters) const;

 private:
  using Word = Result<std::string>;

  Word translate_value(const OpendkimOption& option, const std::string& value);
  Word honoured(std::string_view key, const std::string& value);
  std::string path_of(std::string_view value) const;
  Word data_set(std::string_view key, const std::string& value);
  Word list(std::string_view key, const std::string& value);
  Word plain_list(std::string_view key, const std::string& value);
  Word boolean(std::string_view key, const std::string& value);
  Word domain_key(std::string_view key, const std::string& value);
  Word action(std::string_view key, const std::string& value);
  Word default_action(const std::string& value);
  bool can_sign() const;
  Word operating_mode(const std::string& value);
  Word canonicalization(const std::string& value);
  Word nameservers(const std::string& value);
  Word authserv_id(const std::string& value);
  Word user(const std::string& value);
  Word socket(const std::string& value);
  Word algorithm(const std::string& value);
  Word test_records(std::string_view key, const std::string& value);
  Word number(const OpendkimOption& option, const std::string& value);
  static std::string value_in_bytes(std::int64_t bytes);
  Word header_limit(std::int64_t bytes);
  Word socket_mask(std::int64_t mask);

  std::span<const OpendkimSetting> settings_;
  TomlDraft& draft_;
  std::string base_directory_;
};

}  // namespace milterd

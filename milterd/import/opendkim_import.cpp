#include "milterd/import/opendkim_import.hpp"

#include <string_view>
#include <utility>

#include "milterd/ascii.hpp"
#include "milterd/config/toml_writer.hpp"
#include "milterd/import/opendkim_rules.hpp"
#include "milterd/import/toml_draft.hpp"

namespace milterd {
namespace {

class Import {
 public:
  explicit Import(std::span<const OpendkimSetting> settings)
      : settings_(settings), rules_(settings, draft_) {}

  Imported make(const std::string& path) && {
    draft_.set("compat", write_toml_string("opendkim"));
    for (const OpendkimSetting& setting : settings_) {
      report(setting);
    }
    keep_defaults();
    return std::move(report_).finish("milterd --import-opendkim from " + path, "that file is",
                                     draft_);
  }

 private:
  void report(const OpendkimSetting& setting) {
    const bool is_secret = equal_ignoring_case(setting.name, "LDAPBindPassword");
    report_.add(setting.place + ": " + setting.name +
                    (setting.value.empty() || is_secret ? "" : " " + setting.value),
                rules_.translate(setting));
  }

  /// The defaults of opendkim that are not milterd's.
  void keep_defaults() {
    const auto say = [&](std::string_view line) { report_.add_silent(line); };
    const auto keep = [&](std::string_view name, std::string_view key, std::string_view value) {
      if (rules_.find(name) == nullptr) {
        draft_.set(key, std::string(value));
        say(std::string(name) + ": as opendkim does, " + std::string(key) + " = " +
            std::string(value));
      }
    };
    keep("Mode", "mode", rules_.mode("sv"));
    keep("AlwaysAddARHeader", "always_add_ar_header", "false");
    keep("Canonicalization", "canonicalization", "\"simple/simple\"");
    keep("MaximumSignaturesToVerify", "maximum_signatures_to_verify", "3");
    if (rules_.find("SignHeaders") == nullptr) {
      say("SignHeaders: not as opendkim does, Message-ID is signed too");
    }
    if (rules_.find("OverSignHeaders") == nullptr) {
      say("OverSignHeaders: not as opendkim does, From is named once more than it is there");
    }
    if (rules_.find("Minimum") == nullptr) {
      say("Minimum: not as opendkim does, a signature has to cover all of the body");
    }
    if (rules_.find("MaximumHeaders") == nullptr) {
      say("MaximumHeaders: not as opendkim does, a header may have 256KiB");
    }
    if (rules_.find("Socket") == nullptr) {
      say("Socket: inet:127.0.0.1:8891; write to [milter] socket what opendkim's option -p said");
    }
    say("rsa-sha1: not as opendkim does, such signatures never pass (RFC 8301)");
  }

  std::span<const OpendkimSetting> settings_;
  TomlDraft draft_{"dkim"};
  OpendkimRules rules_;
  ImportReport report_;
};

}  // namespace

Imported import_opendkim(std::span<const OpendkimSetting> settings, const std::string& path) {
  return Import(settings).make(path);
}

}  // namespace milterd

#include "milterd/config/config_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>
#include <toml++/toml.h>
#include <utility>

#include "milterd/config/problem_list.hpp"
#include "milterd/config/settings_reader.hpp"
#include "milterd/config/toml_section.hpp"
#include "milterd/result.hpp"

namespace milterd {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;
/// toml++ goes one call deeper with each part of a dotted key, which has to stand in one line.
constexpr std::size_t most_line_bytes = 16 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unexpected<Error> cannot_read(int error_number) {
  const bool denied = error_number == EACCES || error_number == EPERM;
  return fail(std::string("cannot read the configuration: ") + std::strerror(error_number) +
              (denied ? "; let the user that milterd starts as read it"
                      : "; name another file with --config"));
}

/// One byte more than is allowed shows that the file is too long.
Result<std::string> read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (!file) {
    return cannot_read(errno);
  }
  std::string text(most_bytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return cannot_read(errno);
  }
  return text;
}

/// toml++ says what it was about and then what it found; the user needs the second first.
std::string explain(std::string_view description) {
  constexpr std::string_view preamble = "Error while parsing ";
  std::string text = "not valid TOML: ";
  if (description.starts_with(preamble)) {
    description.remove_prefix(preamble.size());
    const std::size_t colon = description.find(": ");
    if (colon != std::string_view::npos) {
      text += description.substr(colon + 2);
      text += " (in a " + std::string(description.substr(0, colon)) + ")";
      if (description.contains("could not determine value type")) {
        text += "; a text stands in quotes";
      }
      return text;
    }
  }
  return text + std::string(description);
}

class TomlConfigFile final : public ConfigFile {
 public:
  TomlConfigFile(std::string_view text, const std::string& name)
      : text_(text), problems_(name, text_) {
    parse_text();
    read_settings();
  }
  TomlConfigFile(const TomlConfigFile&) = delete;
  TomlConfigFile& operator=(const TomlConfigFile&) = delete;
  ~TomlConfigFile() override = default;

  const Config& config() const override { return config_; }

  void check_unknown_keys() override { root_->check_unknown_keys(); }

  void add_stage_error(std::size_t stage, std::string_view key, std::string_view text) override {
    stage_sections_.at(stage)->error(key, text);
    // The plugin did not get as far as naming all its keys.
    stage_sections_.at(stage)->accept_unknown_keys();
  }

  void add_error(std::string_view text) { problems_.add_error({}, text); }
  std::vector<Problem> problems() const override { return problems_.sorted(); }
  bool ok() const override { return !problems_.has_errors(); }
  std::string print() const override { return root_->print(); }

 private:
  void parse_text() {
    if (text_.size() > most_bytes) {
      add_error("larger than 1MiB, as no configuration is; name the right file with --config");
      return;
    }
    SourcePosition position{1, 1};
    for (std::size_t begin = 0; begin < text_.size(); ++position.line) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      if (end - begin > most_line_bytes) {
        problems_.add_error(position, "a line may have 16KiB; break the list into several lines");
        return;
      }
      begin = end + 1;
    }
    try {
      table_ = toml::parse(std::string_view(text_));
    } catch (const toml::parse_error& error) {
      const toml::source_position begin = error.source().begin;
      problems_.add_error({begin.line, begin.column}, explain(error.description()));
    }
  }

  void read_settings() {
    root_.emplace("", &table_, SourcePosition{}, problems_);
    config_.milter = read_milter_settings(root_->table("milter"));
    config_.limits = read_limits(root_->table("limits"));
    config_.dns = read_dns_settings(root_->table("dns"));
    config_.log = read_log_settings(root_->table("log"));
    std::set<std::string> names;
    for (TomlSection* section : root_->sections("stage")) {
      if (auto stage = read_stage_settings(*section, names)) {
        config_.stages.push_back(std::move(*stage));
        stage_sections_.push_back(section);
      } else {
        section->accept_unknown_keys();
      }
    }
  }

  std::string text_;
  ProblemList problems_;
  toml::table table_;
  std::optional<TomlSection> root_;
  Config config_;
  std::vector<TomlSection*> stage_sections_;
};

}  // namespace

std::unique_ptr<ConfigFile> ConfigFile::read(const std::string& path) {
  const auto text = read_text(path);
  auto file = std::make_unique<TomlConfigFile>(text ? *text : "", path);
  if (!text) {
    file->add_error(text.error().message);
  }
  return file;
}

std::unique_ptr<ConfigFile> ConfigFile::parse(std::string_view text, const std::string& name) {
  return std::make_unique<TomlConfigFile>(text, name);
}

}  // namespace milterd

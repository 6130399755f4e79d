#include "plugins/chained_milter/milters_setting.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>

namespace milterd::chained_milter {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view separators = ", \t\r\n";

constexpr const char* action_words[] = {"tempfail", "accept", "reject", "quarantine", "shutdown"};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(separators);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(separators) - begin + 1);
}

/// Takes the next word, or the next "{...}" with its braces, from the front of `text`. Nothing at
/// its end; an unclosed brace takes all that is left.
std::optional<std::string_view> next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(separators);
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(begin);
  std::size_t size = 0;
  if (text.front() == '{') {
    int depth = 0;
    do {
      depth += text[size] == '{' ? 1 : 0;
      depth -= text[size] == '}' ? 1 : 0;
      ++size;
    } while (depth > 0 && size < text.size());
  } else {
    size = std::min(text.find_first_of(separators), text.size());
  }
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

/// What stands between the braces of a word that begins with one. Nothing where they do not match.
std::optional<std::string_view> inside(std::string_view word) {
  const auto opened = std::ranges::count(word, '{');
  if (word.size() < 2 || word.back() != '}' || opened != std::ranges::count(word, '}')) {
    return std::nullopt;
  }
  return trimmed(word.substr(1, word.size() - 2));
}

/// Postfix's: a number and s, m, h, d or w; seconds without one. Milliseconds as well.
std::optional<std::chrono::milliseconds> parse_time(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number <= 0 || number > 1'000'000'000) {
    return std::nullopt;
  }
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  static constexpr struct {
    std::string_view unit;
    std::chrono::milliseconds one;
  } units[] = {{"", 1s}, {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}, {"w", 168h}};
  const auto* const found =
      std::ranges::find(units, unit, [](const auto& entry) { return entry.unit; });
  return found == std::end(units) ? std::nullopt : std::optional(number * found->one);
}

class ChildReader {
 public:
  explicit ChildReader(std::vector<std::string>& faults) : faults_(faults) {}

  std::optional<ChildSettings> read(std::string_view word) {
    std::string_view rest;
    if (word.starts_with('{')) {
      const auto text = inside(word);
      if (!text) {
        fault(word, "'{' and '}' do not match");
        return std::nullopt;
      }
      rest = *text;
      const auto first = next_word(rest);
      if (!first) {
        fault(word, "there is no filter in the braces; write { inet:host:port, name=value }");
        return std::nullopt;
      }
      word = *first;
    }
    auto endpoint = milter::parse_endpoint(word);
    if (!endpoint) {
      faults_.push_back(endpoint.error().message);
      sound_ = false;
    } else {
      child_.endpoint = *std::move(endpoint);
    }
    while (const auto option = next_word(rest)) {
      read_option(*option);
    }
    return sound_ ? std::optional(child_) : std::nullopt;
  }

 private:
  void fault(std::string_view word, std::string_view why) {
    faults_.push_back("\"" + std::string(word) + "\": " + std::string(why));
    sound_ = false;
  }

  void read_option(std::string_view word) {
    std::string_view text = word;
    if (word.starts_with('{')) {
      const auto found = inside(word);
      if (!found) {
        fault(word, "'{' and '}' do not match");
        return;
      }
      text = *found;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      fault(word, "it is no name=value; where blanks stand around the '=', write { name = value }");
      return;
    }
    set(word, trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1)));
  }

  void set(std::string_view word, std::string_view name, std::string_view value) {
    if (name == "connect_timeout") {
      set_time(word, child_.timeouts.connect, value);
    } else if (name == "command_timeout") {
      set_time(word, child_.timeouts.command, value);
    } else if (name == "content_timeout") {
      set_time(word, child_.timeouts.content, value);
    } else if (name == "default_action") {
      const auto* const found = std::ranges::find(
          action_words, value, [](const char* action) { return std::string_view(action); });
      if (found == std::end(action_words)) {
        fault(word, "default_action is one of tempfail, accept, reject, quarantine, shutdown");
      } else {
        child_.default_action = static_cast<DefaultAction>(found - std::begin(action_words));
      }
    } else if (name == "protocol") {
      if (value.size() != 1 || value[0] < '2' || value[0] > '6') {
        fault(word, "protocol is a number from 2 to 6");
      } else {
        child_.protocol = static_cast<std::uint32_t>(value[0] - '0');
      }
    } else {
      fault(word,
            "there is no such option; known are connect_timeout, command_timeout, "
            "content_timeout, default_action and protocol");
    }
  }

  void set_time(std::string_view word, std::chrono::milliseconds& setting, std::string_view value) {
    if (const auto time = parse_time(value)) {
      setting = *time;
    } else {
      fault(word, "a time is a whole number with s, m, h or d, as in 10s");
    }
  }

  std::vector<std::string>& faults_;
  ChildSettings child_;
  bool sound_ = true;
};

}  // namespace

const char* to_string(DefaultAction action) {
  return action_words[static_cast<std::size_t>(action)];
}

std::vector<ChildSettings> parse_milters(std::string_view text, std::vector<std::string>& faults) {
  std::vector<ChildSettings> children;
  while (const auto word = next_word(text)) {
    if (auto child = ChildReader(faults).read(*word)) {
      children.push_back(*std::move(child));
    }
  }
  return children;
}

}  // namespace milterd::chained_milter

#include "plugins/header_checks/required_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/pattern.hpp"

namespace milterd::header_checks {
namespace {

/// Reads the top level of a pattern: what stands in groups and classes is only skipped. Every
/// function returns false at something that it does not understand.
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  bool read() {
    while (!rest_.empty()) {
      if (!read_item()) {
        return false;
      }
    }
    end_piece();
    return true;
  }

  std::vector<std::string> take_pieces() { return std::move(pieces_); }

 private:
  bool read_item() {
    switch (rest_.front()) {
      case '\\': return read_escape();
      case '[': return skip_class() && read_gap();
      case '(': return skip_group() && read_gap();
      case '^':
      case '$':
      case '.': rest_.remove_prefix(1); return read_gap();
      case '|':
      case ')':
      case '*':
      case '+':
      case '?':
      case '{': return false;
      default: return read_literal();
    }
  }

  /// What has been skipped may be any text; it ends the piece before it.
  bool read_gap() {
    end_piece();
    bool may_be_absent = false;
    bool repeats = false;
    return read_quantifier(may_be_absent, repeats);
  }

  bool read_literal() {
    const char c = to_lower(rest_.front());
    rest_.remove_prefix(1);
    bool may_be_absent = false;
    bool repeats = false;
    if (!read_quantifier(may_be_absent, repeats)) {
      return false;
    }
    if (!may_be_absent) {
      piece_ += c;
    }
    if (may_be_absent || repeats) {
      end_piece();
    }
    return true;
  }

  bool read_escape() {
    if (rest_.size() < 2) {
      return false;
    }
    const char c = rest_[1];
    if (!is_alphanumeric(c)) {
      rest_.remove_prefix(1);
      return read_literal();
    }
    // Those that stand for one character of a kind, or for a place.
    constexpr std::string_view kinds = "dDwWsShHvVRNbBAzZGtnrfea";
    if (kinds.find(c) == std::string_view::npos) {
      return false;
    }
    rest_.remove_prefix(2);
    // "\N{U+41}": the braces are no quantifier.
    return (c != 'N' || !rest_.starts_with('{')) && read_gap();
  }

  bool read_quantifier(bool& may_be_absent, bool& repeats) {
    if (rest_.empty()) {
      return true;
    }
    switch (rest_.front()) {
      case '*':
      case '?': may_be_absent = true; break;
      case '+': repeats = true; break;
      case '{': return read_counts(may_be_absent, repeats);
      default: return true;
    }
    rest_.remove_prefix(1);
    skip_greed();
    return true;
  }

  /// "{2}", "{2,}" or "{2,3}".
  bool read_counts(bool& may_be_absent, bool& repeats) {
    std::size_t at = 1;
    const auto skip_digits = [&] {
      const std::size_t begin = at;
      while (at < rest_.size() && is_digit(rest_[at])) {
        ++at;
      }
      return at - begin;
    };
    const auto least = skip_digits();
    if (least == 0) {
      return false;
    }
    const auto digits = rest_.substr(1, least);
    may_be_absent = std::ranges::all_of(digits, [](char c) { return c == '0'; });
    repeats = true;
    if (at < rest_.size() && rest_[at] == ',') {
      ++at;
      skip_digits();
    }
    if (at >= rest_.size() || rest_[at] != '}') {
      return false;
    }
    rest_.remove_prefix(at + 1);
    skip_greed();
    return true;
  }

  void skip_greed() {
    if (rest_.starts_with('?') || rest_.starts_with('+')) {
      rest_.remove_prefix(1);
    }
  }

  bool skip_escape() {
    // \Q...\E and \cX take what follows for something else than it looks.
    if (rest_.size() < 2 || rest_[1] == 'Q' || rest_[1] == 'E' || rest_[1] == 'c') {
      return false;
    }
    rest_.remove_prefix(2);
    return true;
  }

  /// "[", to behind its "]".
  bool skip_class() {
    rest_.remove_prefix(1);
    if (rest_.starts_with('^')) {
      rest_.remove_prefix(1);
    }
    for (bool first = true; !rest_.empty(); first = false) {
      const char c = rest_.front();
      if (c == '\\') {
        if (!skip_escape()) {
          return false;
        }
      } else if (c == '[' && rest_.size() > 1 &&
                 (rest_[1] == ':' || rest_[1] == '.' || rest_[1] == '=')) {
        if (!skip_class_name()) {
          return false;
        }
      } else {
        rest_.remove_prefix(1);
        if (c == ']' && !first) {
          return true;
        }
      }
    }
    return false;
  }

  /// "[:alpha:]"
  bool skip_class_name() {
    std::size_t at = 2;
    while (at < rest_.size() && (is_letter(rest_[at]) || rest_[at] == '^')) {
      ++at;
    }
    if (rest_[1] != ':' || !rest_.substr(at).starts_with(":]")) {
      return false;
    }
    rest_.remove_prefix(at + 2);
    return true;
  }

  /// Behind a "(": only groups that change nothing outside of themselves.
  bool skip_group_kind() {
    if (rest_.starts_with('*')) {
      return false;
    }
    if (!rest_.starts_with('?')) {
      return true;
    }
    constexpr std::array<std::string_view, 6> kinds = {"?:", "?=", "?!", "?>", "?<=", "?<!"};
    for (const auto kind : kinds) {
      if (rest_.starts_with(kind)) {
        rest_.remove_prefix(kind.size());
        return true;
      }
    }
    return false;
  }

  /// "(", to behind its ")".
  bool skip_group() {
    std::size_t level = 0;
    while (!rest_.empty()) {
      switch (rest_.front()) {
        case '\\':
          if (!skip_escape()) {
            return false;
          }
          break;
        case '[':
          if (!skip_class()) {
            return false;
          }
          break;
        case '(':
          rest_.remove_prefix(1);
          ++level;
          if (!skip_group_kind()) {
            return false;
          }
          break;
        case ')':
          rest_.remove_prefix(1);
          if (--level == 0) {
            return true;
          }
          break;
        default: rest_.remove_prefix(1);
      }
    }
    return false;
  }

  void end_piece() {
    if (!piece_.empty()) {
      pieces_.push_back(std::exchange(piece_, {}));
    }
  }

  std::string_view rest_;
  std::string piece_;
  std::vector<std::string> pieces_;
};

}  // namespace

std::vector<std::string> required_text(std::string_view pattern, std::uint32_t options) {
  PatternReader reader(pattern);
  if ((options & PCRE2_EXTENDED) != 0 || !reader.read()) {
    return {};
  }
  return reader.take_pieces();
}

}  // namespace milterd::header_checks

#include "milterd/auth_results/authserv_id.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

/// Every control character: some readers pass over more of them than others.
bool is_blank(char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }

bool is_name_char(char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; }

/// The field up to its first ';' that is part of no comment and no quoted string.
class Head {
 public:
  explicit Head(std::string_view value) : text_(value) {
    bool in_word = false;
    while (at_ < text_.size() && text_[at_] != ';') {
      const char c = text_[at_];
      if (c == '(' || is_blank(c)) {
        skip_space_or_comment();
        in_word = false;
        continue;
      }
      if (!in_word) {
        words_.emplace_back();
        in_word = true;
      }
      take_part_of_word();
    }
  }

  std::string_view raw() const { return text_.substr(0, at_); }
  /// What white space and comments divide; `"mx".example.org` is one word.
  const std::vector<std::string>& words() const { return words_; }

 private:
  void skip_space_or_comment() {
    std::size_t depth = 0;
    do {
      const char c = text_[at_];
      if (c == '(') {
        ++depth;
      } else if (c == ')') {
        --depth;
      } else if (c == '\\') {
        ++at_;
      }
      ++at_;
    } while (depth > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
  }

  void take_part_of_word() {
    std::string& word = words_.back();
    if (text_[at_] != '"') {
      word.push_back(text_[at_++]);
      return;
    }
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
      }
      word.push_back(text_[at_]);
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
};

std::string_view without_final_dots(std::string_view id) {
  while (id.ends_with('.')) {
    id.remove_suffix(1);
  }
  return id;
}

/// `ours` in `text`, as a name of its own and not as a part of a longer one.
bool names(std::string_view text, std::string_view ours) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto found = std::ranges::search(
        text.substr(begin), ours, [](char a, char b) { return to_lower(a) == to_lower(b); });
    if (found.empty()) {
      return false;
    }
    const auto at = static_cast<std::size_t>(found.begin() - text.begin());
    const std::string_view behind = text.substr(at + ours.size());
    const std::size_t dots = std::min(behind.find_first_not_of('.'), behind.size());
    const bool begins = at == 0 || !is_name_char(text[at - 1]);
    const bool ends = dots == behind.size() || !is_name_char(behind[dots]);
    if (begins && ends) {
      return true;
    }
    begin = at + 1;
  }
  return false;
}

bool claims_to_be(const Head& head, std::string_view ours) {
  // No honest id is an encoded-word, and some readers would decode it.
  if (names(head.raw(), ours) || head.raw().find("=?") != std::string_view::npos) {
    return true;
  }
  std::string joined;
  for (const std::string& word : head.words()) {
    // Neither a backslash outside quotes nor what is not ASCII belongs into an id; a reader may
    // pass over them.
    std::ranges::copy_if(word, std::back_inserter(joined),
                         [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    const std::string_view id = std::string_view(joined).substr(0, joined.find('/'));
    if (equal_ignoring_case(without_final_dots(id), ours)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string> authserv_id_of(std::string_view value) {
  const Head head(value);
  if (head.words().empty()) {
    return std::nullopt;
  }
  return head.words().front();
}

bool claims_authserv_id(std::string_view value, std::string_view ours) {
  ours = without_final_dots(ours);
  if (ours.empty()) {
    return false;
  }
  // A ';' with nothing before it: there are readers that take no notice of it.
  for (;;) {
    const Head head(value);
    if (claims_to_be(head, ours)) {
      return true;
    }
    if (!head.words().empty() || head.raw().size() == value.size()) {
      return false;
    }
    value.remove_prefix(head.raw().size() + 1);
  }
}

}  // namespace milterd

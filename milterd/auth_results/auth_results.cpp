#include "milterd/auth_results/auth_results.hpp"

#include <algorithm>
#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd {
namespace {

constexpr std::size_t widest_line = 78;
constexpr std::size_t longest_part = 500;
constexpr std::size_t longest_text = 32 * 1024;
/// What stands on the first line before our text.
constexpr std::size_t name_width = std::string_view("Authentication-Results: ").size();

/// RFC 2045 section 5.1.
bool is_token_char(char c) {
  return c > ' ' && c <= '~' && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

/// Parts with single dots between them: RFC 5322's dot-atom, as far as it is a token.
bool is_dotted(std::string_view text) {
  return is_token(text) && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
}

bool is_domain(std::string_view text) {
  return is_dotted(text) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

/// [[local-part] "@"] domain-name may stand without quotes in a property.
bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && (at == 0 || is_dotted(text.substr(0, at))) &&
         is_domain(text.substr(at + 1));
}

char printable(char c) { return c >= ' ' && c <= '~' ? c : '?'; }

std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  result.reserve(text.size() + 2);
  for (const char c : text) {
    if (special.contains(c)) {
      result.push_back('\\');
    }
    result.push_back(printable(c));
  }
  return result;
}

std::string quoted(std::string_view text) { return '"' + escaped(text, "\"\\") + '"'; }

std::string value(std::string_view text) {
  return is_token(text) ? std::string(text) : quoted(text);
}

std::string property_value(std::string_view text) {
  return is_address(text) ? std::string(text) : value(text);
}

/// Method, result, type and name are keywords.
std::string keyword(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return !is_alphanumeric(c) && c != '-' && c != '_' && c != '.'; }, '-');
  return result;
}

class FoldedText {
 public:
  explicit FoldedText(std::string first) : text_(std::move(first)) {
    column_ = name_width + text_.size();
  }

  /// The word comes after a space, or on a new line if it does not fit.
  void add(std::string_view word) {
    if (column_ + 1 + word.size() >= widest_line) {
      add_on_new_line(word);
      return;
    }
    text_.append(" ").append(word);
    column_ += 1 + word.size();
  }
  void add_on_new_line(std::string_view word) {
    text_.append("\r\n\t").append(word);
    column_ = 1 + word.size();
  }
  /// There is always room for the ';' behind a word.
  void end_part() { text_.push_back(';'); }

  std::size_t size() const { return text_.size(); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t column_ = 0;
};

void add_result(FoldedText& text, const AuthResult& result) {
  text.end_part();
  text.add_on_new_line(keyword(result.method) + '=' + keyword(result.result));
  if (!result.reason.empty()) {
    text.add("reason=" + quoted(std::string_view(result.reason).substr(0, longest_part)));
  }
  if (!result.comment.empty()) {
    const std::string_view comment = std::string_view(result.comment).substr(0, longest_part);
    text.add('(' + escaped(comment, "()\\") + ')');
  }
  for (const AuthResult::Property& property : result.properties) {
    if (property.type.size() + property.name.size() + property.value.size() <= longest_part) {
      text.add(keyword(property.type) + '.' + keyword(property.name) + '=' +
               property_value(property.value));
    }
  }
}

}  // namespace

std::string write_auth_results(std::string_view authserv_id, std::span<const AuthResult> results) {
  FoldedText text(value(authserv_id));
  bool any = false;
  for (const AuthResult& result : results) {
    if (!result.method.empty() && !result.result.empty() && text.size() < longest_text) {
      add_result(text, result);
      any = true;
    }
  }
  if (!any) {
    text.end_part();
    text.add("none");
  }
  return text.take();
}

}  // namespace milterd

#include "plugins/header_checks/content_type.hpp"

#include <array>
#include <cstddef>

#include "milterd/ascii.hpp"

namespace milterd::header_checks {
namespace {

constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
constexpr std::size_t most_tokens = 3;

bool is_blank(char c) { return is_space(c) || c == '\r' || c == '\n'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }
bool is_special(char c) { return specials.find(c) != std::string_view::npos || is_control(c); }

struct Token {
  enum class Kind : std::uint8_t { word, quoted, special };
  Kind kind = Kind::special;
  std::string value;

  bool is_word(std::string_view word) const {
    return kind == Kind::word && equal_ignoring_case(value, word);
  }
  bool is_character(char c) const { return kind == Kind::special && value.front() == c; }
};

/// The first tokens of a parameter; what comes behind them is skipped.
struct Parameter {
  std::array<Token, most_tokens> tokens;
  std::size_t count = 0;
  bool is_complete() const { return count == most_tokens; }
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) {}

  /// Up to the next ';'. Nothing when nothing is left.
  std::optional<Parameter> next() {
    Parameter parameter;
    while (!rest_.empty()) {
      const char c = take();
      if (c == ';') {
        return parameter;
      }
      if (is_blank(c)) {
        continue;
      }
      if (c == '(') {
        skip_comment();
        continue;
      }
      Token token = read_token(c);
      if (parameter.count < most_tokens) {
        parameter.tokens.at(parameter.count++) = std::move(token);
      }
    }
    return parameter.count == 0 ? std::nullopt : std::optional(std::move(parameter));
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void skip_comment() {
    for (std::size_t depth = 1; depth > 0 && !rest_.empty();) {
      const char c = take();
      depth += c == '(' ? 1 : 0;
      depth -= c == ')' ? 1 : 0;
      if (c == '\\' && !rest_.empty()) {
        take();
      }
    }
  }

  Token read_token(char first) {
    if (first == '"') {
      return {Token::Kind::quoted, read_quoted()};
    }
    Token token{is_special(first) ? Token::Kind::special : Token::Kind::word,
                std::string(1, first)};
    while (token.kind == Token::Kind::word && !rest_.empty() && !is_blank(rest_.front()) &&
           !is_special(rest_.front())) {
      token.value += take();
    }
    return token;
  }

  std::string read_quoted() {
    std::string value;
    while (!rest_.empty()) {
      char c = take();
      if (c == '"') {
        break;
      }
      if (c == '\n') {
        while (!value.empty() && is_blank(value.back())) {
          value.pop_back();
        }
        continue;
      }
      if (c == '\\') {
        if (rest_.empty()) {
          break;
        }
        c = take();
      }
      value += c;
    }
    return value;
  }

  std::string_view rest_;
};

bool has_subtype(const Parameter& type, std::string_view word) {
  return type.is_complete() && type.tokens[1].is_character('/') && type.tokens[2].is_word(word);
}

}  // namespace

ContentType read_content_type(std::string_view value) {
  Tokens tokens(value);
  const std::optional<Parameter> type = tokens.next();
  ContentType content;
  if (!type || type->count == 0 || type->tokens[0].is_word("text")) {
    content.media = MediaType::leaf;
    return content;
  }
  if (type->tokens[0].is_word("message")) {
    content.media = has_subtype(*type, "rfc822") || has_subtype(*type, "global")
                        ? MediaType::message
                        : MediaType::leaf;
    return content;
  }
  if (!type->tokens[0].is_word("multipart")) {
    return content;
  }
  content.media = MediaType::multipart;
  content.digest = has_subtype(*type, "digest");
  while (const std::optional<Parameter> parameter = tokens.next()) {
    if (parameter->is_complete() && parameter->tokens[0].is_word("boundary") &&
        parameter->tokens[1].is_character('=')) {
      content.boundaries.push_back(parameter->tokens[2].value);
    }
  }
  return content;
}

}  // namespace milterd::header_checks

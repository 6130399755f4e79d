#include "plugins/common/mail_address.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t deepest_comment = 16;
constexpr std::size_t most_addresses = 1000;

bool is_atom_character(char c) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
  return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
         others.find(c) != std::string_view::npos;
}

struct Token {
  enum class Kind { atom, quoted, literal, special };
  Kind kind;
  std::string text;  ///< Without quotes and backslashes; a literal keeps its brackets.
};

/// Splits a field into words and specials, without blanks and comments.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> tokens() {
    std::vector<Token> tokens;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c) || c == '\r' || c == '\n') {
        ++at_;
      } else if (c == '(') {
        if (!skip_comment()) {
          return fail("a comment has no end");
        }
      } else if (c == '"' || c == '[') {
        auto word = read_delimited(c == '"' ? '"' : ']');
        if (!word) {
          return fail(c == '"' ? "a quoted string has no end" : "an address literal has no end");
        }
        tokens.push_back({c == '"' ? Token::Kind::quoted : Token::Kind::literal, std::move(*word)});
      } else if (is_atom_character(c)) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_atom_character(text_[at_])) {
          ++at_;
        }
        tokens.push_back({Token::Kind::atom, std::string(text_.substr(begin, at_ - begin))});
      } else if (std::string_view("<>@,;:.").find(c) != std::string_view::npos) {
        tokens.push_back({Token::Kind::special, std::string(1, c)});
        ++at_;
      } else {
        return fail("a character that no address has");
      }
    }
    return tokens;
  }

 private:
  bool skip_comment() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '(' && ++depth > deepest_comment) {
        return false;
      } else if (c == ')' && --depth == 0) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::optional<std::string> read_delimited(char end) {
    std::string word;
    if (end == ']') {
      word = "[";
    }
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == end) {
        ++at_;
        if (end == ']') {
          word += ']';
        }
        return word;
      }
      if (c == '\\') {
        if (++at_ == text_.size()) {
          return std::nullopt;
        }
        word += text_[at_];
      } else if (c != '\r' && c != '\n') {
        word += c;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<std::vector<MailAddress>> addresses() {
    bool in_group = false;
    while (at_ < tokens_.size()) {
      if (take(',')) {
        continue;
      }
      if (in_group && take(';')) {
        in_group = false;
        continue;
      }
      if (found_.size() == most_addresses) {
        return fail("more than " + std::to_string(most_addresses) + " addresses");
      }
      if (!in_group && take_group_name()) {
        in_group = true;
        continue;
      }
      if (auto read = take_mailbox(); !read) {
        return std::unexpected(read.error());
      }
      if (at_ < tokens_.size() && !is(',') && !(in_group && is(';'))) {
        return fail("something follows an address without a comma");
      }
    }
    if (in_group) {
      return fail("a group has no end");
    }
    return std::move(found_);
  }

 private:
  bool is(Token::Kind kind) const { return at_ < tokens_.size() && tokens_[at_].kind == kind; }
  bool is(char special) const {
    return is(Token::Kind::special) && tokens_[at_].text[0] == special;
  }
  bool take(char special) {
    if (!is(special)) {
      return false;
    }
    ++at_;
    return true;
  }
  void skip_phrase() {
    // "[list] <a@example.org>" is wrong, yet common; it leaves no doubt about the address.
    while (is(Token::Kind::atom) || is(Token::Kind::quoted) || is(Token::Kind::literal) ||
           is('.')) {
      ++at_;
    }
  }

  bool take_group_name() {
    const std::size_t begin = at_;
    skip_phrase();
    if (at_ > begin && take(':')) {
      return true;
    }
    at_ = begin;
    return false;
  }

  Result<> take_mailbox() {
    const std::size_t begin = at_;
    skip_phrase();
    if (!take('<')) {
      at_ = begin;
      return take_address();
    }
    if (is('@')) {
      while (at_ < tokens_.size() && !is(':')) {
        ++at_;
      }
      ++at_;
    }
    if (auto read = take_address(); !read) {
      return read;
    }
    if (!take('>')) {
      return fail("an address in < has no >");
    }
    return {};
  }

  Result<> take_address() {
    auto local_part = take_dotted(true);
    if (!local_part) {
      return fail("an address without a part before @");
    }
    if (!take('@')) {
      return fail("an address without @");
    }
    auto domain =
        is(Token::Kind::literal) ? std::optional(tokens_[at_++].text) : take_dotted(false);
    if (!domain) {
      return fail("an address without a domain");
    }
    found_.push_back({std::move(*local_part), to_lower(*domain)});
    return {};
  }

  std::optional<std::string> take_dotted(bool quotes_allowed) {
    std::string dotted;
    for (;;) {
      if (!is(Token::Kind::atom) && !(quotes_allowed && is(Token::Kind::quoted))) {
        return std::nullopt;
      }
      dotted += tokens_[at_++].text;
      if (!take('.')) {
        return dotted;
      }
      dotted += '.';
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::vector<MailAddress> found_;
};

}  // namespace

Result<std::vector<MailAddress>> parse_address_list(std::string_view value) {
  auto tokens = Lexer(value).tokens();
  if (!tokens) {
    return std::unexpected(std::move(tokens.error()));
  }
  return Parser(std::move(*tokens)).addresses();
}

}  // namespace milterd

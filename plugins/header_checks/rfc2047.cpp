#include "plugins/header_checks/rfc2047.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "milterd/ascii.hpp"
#include "plugins/header_checks/charset.hpp"
#include "plugins/header_checks/white_space.hpp"

namespace milterd::header_checks {
namespace {

struct EncodedWord {
  std::string_view charset;
  std::string bytes;     ///< Decoded, still in that charset.
  std::size_t size = 0;  ///< As it stands in the header.
};

std::optional<std::uint32_t> hex_value(char c) {
  if (is_digit(c)) {
    return static_cast<std::uint32_t>(c - '0');
  }
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? std::optional(static_cast<std::uint32_t>(lower - 'a' + 10))
                                      : std::nullopt;
}

std::optional<std::string> decode_q(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      bytes += text[at] == '_' ? ' ' : text[at];
      continue;
    }
    const auto high = at + 2 < text.size() ? hex_value(text[at + 1]) : std::nullopt;
    const auto low = at + 2 < text.size() ? hex_value(text[at + 2]) : std::nullopt;
    if (!high || !low) {
      return std::nullopt;
    }
    bytes += static_cast<char>(*high << 4U | *low);
    at += 2;
  }
  return bytes;
}

std::optional<std::uint32_t> base64_value(char c) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto value = alphabet.find(c);
  return value == std::string_view::npos ? std::nullopt
                                         : std::optional(static_cast<std::uint32_t>(value));
}

/// Padding may be missing, as it often is.
std::optional<std::string> decode_b(std::string_view text) {
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  std::string bytes;
  std::uint32_t bits = 0;
  std::size_t count = 0;
  for (const char c : text) {
    const auto value = base64_value(c);
    if (!value) {
      return std::nullopt;
    }
    bits = bits << 6U | *value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFFU);
    }
  }
  // Six bits that are left over are no byte's beginning.
  return count < 6 ? std::optional(std::move(bytes)) : std::nullopt;
}

bool is_encoded_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// The word that `text` begins with: "=?charset*language?encoding?text?=".
std::optional<EncodedWord> read_word(std::string_view text) {
  if (!text.starts_with("=?")) {
    return std::nullopt;
  }
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() ||
      text[charset_end + 2] != '?') {
    return std::nullopt;
  }
  const auto begin = charset_end + 3;
  const auto end = text.find('?', begin);
  if (end == std::string_view::npos || !text.substr(end).starts_with("?=")) {
    return std::nullopt;
  }
  const auto encoded = text.substr(begin, end - begin);
  if (!is_encoded_text(encoded)) {
    return std::nullopt;
  }
  const char encoding = to_lower(text[charset_end + 1]);
  std::optional<std::string> bytes;
  if (encoding == 'q') {
    bytes = decode_q(encoded);
  } else if (encoding == 'b') {
    bytes = decode_b(encoded);
  }
  if (!bytes) {
    return std::nullopt;
  }
  const auto charset = text.substr(2, charset_end - 2);
  return EncodedWord{charset.substr(0, charset.find('*')), std::move(*bytes), end + 2};
}

class HeaderDecoder {
 public:
  std::string decode(std::string_view text) {
    while (!text.empty()) {
      const auto begin = std::min(text.find("=?"), text.size());
      add_plain(text.substr(0, begin));
      text.remove_prefix(begin);
      if (text.empty()) {
        break;
      }
      if (auto word = read_word(text)) {
        add_word(*word, text.substr(0, word->size));
        text.remove_prefix(word->size);
      } else {
        add_plain(text.substr(0, 2));
        text.remove_prefix(2);
      }
    }
    end_words();
    result_ += gap_;
    return std::move(result_);
  }

 private:
  void add_plain(std::string_view text) {
    if (text.empty()) {
      return;
    }
    // White space may turn out to stand between two words, where it means nothing.
    if (after_word_ && gap_.empty() && std::ranges::all_of(text, is_white)) {
      gap_ = text;
      return;
    }
    end_words();
    result_ += std::exchange(gap_, {});
    result_ += text;
    after_word_ = false;
  }

  void add_word(const EncodedWord& word, std::string_view source) {
    // A character may be cut in two by the end of a word: words of one charset are one text.
    if (!equal_ignoring_case(charset_, word.charset) && !end_words()) {
      result_ += std::exchange(gap_, {});
    }
    if (words_source_.empty()) {
      charset_ = word.charset;
    }
    words_source_ += std::exchange(gap_, {});
    words_source_ += source;
    words_ += word.bytes;
    after_word_ = true;
  }

  /// False where there were words that have to stay as they are.
  bool end_words() {
    if (words_source_.empty()) {
      return true;
    }
    auto text = converter_.to_utf8(charset_, words_);
    if (text) {
      std::ranges::replace_if(
          *text, [](char c) { return c == '\0' || c == '\r' || c == '\n'; }, ' ');
      result_ += *text;
    } else {
      result_ += words_source_;
    }
    words_.clear();
    words_source_.clear();
    return text.has_value();
  }

  Utf8Converter converter_;
  std::string result_;
  std::string charset_;       ///< Of words_.
  std::string words_;         ///< Bytes of words in a row.
  std::string words_source_;  ///< The same as they stand in the header.
  std::string gap_;           ///< White space behind the last word.
  bool after_word_ = false;
};

}  // namespace

std::string decode_header(std::string_view logical_header) {
  return HeaderDecoder().decode(logical_header);
}

}  // namespace milterd::header_checks

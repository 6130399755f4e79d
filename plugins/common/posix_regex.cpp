#include "plugins/common/posix_regex.hpp"

#include <array>
#include <cstddef>
#include <regex.h>
#include <utility>

#include "milterd/ascii.hpp"

namespace milterd {

namespace {

constexpr std::size_t longest_pattern = 4000;
constexpr std::size_t longest_text = 1000;

bool has_back_reference(std::string_view pattern) {
  for (std::size_t at = pattern.find('\\'); at < pattern.size(); at = pattern.find('\\', at + 2)) {
    if (at + 1 < pattern.size() && is_digit(pattern[at + 1])) {
      return true;
    }
  }
  return false;
}

}  // namespace

struct PosixRegex::Compiled {
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (ready) {
      regfree(&regex);
    }
  }

  regex_t regex{};
  bool ready = false;
};

PosixRegex::PosixRegex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Result<PosixRegex> PosixRegex::compile(const std::string& pattern, Syntax syntax) {
  if (pattern.size() > longest_pattern) {
    return fail("it has more than " + std::to_string(longest_pattern) + " bytes");
  }
  if (pattern.find('\0') != std::string::npos) {
    return fail("it has a NUL in it");
  }
  if (has_back_reference(pattern)) {
    return fail("a backslash with a digit is not supported");
  }
  auto compiled = std::make_shared<Compiled>();
  const int flags = REG_ICASE | REG_NOSUB | (syntax == Syntax::extended ? REG_EXTENDED : 0);
  const int error = regcomp(&compiled->regex, pattern.c_str(), flags);
  if (error != 0) {
    std::array<char, 200> why{};
    regerror(error, &compiled->regex, why.data(), why.size());
    return fail(why.data());
  }
  compiled->ready = true;
  return PosixRegex(std::move(compiled));
}

bool PosixRegex::finds(std::string_view text) const {
  if (text.size() > longest_text || text.find('\0') != std::string_view::npos) {
    return false;
  }
  return regexec(&compiled_->regex, std::string(text).c_str(), 0, nullptr, 0) == 0;
}

}  // namespace milterd

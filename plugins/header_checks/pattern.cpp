#include "plugins/header_checks/pattern.hpp"

#include <algorithm>
#include <array>

namespace milterd::header_checks {
namespace {

// Reserved, used as far as needed. What does not fit is matched without machine code.
constexpr std::size_t first_stack = 32 * 1024;
constexpr std::size_t most_stack = 1024 * 1024;
constexpr std::size_t steps_per_byte = 4;

PCRE2_SPTR bytes(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

}  // namespace

MatchMemory::MatchMemory(std::size_t groups, const Table::Options& options)
    : match_limit_(options.match_limit),
      data_(pcre2_match_data_create(static_cast<std::uint32_t>(groups + 1), nullptr)),
      context_(pcre2_match_context_create(nullptr)),
      stack_(pcre2_jit_stack_create(first_stack, most_stack, nullptr)) {
  if (context_) {
    pcre2_set_heap_limit(context_.get(), options.heap_limit);
    pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  }
}

void MatchMemory::limit_for(std::size_t key_size) {
  const auto steps = std::min<std::size_t>(key_size, UINT32_MAX / steps_per_byte) * steps_per_byte;
  pcre2_set_match_limit(context_.get(), std::max(match_limit_, static_cast<std::uint32_t>(steps)));
}

std::span<const std::size_t> MatchMemory::offsets() const {
  return {pcre2_get_ovector_pointer(data_.get()),
          std::size_t{2} * pcre2_get_ovector_count(data_.get())};
}

Result<Pattern> Pattern::compile(std::string_view pattern, std::uint32_t options) {
  int error = 0;
  std::size_t offset = 0;
  pcre2_code* code =
      pcre2_compile(bytes(pattern), pattern.size(), options, &error, &offset, nullptr);
  if (code == nullptr) {
    return fail("the pattern is wrong at offset " + std::to_string(offset) + ": " +
                pcre_error_text(error));
  }
  return Pattern(code);
}

void Pattern::compile_to_machine_code() {
  // Without it pcre2_match() interprets the pattern: the same answers, slower.
  static_cast<void>(pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE));
}

std::size_t Pattern::groups() const {
  std::uint32_t count = 0;
  static_cast<void>(pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &count));
  return count;
}

Pattern::Outcome Pattern::match(std::string_view key, MatchMemory& memory, int& error) const {
  if (!memory.context_ || !memory.data_) {
    error = PCRE2_ERROR_NOMEMORY;
    return Outcome::failed;
  }
  memory.limit_for(key.size());
  int found = pcre2_match(code_.get(), bytes(key), key.size(), 0, 0, memory.data_.get(),
                          memory.context_.get());
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
    found = pcre2_match(code_.get(), bytes(key), key.size(), 0, PCRE2_NO_JIT, memory.data_.get(),
                        memory.context_.get());
  }
  if (found > 0) {
    return Outcome::match;
  }
  error = found;
  return found == PCRE2_ERROR_NOMATCH ? Outcome::no_match : Outcome::failed;
}

std::string pcre_error_text(int error) {
  std::array<PCRE2_UCHAR, 256> text{};
  const int size = pcre2_get_error_message(error, text.data(), text.size());
  return size < 0 ? "PCRE2 error " + std::to_string(error)
                  : std::string(reinterpret_cast<const char*>(text.data()));
}

}  // namespace milterd::header_checks

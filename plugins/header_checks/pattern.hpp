#pragma once
/// A compiled regular expression (PCRE2), and what a match needs beside it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "milterd/result.hpp"
#include "plugins/header_checks/table.hpp"

namespace milterd::header_checks {

/// Working memory for matches, one after the other: used by one thread at a time.
class MatchMemory {
 public:
  /// `groups`: as many as any of the patterns has.
  MatchMemory(std::size_t groups, const Table::Options& options);

  /// Of the last match that succeeded: begin and end of the whole and of each group.
  std::span<const std::size_t> offsets() const;

 private:
  friend class Pattern;
  /// A pattern that only runs along its key must get to the end of a long one.
  void limit_for(std::size_t key_size);

  template <auto free>
  struct Free {
    template <class T>
    void operator()(T* handle) const {
      free(handle);
    }
  };

  std::uint32_t match_limit_;
  std::unique_ptr<pcre2_match_data, Free<pcre2_match_data_free>> data_;
  std::unique_ptr<pcre2_match_context, Free<pcre2_match_context_free>> context_;
  std::unique_ptr<pcre2_jit_stack, Free<pcre2_jit_stack_free>> stack_;
};

/// Thread-safe once compile_to_machine_code() has returned.
class Pattern {
 public:
  /// `options` are PCRE2's. Bytes are characters: no UTF. Error: "... at offset 3: why".
  static Result<Pattern> compile(std::string_view pattern, std::uint32_t options);

  /// Matches several times faster then. Where the system allows none, all goes on without.
  void compile_to_machine_code();
  std::size_t groups() const;

  enum class Outcome : std::uint8_t { match, no_match, failed };
  /// `failed`: a limit, or bad UTF-8 where the pattern itself asked for that; `error` says which.
  Outcome match(std::string_view key, MatchMemory& memory, int& error) const;

 private:
  struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  };
  explicit Pattern(pcre2_code* code) : code_(code) {}

  std::unique_ptr<pcre2_code, Free> code_;
};

/// PCRE2's words for one of its errors.
std::string pcre_error_text(int error);

}  // namespace milterd::header_checks
